// Answers that wait for the network, in IndexedDB: codes, certainties, times and the person's own
// remarks under the key of the submit contract; never the text of a case.
const STORE = "answers";
const fallback = new Map(); // where the browser keeps no database, at least as long as the page lives

const database = new Promise((resolve) => {
  let request;
  try { request = indexedDB.open("hlv-outbox", 1); } catch { return resolve(null); }
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => resolve(null);
});

const run = async (mode, use) => {
  const db = await database;
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(STORE, mode);
    const request = use(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
};

// A database that fails (full, closed, private mode) must not lose an answer nor stop the sending of others.
export const keep = async (entry) => {
  try {
    if (await database) { await run("readwrite", (store) => store.put(entry)); return; }
  } catch { /* the page keeps it instead */ }
  fallback.set(entry.key, entry);
};
const drop = async (key) => {
  fallback.delete(key);
  if (await database) await run("readwrite", (store) => store.delete(key));
};
// Whose page this is: answers of others on the same device wait for them.
export const account = document.body.dataset.account ?? "";
export const waiting = async () => {
  const stored = (await database) ? await run("readonly", (store) => store.getAll()).catch(() => []) : [];
  const mine = [...stored, ...fallback.values()].filter((entry) => account && entry.account === account);
  return mine.sort((a, b) => a.payload.submitted_at.localeCompare(b.payload.submitted_at));
};

// ---- delivery: in the order of the answers, from whichever page the person opens ----------------
const csrfToken = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1]
  ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

export const send = (address, method, payload, more = {}) => fetch(address, {
  method, credentials: "same-origin", redirect: "error",
  headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
  body: JSON.stringify(payload), ...more,
});

const post = async (entry) => {
  let response;
  try { response = await send(entry.address, "POST", entry.payload); } catch { return { kind: "offline" }; }
  const body = await response.json().catch(() => ({}));
  if (response.status === 200 || response.status === 201) return { kind: "stored", ...body };
  if (response.status === 409) return { kind: "conflict", ...body };
  if (response.status === 401 || response.status === 403) return { kind: "signed_out" };
  // What can never be stored as it is leaves the outbox. A seat that is not there may come back, with its person.
  if ([400, 413, 415, 422].includes(response.status)) return { kind: "refused", ...body };
  return { kind: response.status === 404 ? "gone" : "failing", ...body };
};

// What the server does not take stays, and holds up nothing but later words on the same text; the rest is not tried
// only where nothing can be sent now. `settle(entry, outcome)` hears of what has left. `given()` are entries whose page
// has not heard what became of them: those that wait no more were sent by another tab, and the server, asked again
// under their key, says it once more.
export const deliver = async (settle = () => {}, given = () => []) => {
  const unheard = given();
  const entries = await waiting();
  const keys = new Set(entries.map(({ key }) => key));
  entries.unshift(...unheard.filter(({ key }) => !keys.has(key)));
  const stuck = [];
  for (const [place, entry] of entries.entries()) {
    const before = stuck.find((one) => one.entry.seat === entry.seat);
    if (before) { stuck.push({ entry, outcome: before.outcome }); continue; }
    const outcome = await post(entry);
    if (outcome.kind === "offline" || outcome.kind === "signed_out") {
      stuck.push(...entries.slice(place).map((one) => ({ entry: one, outcome })));
      break;
    }
    if (outcome.kind === "failing" || outcome.kind === "gone") { stuck.push({ entry, outcome }); continue; }
    await drop(entry.key);
    await settle(entry, outcome);
  }
  return { stuck, n: entries.length };
};
