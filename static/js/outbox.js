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
export const drop = async (key) => {
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
