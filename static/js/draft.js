// Drafts: choices and words that are not submitted survive a reload, another page and a closed browser, and open on
// another device. The server has the newest; this device keeps choices without the text of a case, and words only until
// they arrive.
import { conflictKey } from "./conflict.js";
import { account, send } from "./outbox.js";
import { showNotice } from "./notice.js";

const CHOICES = "input[type=radio], input[type=checkbox]";
const DRAFTED = "input[data-drafted]";
const WORDS = "textarea, input[type=text]";
const [WORDS_DELAY_MS, CHOICES_DELAY_MS] = [1200, 4000];
const MAX_OWN_SAVES = 20;
const MAX_AGE_MS = 30 * 24 * 3600 * 1000;

// Old drafts are deleted.
for (const name of Object.keys(localStorage).filter((one) => one.startsWith("draft/"))) {
  const kept = JSON.parse(localStorage.getItem(name));
  if (!(Date.now() - kept?.at < MAX_AGE_MS)) localStorage.removeItem(name);
}

// An open tab has a lock with its name, so no tab restores the choices of another open tab.
const tab = sessionStorage.getItem("tab") ?? crypto.getRandomValues(new Uint32Array(2)).join("-");
sessionStorage.setItem("tab", tab);
navigator.locks?.request(`tab/${tab}`, () => new Promise(() => {}));
const isAlive = async (name) => {
  if (!navigator.locks) return true;
  const { held } = await navigator.locks.query();
  return held.some((lock) => lock.name === `tab/${name}`);
};

// A page that is closed still sends its draft.
let flush = () => {};
addEventListener("pagehide", () => flush());
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });

export const startDraft = ({ form, page }) => {
  const place = `${page.person}/${page.place}`;
  const [choices, words, conflictName] = [`draft/${place}`, `words/${place}`, conflictKey(page.person, page.place)];
  const fields = (kind) => [...form.querySelectorAll(kind)];
  // The answer that this would revise: a draft of a change to another answer is not restored.
  const replaces = form.elements.replaces.value;
  const chosen = () => [
    ...fields(CHOICES).filter((input) => input.checked),
    ...fields(DRAFTED).filter((input) => input.value && input.value !== "[]"),
  ].map((input) => [input.name, input.value]);
  const written = () => fields(WORDS).map((input) => [input.name, input.value]);
  // For the server: what is not in it is not chosen.
  const choicesByField = () => Object.fromEntries(chosen().filter(([, value]) => value));
  const state = () => JSON.stringify([chosen(), written()]);
  const first = state();
  const firstWords = JSON.stringify(written());
  const firstChoices = JSON.stringify(chosen());
  let isSubmitted = false;
  let version = page.draft?.version ?? 0;
  let timer = null;
  let saving = Promise.resolve();
  let ownSaves = [];
  let underWay = null;

  const kept = () => JSON.stringify({ replaces, tab, account, at: Date.now(), chosen: chosen() });
  const isTouched = () => state() !== first;
  const drop = () => {
    clearTimeout(timer);
    for (const name of [choices, words]) { sessionStorage.removeItem(name); localStorage.removeItem(name); }
  };
  // Which version on the server has these choices: a later one, of another device, is newer.
  const noteSent = () => {
    for (const storage of [sessionStorage, localStorage]) {
      const found = JSON.parse(storage.getItem(choices) ?? "null");
      if (found?.tab === tab) storage.setItem(choices, JSON.stringify({ ...found, sent: version }));
    }
  };
  // Stored with the words: the version the page has seen, and its own saves without a reply so far.
  const noteWords = () => sessionStorage.setItem(words, JSON.stringify({ replaces, written: written(), seen: version, mine: ownSaves }));
  const keepWords = async ({ keepalive = false } = {}) => {
    clearTimeout(timer);
    const now = state();
    if (isSubmitted || !page.draft || !sessionStorage.getItem(words) || underWay === now) return;
    const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
    const payload = { ...Object.fromEntries(written()), choices: choicesByField(), replaces: replaces || null, seen: version, key, mine: ownSaves };
    underWay = now;
    ownSaves = [...ownSaves.slice(1 - MAX_OWN_SAVES), key];
    noteWords();
    const reply = await send(page.draft.address, "PUT", payload, { keepalive }).catch(() => null);
    // A later save is already under way: its reply counts.
    if (ownSaves.at(-1) !== key) return;
    underWay = null;
    if (!reply || isSubmitted) return;
    if (reply.ok) {
      version = (await reply.json()).version;
      ownSaves = [];
      if (state() === now) { sessionStorage.removeItem(words); noteSent(); } else noteWords();
    } else if (reply.status === 409) showNotice((await reply.json()).sentence);
  };
  const saveWords = (options) => (saving = saving.then(() => keepWords(options)));
  // A page that is left does not wait for an earlier save; it names that save, so the server accepts both.
  flush = () => keepWords({ keepalive: true });

  const save = () => {
    if (isSubmitted) return;
    const now = kept();
    if (isTouched()) {
      // For this tab, and for the device in case the tab is closed.
      sessionStorage.setItem(choices, now);
      localStorage.setItem(choices, now);
    } else drop();
    if (!isTouched() && !version) { sessionStorage.removeItem(words); return; }
    noteWords();
    clearTimeout(timer);
    timer = setTimeout(saveWords, JSON.stringify(written()) === firstWords ? CHOICES_DELAY_MS : WORDS_DELAY_MS);
  };
  const stored = (storage, name) => {
    const found = JSON.parse(storage.getItem(name) ?? "null");
    if (found && found.replaces !== replaces) { storage.removeItem(name); return null; }
    return found;
  };
  // Choices of this device, unless the server has newer ones.
  const storedChoices = (storage) => {
    const found = stored(storage, choices);
    if (!found || !page.draft) return found;
    const isOld = found.sent === undefined
      ? page.draft.version > 0 && Date.parse(page.draft.saved_at) > found.at : found.sent !== page.draft.version;
    if (!isOld) return found;
    storage.removeItem(choices);
    return null;
  };
  const choose = (found) => {
    const checked = new Set(found.chosen.map(String));
    for (const input of fields(CHOICES)) input.checked = checked.has(String([input.name, input.value]));
    const values = new Map(found.chosen);
    for (const input of fields(DRAFTED)) input.value = values.get(input.name) ?? "";
  };
  const write = (found) => {
    const values = new Map(found.written);
    for (const input of fields(WORDS)) input.value = values.get(input.name) ?? input.value;
  };
  const restore = () => {
    const [keptChoices, keptWords] = [storedChoices(sessionStorage), stored(sessionStorage, words)];
    if (keptChoices) choose(keptChoices);
    if (keptWords) {
      write(keptWords);
      // The version that this tab has seen: a reload does not show what another tab wrote.
      version = keptWords.seen ?? version;
      ownSaves = keptWords.mine ?? [];
      timer = setTimeout(saveWords, WORDS_DELAY_MS);
    }
    return { choices: Boolean(keptChoices), words: Boolean(keptWords) || version > 0 };
  };
  // The choices of a closed tab that the server does not have.
  const restoreOfClosedTab = async () => {
    const found = storedChoices(localStorage);
    if (!found || (await isAlive(found.tab)) || isSubmitted || JSON.stringify(chosen()) !== firstChoices) return false;
    choose(found);
    return true;
  };
  // For a refused answer whose text is no longer on the page: it is restored when that text opens.
  const snapshot = () => ({
    given: { chosen: chosen(), written: written() },
    restoreLater: () => {
      sessionStorage.setItem(choices, kept());
      sessionStorage.setItem(words, JSON.stringify({ replaces, written: written() }));
    },
  });
  const unstored = stored(sessionStorage, conflictName);
  const useUnstored = () => {
    choose(unstored);
    write(unstored);
    sessionStorage.removeItem(conflictName);
    save();
  };
  return {
    save, restore, restoreOfClosedTab, isTouched, isPending: () => !isSubmitted && isTouched(), snapshot, unstored, useUnstored,
    // After submission the outbox keeps the answer.
    markSubmitted: () => { isSubmitted = true; drop(); sessionStorage.removeItem(conflictName); },
    reopen: () => { isSubmitted = false; save(); },
  };
};
