// Sending what was given without leaving the page, keeping what could not be sent, and saying what became of
// it. Both desks use it; `page` is what the view hands over: person, place, address, next and words.
import { keepConflict } from "./conflict.js";
import { startDraft } from "./draft.js";
import { account, deliver, keep } from "./outbox.js";
import { clearNotice, showNotice } from "./notice.js";

const RETRY_MS = 5000;
const PATIENCE_MS = 400;

const saved = document.getElementById("saved");
// Said again at the form, where the head of the page scrolls away and nothing else is to be said.
const drawIdle = () => { document.getElementById("notice").dataset.idle = saved.querySelector("#saved-words").textContent; };
const drawSaved = (words, { isWaiting }) => {
  saved.querySelector("#saved-words").textContent = words;
  saved.classList.toggle("is-waiting", isWaiting);
  saved.querySelector(".waiting-icon").hidden = !isWaiting;
  saved.querySelector(".saved-icon").hidden = isWaiting;
  drawIdle();
};

// What the server says of progress and of the last save, in place of what the page said; what is not saved yet stays said.
export const drawStatus = (fresh) => {
  for (const part of [".progress-meters", "#saved:not(.is-waiting)"]) {
    const found = fresh.querySelector(part);
    if (found) document.querySelector(part)?.replaceChildren(...found.childNodes);
  }
  drawIdle();
};
// What another tab saved counts here too.
const countAnew = async () => {
  const response = await fetch(location.href).catch(() => null);
  if (response?.ok) drawStatus(new DOMParser().parseFromString(await response.text(), "text/html"));
};

// What was given and waits for the network is out of reach until it is known what became of it: whatever were chosen
// or written meanwhile would be lost when the page goes on.
const rest = (form, isResting) => {
  form.classList.toggle("is-submitting", isResting);
  const said = document.getElementById("notice");
  const besideIt = (part) => (part.contains(said) ? [...part.children].flatMap((one) => (one === said ? [] : besideIt(one))) : [part]);
  for (const part of besideIt(form)) part.inert = isResting;
};

