// Answers that wait for the network, in IndexedDB: label keys, certainties, times and the person's own remarks, under
// their `client_key`; never the text of a case.
const STORE = "answers";
const fallback = new Map(); // without a database, for as long as the page is open

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

// A failing database (full, closed, private mode) must neither lose an answer nor block others.
export const keep = async (entry) => {
  try {
    if (await database) { await run("readwrite", (store) => store.put(entry)); return; }
  } catch { /* kept in memory instead */ }
  fallback.set(entry.key, entry);
};
const drop = async (key) => {
  fallback.delete(key);
  if (await database) await run("readwrite", (store) => store.delete(key));
};
// The account of this page: answers of other accounts on this device are not sent.
export const account = document.body.dataset.account ?? "";
export const waiting = async () => {
  const stored = (await database) ? await run("readonly", (store) => store.getAll()).catch(() => []) : [];
  const mine = [...stored, ...fallback.values()].filter((entry) => account && entry.account === account);
  return mine.sort((a, b) => a.payload.submitted_at.localeCompare(b.payload.submitted_at));
};

// ---- delivery: oldest answer first, from any page of the person ---------------------------------
const csrfToken = () => /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1]
  ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

export const send = (address, method, payload, more = {}) => fetch(address, {
  method, credentials: "same-origin", redirect: "error",
  headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
  body: JSON.stringify(payload), ...more,
});

const post = async (entry, query) => {
  let response;
  try { response = await send(entry.address + query, "POST", entry.payload); } catch { return { kind: "offline" }; }
  const body = await response.json().catch(() => ({}));
  if (response.status === 200 || response.status === 201) return { kind: "stored", ...body };
  if (response.status === 409) return { kind: "conflict", ...body };
  if (response.status === 401 || response.status === 403) return { kind: "signed_out" };
  // A permanent refusal leaves the outbox. After a 404 the text may be assigned again, so the answer stays.
  if ([400, 413, 415, 422].includes(response.status)) return { kind: "refused", ...body };
  return { kind: response.status === 404 ? "gone" : "failing", ...body };
};

// An answer that fails stays and blocks only later answers to the same text. Offline or signed out, the rest is not
// tried. `settle(entry, outcome)` is called for each answer that has left. `expected()` are entries whose outcome the
// page does not know: if another tab has sent them, the server repeats the outcome for their key. `query(entry)` asks for
// more in the reply.
export const deliver = async (settle = () => {}, expected = () => [], query = () => "") => {
  const pending = expected();
  const entries = await waiting();
  const keys = new Set(entries.map(({ key }) => key));
  entries.unshift(...pending.filter(({ key }) => !keys.has(key)));
  const stuck = [];
  for (const [index, entry] of entries.entries()) {
    const earlier = stuck.find((one) => one.entry.seat === entry.seat);
    if (earlier) { stuck.push({ entry, outcome: earlier.outcome }); continue; }
    const outcome = await post(entry, query(entry));
    if (outcome.kind === "offline" || outcome.kind === "signed_out") {
      stuck.push(...entries.slice(index).map((one) => ({ entry: one, outcome })));
      break;
    }
    if (outcome.kind === "failing" || outcome.kind === "gone") { stuck.push({ entry, outcome }); continue; }
    await drop(entry.key);
    await settle(entry, outcome);
  }
  return { stuck, n: entries.length };
};
