// Submission of answers and verdicts without leaving the page: sends, keeps what fails, and shows the outcome. The
// annotate and judge pages use it; `page` comes from the view: person, place, address, next and words.
import { keepConflict } from "./conflict.js";
import { startDraft } from "./draft.js";
import { account, deliver, keep } from "./outbox.js";
import { clearNotice, showNotice } from "./notice.js";

const RETRY_MS = 5000;
const SLOW_MS = 400;

const saved = document.getElementById("saved");
// Repeated at the form, where the page header scrolls away; a notice replaces it.
const drawIdle = () => { document.getElementById("notice").dataset.idle = saved.querySelector("#saved-words").textContent; };
const drawSaved = (words, { isWaiting }) => {
  saved.querySelector("#saved-words").textContent = words;
  saved.classList.toggle("is-waiting", isWaiting);
  saved.querySelector(".waiting-icon").hidden = !isWaiting;
  saved.querySelector(".saved-icon").hidden = isWaiting;
  drawIdle();
};

// Shows progress and last save as the server reports them. An unsaved state stays visible.
export const drawStatus = (fresh) => {
  for (const part of [".progress-meters", "#saved:not(.is-waiting)"]) {
    const found = fresh.querySelector(part);
    if (found) document.querySelector(part)?.replaceChildren(...found.childNodes);
  }
  drawIdle();
};
// After a conflict: another tab may have saved something.
const refreshStatus = async () => {
  const response = await fetch(location.href).catch(() => null);
  if (response?.ok) drawStatus(new DOMParser().parseFromString(await response.text(), "text/html"));
};

// The form is inert until the outcome of the submission is known: later input would be lost when the page moves on.
const setInert = (form, isInert) => {
  form.classList.toggle("is-submitting", isInert);
  const notice = document.getElementById("notice");
  const withoutNotice = (part) => (part.contains(notice) ? [...part.children].flatMap((one) => (one === notice ? [] : withoutNotice(one))) : [part]);
  for (const part of withoutNotice(form)) part.inert = isInert;
};