// `onGiven()` may bring the next text at once and says whether it did; else the page goes on once all is stored.
// `onReply(outcome)` hears each reply to an answer, `onDelivered()` that nothing waits any more.
export const startSubmission = ({ form, page, onGiven = () => false, onReply = () => {}, onDelivered = () => {} }) => {
  let here = null;
  // Given on this page and not stored yet: how to lay aside what was chosen, should the server not take it.
  const asGiven = new Map();
  const told = new Set();
  // What was given last is not stored, and is not waiting either: the head says so until something is given again.
  let isTurnedDown = false;

  // Of an answer that stands: what the head says of the last save is not true of what is chosen now.
  const isChange = () => here.page.words.change_unsaved && here.form.elements.replaces.value && here.draft.isPending();
  const sayRestored = () => {
    here.restored = true;
    drawSaved(here.page.words.restored, { isWaiting: true });
    // Where the head of the page scrolls away, it is said at the form as well.
    if (matchMedia("(max-width: 64rem)").matches) showNotice(here.page.words.restored);
  };
  // The stored answer is shown; the one that was not stored over it is taken up on request, as one choice.
  const offerBeside = ({ form: there, page: { words: say }, draft }) => {
    const take = () => {
      draft.takeBeside();
      there.dispatchEvent(new Event("restored"));
      clearNotice();
      there.querySelector("#save").focus();
    };
    showNotice(say.stored_shown, [{ act: take, words: say.use_unstored }]).querySelector("a, button").focus();
  };
  const at = (next) => {
    const draft = startDraft(next);
    const mine = { ...next, draft, restored: false };
    here = mine;
    drawIdle();
    const restored = draft.restore();
    if (restored.choices || restored.words) sayRestored();
    else if (draft.beside) offerBeside(mine);
    if (!restored.choices && !draft.beside) {
      draft.restoreOfGoneTab().then((found) => {
        if (!found || here !== mine) return;
        sayRestored();
        mine.form.dispatchEvent(new Event("restored"));
      });
    }
    const touched = ({ target }) => {
      if (target.type === "search") return;
      clearNotice();
      draft.save();
      if (isChange()) drawSaved(mine.page.words.change_unsaved, { isWaiting: true });
    };
    for (const kind of ["change", "input", "undone"]) here.form.addEventListener(kind, touched);
  };

  const words = (kind, n) => {
    const { signed_out: signedOut, no_more_texts: noMoreTexts, kept_on_device: kept } = here.page.words;
    if (kind === "signed_out") return signedOut;
    return noMoreTexts && here.form.matches(".is-submitting") ? noMoreTexts.replace("{n}", n) : kept;
  };
  const tellOfLoss = ({ sentence, detail, revise }) => showNotice(
    `${here.page.words.refused} ${sentence ?? detail ?? ""}`,
    revise ? [{ href: revise, words: here.page.words.show_text }] : [],
  );
  const stay = (stuck) => {
    const n = stuck.length;
    const said = here.page.words;
    drawSaved(n === 1 ? said.one_waiting : said.many_waiting.replace("{n}", n), { isWaiting: true });
    for (const { entry, outcome } of stuck) {
      if (outcome.kind === "gone") {
        if (sessionStorage.getItem(`told/${entry.key}`)) continue;
        sessionStorage.setItem(`told/${entry.key}`, "1");
        tellOfLoss(outcome);
      } else if (!told.has(outcome.kind) && (entry.seat === here.page.place || asGiven.has(entry.key))) {
        told.add(outcome.kind);
        showNotice(words(outcome.kind, n));
      }
    }
  };
  const sayWhatStands = async (outcome, entry, { isHere }) => {
    const stored = { href: outcome.revise, words: here.page.words.show_stored };
    // What was given waits beside the stored answer, which is shown first.
    if (outcome.stored) keepConflict(entry, outcome.stored.uuid);
    if (!isHere && entry.name && here.page.words.earlier_conflict && !entry.payload.replaces) {
      showNotice(here.page.words.earlier_conflict.replace("{text}", entry.name), [stored]);
      return;
    }
    if (entry.payload.replaces || !isHere) { showNotice(outcome.sentence, [stored]); return; }
    const box = showNotice(here.page.words.conflict, [{ href: entry.next, words: here.page.words.next, key: "Enter" }, stored]);
    box.querySelector("a").focus();
    await countAnew();
  };

  let isLeaving = false;
  const settle = async (entry, outcome) => {
    // Another tab may send an answer to what stands here: whoever is at work on it is not moved on.
    const isHere = entry.key === here.form.elements.client_key.value
      || (entry.seat === here.page.place && !here.draft.isTouched());
    if (outcome.kind === "stored" && isHere && !isLeaving) {
      isLeaving = true;
      location.assign(entry.next);
    }
    if (outcome.kind !== "stored") isTurnedDown = true;
    onReply(outcome);
    if (isHere && outcome.kind !== "stored") rest(here.form, false);
    if (outcome.kind === "conflict") await sayWhatStands(outcome, entry, { isHere });
    if (outcome.kind === "refused") {
      if (isHere) here.draft.takeBack();
      else asGiven.get(entry.key)?.layBack();
      if (isHere && outcome.sentence) showNotice(outcome.sentence);
      else tellOfLoss(asGiven.has(entry.key) ? { ...outcome, revise: entry.revise } : outcome);
    }
    asGiven.delete(entry.key);
  };

  const deliverAll = async () => {
    const { stuck, n } = await deliver(settle, () => [...asGiven.values()].map(({ entry }) => entry));
    if (stuck.length) { stay(stuck); return; }
    if (isLeaving) return;
    told.clear();
    if (isTurnedDown) drawSaved(here.page.words.not_saved, { isWaiting: true });
    else if (isChange()) drawSaved(here.page.words.change_unsaved, { isWaiting: true });
    else if (here.restored) drawSaved(here.page.words.restored, { isWaiting: true });
    else if (n || saved.classList.contains("is-waiting")) drawSaved(here.page.words.saved, { isWaiting: false });
    if (n) await onDelivered();
  };
  // One delivery at a time; one that failed is followed by the next all the same.
  let delivering = Promise.resolve();
  const deliverNow = () => (delivering = delivering.then(deliverAll).catch((fault) => console.error(fault)));

  let busy = false;
  const give = async (payload) => {
    if (busy) return;
    busy = true;
    isTurnedDown = false;
    let isOnward = false;
    const given = here;
    given.form.setAttribute("aria-busy", "true");
    try {
      const { person, place, address, next, name } = given.page;
      const laid = given.draft.asGiven();
      const entry = {
        key: payload.client_key, account, person, seat: place, address, next, name, revise: location.pathname,
        given: laid.given, payload,
      };
      await keep(entry);
      asGiven.set(entry.key, { ...laid, entry });
      given.draft.hand();
      isOnward = onGiven();
      if (!isOnward) {
        rest(given.form, true);
        told.clear();
        await deliverNow();
        return;
      }
      drawSaved(here.page.words.saving, { isWaiting: false });
      // Nobody waits for this: the next text is there. Where it takes long, the count says so.
      const slow = setTimeout(() => drawSaved(here.page.words.one_waiting, { isWaiting: true }), PATIENCE_MS);
      deliverNow().finally(() => clearTimeout(slow));
    } finally {
      given.form.removeAttribute("aria-busy");
      busy = false;
      document.dispatchEvent(new CustomEvent("given", { detail: { isOnward } }));
    }
  };

  at({ form, page });
  addEventListener("online", deliverNow);
  // Another tab may have signed in or sent it meanwhile.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) deliverNow(); });
  setInterval(deliverNow, RETRY_MS);
  // What an earlier page of this person could not send.
  deliverNow();
  return {
    give, at, deliverNow,
    get isUnderWay() { return asGiven.size > 0; },
    get isTouched() { return here.draft.isTouched(); },
    get isPending() { return here.draft.isPending(); },
  };
};
