// What is chosen and not yet given survives a reload, another page and the end of the browser: choices on this
// device, never the text of a case. Words go to the server as they are written, and wait in this tab until they are there.
import { conflictKey } from "./conflict.js";
import { account, send } from "./outbox.js";
import { showNotice } from "./notice.js";

const CHOICES = "input[type=radio], input[type=checkbox]";
const WORDS = "textarea, input[type=text]";
const PAUSE_MS = 1200;
const MOST_MINE = 20;
const KEPT_MS = 30 * 24 * 3600 * 1000;

// Texts that were left for good leave nothing here for ever.
for (const name of Object.keys(localStorage).filter((one) => one.startsWith("draft/"))) {
  const kept = JSON.parse(localStorage.getItem(name));
  if (!(Date.now() - kept?.at < KEPT_MS)) localStorage.removeItem(name);
}

// A tab holds a lock of its own name while it lives: what another living tab has chosen stays that tab's.
const tab = sessionStorage.getItem("tab") ?? crypto.getRandomValues(new Uint32Array(2)).join("-");
sessionStorage.setItem("tab", tab);
navigator.locks?.request(`tab/${tab}`, () => new Promise(() => {}));
const isAlive = async (name) => {
  if (!navigator.locks) return true;
  const { held } = await navigator.locks.query();
  return held.some((lock) => lock.name === `tab/${name}`);
};

// A page that is closed in the middle still sends what was written.
let flush = () => {};
addEventListener("pagehide", () => flush());
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });

export const startDraft = ({ form, page }) => {
  const place = `${page.person}/${page.place}`;
  const [choices, words, aside] = [`draft/${place}`, `words/${place}`, conflictKey(page.person, page.place)];
  const fields = (kind) => [...form.querySelectorAll(kind)];
  // The answer that this would revise: a draft made over another one is not laid over this one.
  const replaces = form.elements.replaces.value;
  const chosen = () => fields(CHOICES).filter((input) => input.checked).map((input) => [input.name, input.value]);
  const written = () => fields(WORDS).map((input) => [input.name, input.value]);
  const state = () => JSON.stringify([chosen(), written()]);
  const first = state();
  const firstWords = JSON.stringify(written());
  const firstChoices = JSON.stringify(chosen());
  let given = false;
  let version = page.draft?.version ?? 0;
  let timer = null;
  let saving = Promise.resolve();
  let mine = [];
  let underWay = null;

  const kept = (over = replaces) => JSON.stringify({ replaces: over, tab, account, at: Date.now(), chosen: chosen() });
  const isTouched = () => state() !== first;
  const drop = () => {
    clearTimeout(timer);
    for (const name of [choices, words]) { sessionStorage.removeItem(name); localStorage.removeItem(name); }
  };
  // Written beside the words: what the page had seen, and which of its own saves may have arrived unheard.
  const noteWords = () => sessionStorage.setItem(words, JSON.stringify({ replaces, written: written(), seen: version, mine }));
  const keepWords = async ({ keepalive = false } = {}) => {
    clearTimeout(timer);
    const now = JSON.stringify(written());
    if (given || !page.draft || !sessionStorage.getItem(words) || underWay === now) return;
    const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
    const payload = { ...Object.fromEntries(written()), replaces: replaces || null, seen: version, key, mine };
    underWay = now;
    mine = [...mine.slice(1 - MOST_MINE), key];
    noteWords();
    const reply = await send(page.draft.address, "PUT", payload, { keepalive }).catch(() => null);
    // A later save was sent before this one was heard of: what became of that one counts.
    if (mine.at(-1) !== key) return;
    underWay = null;
    if (!reply || given) return;
    if (reply.ok) {
      version = (await reply.json()).version;
      mine = [];
      if (JSON.stringify(written()) === now) sessionStorage.removeItem(words);
      else noteWords();
    } else if (reply.status === 409) showNotice((await reply.json()).sentence);
  };
  const saveWords = (options) => (saving = saving.then(() => keepWords(options)));
  // A page that is left waits for no earlier save, and names it: the server then knows it for this page's own.
  flush = () => keepWords({ keepalive: true });

  const save = () => {
    if (given) return;
    const now = kept();
    if (isTouched()) {
      // This tab's own first; the device's for when the tab is gone.
      sessionStorage.setItem(choices, now);
      localStorage.setItem(choices, now);
    } else drop();
    if (JSON.stringify(written()) === firstWords && !version) { sessionStorage.removeItem(words); return; }
    noteWords();
    clearTimeout(timer);
    timer = setTimeout(saveWords, PAUSE_MS);
  };
  const over = (storage, name) => {
    const found = JSON.parse(storage.getItem(name) ?? "null");
    if (found && found.replaces !== replaces) { storage.removeItem(name); return null; }
    return found;
  };
  const choose = (found) => {
    const held = new Set(found.chosen.map(String));
    for (const input of fields(CHOICES)) input.checked = held.has(String([input.name, input.value]));
  };
  const write = (found) => {
    const held = new Map(found.written);
    for (const input of fields(WORDS)) input.value = held.get(input.name) ?? input.value;
  };
  const restore = () => {
    const [keptChoices, keptWords] = [over(sessionStorage, choices), over(sessionStorage, words)];
    if (keptChoices) choose(keptChoices);
    if (keptWords) {
      write(keptWords);
      // As this tab had seen them: what another wrote meanwhile is not seen by loading the page anew.
      version = keptWords.seen ?? version;
      mine = keptWords.mine ?? [];
      timer = setTimeout(saveWords, PAUSE_MS);
    }
    return { choices: Boolean(keptChoices), words: Boolean(keptWords) || version > 0 };
  };
  // What a tab that is gone, with its browser perhaps, had chosen; its words come from the server.
  const restoreOfGoneTab = async () => {
    const found = over(localStorage, choices);
    if (!found || (await isAlive(found.tab)) || given || JSON.stringify(chosen()) !== firstChoices) return false;
    choose(found);
    return true;
  };
  // For a text that may not be on the page any more, should its answer come back: to be restored there.
  const asGiven = () => ({
    given: { chosen: chosen(), written: written() },
    layBack: () => {
      sessionStorage.setItem(choices, kept());
      sessionStorage.setItem(words, JSON.stringify({ replaces, written: written() }));
    },
  });
  const beside = over(sessionStorage, aside);
  const takeBeside = () => {
    choose(beside);
    write(beside);
    sessionStorage.removeItem(aside);
    save();
  };
  return {
    save, restore, restoreOfGoneTab, isTouched, isPending: () => !given && isTouched(), asGiven, beside, takeBeside,
    // Handed over to be sent: from then on what waits for the network keeps it.
    hand: () => { given = true; drop(); sessionStorage.removeItem(aside); },
    takeBack: () => { given = false; save(); },
  };
};