// `onSubmitted()` may show the next text at once and returns whether it did; otherwise the page moves on once all is stored.
// `onReply(outcome)` is called for each reply, `onDelivered()` when nothing waits any more. `onStored(outcome)` may show
// what the reply to the current answer contains, for which `query` asks, and returns whether it did. `queryOnward()` asks
// in the request of an answer whose page has moved on, if it is the only one under way.
export const startSubmission = ({
  form, page, query = "", queryOnward = () => "", onSubmitted = () => false, onStored = () => false, onReply = () => {}, onDelivered = () => {},
}) => {
  let current = null;
  // Submitted on this page and not stored yet, with a way to restore the choices after a refusal.
  const pending = new Map();
  const shownKinds = new Set();
  // The last answer was refused: the header shows this until the next submission.
  let isRejected = false;

  // An unsaved change of a stored answer: "Saved" would be wrong.
  const isChange = () => current.page.words.change_unsaved && current.form.elements.replaces.value && current.draft.isPending();
  const showRestored = () => {
    current.restored = true;
    drawSaved(current.page.words.restored, { isWaiting: true });
    // Where the header scrolls away, the form shows it as well.
    if (matchMedia("(max-width: 64rem)").matches) showNotice(current.page.words.restored);
  };
  // The page shows the stored answer and offers the one that conflicted with it, as one choice that can be undone.
  const offerUnstored = ({ form, page: { words }, draft }) => {
    const take = () => {
      draft.useUnstored();
      form.dispatchEvent(new Event("restored"));
      clearNotice();
      form.querySelector("#save").focus();
    };
    showNotice(words.stored_shown, [{ act: take, words: words.use_unstored }]).querySelector("a, button").focus();
  };
  const at = (next) => {
    const draft = startDraft(next);
    const mine = { ...next, draft, restored: false };
    current = mine;
    drawIdle();
    const restored = draft.restore();
    if (restored.choices || restored.words) showRestored();
    else if (draft.unstored) offerUnstored(mine);
    if (!restored.choices && !draft.unstored) {
      draft.restoreOfClosedTab().then((found) => {
        if (!found || current !== mine) return;
        showRestored();
        mine.form.dispatchEvent(new Event("restored"));
      });
    }
    const touched = ({ target }) => {
      if (target.type === "search") return;
      clearNotice();
      draft.save();
      if (isChange()) drawSaved(mine.page.words.change_unsaved, { isWaiting: true });
    };
    for (const kind of ["change", "input", "undone"]) current.form.addEventListener(kind, touched);
  };

  const words = (kind, n) => {
    const { signed_out: signedOut, no_more_texts: noMoreTexts, kept_on_device: kept } = current.page.words;
    if (kind === "signed_out") return signedOut;
    return noMoreTexts && current.form.matches(".is-submitting") ? noMoreTexts.replace("{n}", n) : kept;
  };
  const showLoss = ({ sentence, detail, revise }) => showNotice(
    `${current.page.words.refused} ${sentence ?? detail ?? ""}`,
    revise ? [{ href: revise, words: current.page.words.show_text }] : [],
  );
  const showUnsent = (stuck) => {
    const n = stuck.length;
    const { one_waiting: one, many_waiting: many } = current.page.words;
    drawSaved(n === 1 ? one : many.replace("{n}", n), { isWaiting: true });
    for (const { entry, outcome } of stuck) {
      if (outcome.kind === "gone") {
        if (sessionStorage.getItem(`told/${entry.key}`)) continue;
        sessionStorage.setItem(`told/${entry.key}`, "1");
        showLoss(outcome);
      } else if (!shownKinds.has(outcome.kind) && (entry.seat === current.page.place || pending.has(entry.key))) {
        shownKinds.add(outcome.kind);
        showNotice(words(outcome.kind, n));
      }
    }
  };
  const showConflict = async (outcome, entry, { isHere }) => {
    const stored = { href: outcome.revise, words: current.page.words.show_stored };
    // The unstored answer is kept; the stored one is shown first.
    if (outcome.stored) keepConflict(entry, outcome.stored.uuid);
    if (!isHere && entry.name && current.page.words.earlier_conflict && !entry.payload.replaces) {
      showNotice(current.page.words.earlier_conflict.replace("{text}", entry.name), [stored]);
      return;
    }
    if (entry.payload.replaces || !isHere) { showNotice(outcome.sentence, [stored]); return; }
    const box = showNotice(current.page.words.conflict, [{ href: entry.next, words: current.page.words.next, key: "Enter" }, stored]);
    box.querySelector("a").focus();
    await refreshStatus();
  };

  let isLeaving = false;
  // Another tab may send an answer to the text shown here: a person who is working on it is not moved on.
  const isCurrent = (entry) => entry.key === current.form.elements.client_key.value
    || (entry.seat === current.page.place && !current.draft.isTouched());
  const settle = async (entry, outcome) => {
    const isHere = isCurrent(entry);
    if (outcome.kind === "stored" && isHere && !isLeaving && !onStored(outcome)) {
      isLeaving = true;
      location.assign(entry.next);
    }
    if (outcome.kind !== "stored") isRejected = true;
    onReply(outcome);
    if (isHere && outcome.kind !== "stored") setInert(current.form, false);
    if (outcome.kind === "conflict") await showConflict(outcome, entry, { isHere });
    if (outcome.kind === "refused") {
      if (isHere) current.draft.reopen();
      else pending.get(entry.key)?.restoreLater();
      if (isHere && outcome.sentence) showNotice(outcome.sentence);
      else showLoss(pending.has(entry.key) ? { ...outcome, revise: entry.revise } : outcome);
    }
    pending.delete(entry.key);
  };

  const deliverAll = async () => {
    const expected = () => [...pending.values()].map(({ entry }) => entry);
    const onward = (entry) => (pending.size === 1 && pending.has(entry.key) ? queryOnward() : "");
    const { stuck, n } = await deliver(settle, expected, (entry) => (isCurrent(entry) ? query : onward(entry)));
    if (stuck.length) { showUnsent(stuck); return; }
    if (isLeaving) return;
    shownKinds.clear();
    if (isRejected) drawSaved(current.page.words.not_saved, { isWaiting: true });
    else if (isChange()) drawSaved(current.page.words.change_unsaved, { isWaiting: true });
    else if (current.restored) drawSaved(current.page.words.restored, { isWaiting: true });
    else if (n || saved.classList.contains("is-waiting")) drawSaved(current.page.words.saved, { isWaiting: false });
    if (n) await onDelivered();
  };
  // One delivery at a time, also after a failed one.
  let delivering = Promise.resolve();
  const deliverNow = () => (delivering = delivering.then(deliverAll).catch((fault) => console.error(fault)));

  const submit = async (payload) => {
    const given = current;
    if (given.form.hasAttribute("aria-busy")) return;
    isRejected = false;
    let hasNext = false;
    given.form.setAttribute("aria-busy", "true");
    try {
      const { person, place, address, next, name } = given.page;
      const snapshot = given.draft.snapshot();
      const entry = {
        key: payload.client_key, account, person, seat: place, address, next, name, revise: location.pathname,
        given: snapshot.given, payload,
      };
      await keep(entry);
      pending.set(entry.key, { ...snapshot, entry });
      given.draft.markSubmitted();
      hasNext = onSubmitted();
      if (!hasNext) {
        setInert(given.form, true);
        shownKinds.clear();
        await deliverNow();
        return;
      }
      drawSaved(current.page.words.saving, { isWaiting: false });
      // The next text is already shown. If saving takes long, the count shows it.
      const slow = setTimeout(() => drawSaved(current.page.words.one_waiting, { isWaiting: true }), SLOW_MS);
      deliverNow().finally(() => clearTimeout(slow));
    } finally {
      given.form.removeAttribute("aria-busy");
      document.dispatchEvent(new CustomEvent("submitted", { detail: { hasNext } }));
    }
  };

  at({ form, page });
  addEventListener("online", deliverNow);
  // Another tab may have signed in or sent the answer meanwhile.
  document.addEventListener("visibilitychange", () => { if (!document.hidden) deliverNow(); });
  setInterval(deliverNow, RETRY_MS);
  // Answers that an earlier page could not send.
  deliverNow();
  return {
    submit, at, deliverNow,
    get isUnderWay() { return pending.size > 0; },
    get isTouched() { return current.draft.isTouched(); },
    get isPending() { return current.draft.isPending(); },
  };
};
