// Annotating: keyboard shortcuts, moving to the next text within the page, and an outbox for failures.
// Without this module the page works as a plain form.
import { activeMs, startActiveTime } from "./active_time.js";
import { answerPayload, isEmptyAnswer } from "./answer_payload.js";
import { countActiveTime } from "./break_reminder.js";
import { carryDisplaySettings } from "./display_settings.js";
import { keepFlash, showFlash } from "./flash.js";
import { startGuideline } from "./guideline.js";
import { startKeys } from "./keys.js";
import { startLabelChoices } from "./label_choices.js";
import { clearNotice, showNotice, showNoticeInView } from "./notice.js";
import { startPrefetch } from "./prefetch.js";
import { startStudyState } from "./study_state.js";
import { startSpans } from "./spans.js";
import { drawStatus, startSubmission } from "./submission.js";
import { startUndo } from "./undo.js";
import { startWorkspace } from "./workspace.js";

const FEWEST_AHEAD = 5;

// ---- one text and its answer ------------------------------------------------------------------
const openText = (submit) => {
  const page = JSON.parse(document.getElementById("page").textContent);
  const form = document.getElementById("answers");
  const reason = document.getElementById("reason");
  const comment = document.getElementById("comment");
  const undoing = startUndo(form, document.getElementById("undo"), {
    isRestored: page.draft.has_choices && !form.elements.replaces.value,
  });
  // A restored draft counts as one choice that can be undone.
  form.addEventListener("restored", undoing.note);
  const labels = startLabelChoices({ form, page, changed: undoing.note });

  const spans = startSpans({ form, page, labels, changed: () => {} });

  const skip = document.getElementById("skip");
  let beforeSkip = null;
  const openSkip = () => {
    beforeSkip = document.activeElement;
    skip.open = true;
    skip.querySelector("summary").focus();
  };
  // Focus returns to the selected row, so that Enter saves instead of opening the list again.
  skip.addEventListener("toggle", () => {
    if (skip.open || !beforeSkip) return;
    if (beforeSkip === document.body) skip.querySelector("summary").blur();
    else beforeSkip.focus();
    beforeSkip = null;
  });
  // "Other reason": moves from the list to the text field, which has its own skip button.
  const showSkipReason = (isAsked) => {
    for (const part of form.querySelectorAll("[data-skip-reason], [data-optional-reason]")) part.hidden = isAsked !== part.matches("[data-skip-reason]");
  };
  const askSkipReason = () => {
    beforeSkip = null;
    skip.open = false;
    showSkipReason(true);
    showNotice(page.words.skip_reason_missing);
    reason.value ||= page.skip_reason;
    reason.focus();
  };
  // Choosing an answer ends the request for a reason.
  form.addEventListener("change", ({ target }) => { if (target !== reason) showSkipReason(false); });
  // The field grows line by line; its last line must not be behind the action bar.
  for (const field of [reason, comment]) {
    field.addEventListener("input", () => field.scrollIntoView({ block: "nearest" }));
  }
  const writeComment = () => {
    comment.closest("details").open = true;
    comment.focus();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const skipped = event.submitter?.name === "skip";
    if (labels.awaiting && !skipped) {
      showNoticeInView(page.words.certainty_missing.replace("{name}", labels.awaiting));
      return;
    }
    const answer = answerPayload({ form, page, submitter: event.submitter });
    if (answer.skipped && !answer.reason) askSkipReason();
    else if (isEmptyAnswer(answer)) showNoticeInView(page.words[Object.keys(answer.rejected).length ? "only_rejected" : "empty_answer"]);
    else submit(answer);
  });

  // A long text on a phone: a link stays in sight until the answers are.
  const toAnswers = document.getElementById("to-answers");
  toAnswers.addEventListener("click", (event) => {
    event.preventDefault();
    form.scrollIntoView();
    form.querySelector(".question").focus({ preventScroll: true });
  });

  const press = (code, digit) => {
    if (digit !== undefined) {
      if (skip.open) skip.querySelector(`[data-digit="${digit}"]`)?.click();
      else labels.pressStep(digit);
      return true;
    }
    const row = labels.rowOf(code);
    if (row) { labels.press(row); return true; }
    const box = form.querySelector(`.choice > input[data-code="${code}"]`);
    if (box) { labels.toggle(box); return true; }
    if (code === "Escape") return labels.cancel();
    if (code === "Slash") return labels.focusSearch();
    if (code === "Backspace") { document.getElementById("previous-text")?.click(); return true; }
    const action = {
      KeyN: () => reason.focus(), KeyM: writeComment, KeyU: undoing.undo, KeyK: openSkip, KeyH: guideline.toggle,
      ...(page.asks_spans ? { KeyY: spans.press } : {}),
    }[code];
    action?.();
    return action !== undefined;
  };
  const shifted = (code, digit) => {
    if (code === "Backspace") { document.getElementById("next-text")?.click(); return true; }
    // From 5, certainly not, to 1, perhaps not.
    return digit !== undefined && labels.pressStep(digit === "5" || digit === "0" ? "0" : `n${digit}`);
  };
  return { page, form, press, shifted, undoing };
};

// ---- from text to text --------------------------------------------------------------------------
let text = null;
// Shown here before the server knows: removed again if the study was paused or closed meanwhile.
let isUnreported = false;
// Shown before the connection drops, where fewer than five texts are here.
const offlineDepth = document.getElementById("offline-depth");
const drawDepth = (n) => {
  offlineDepth.hidden = n >= FEWEST_AHEAD || isRevision();
  const { none_ahead: none, one_ahead: one, some_ahead: some } = text.page.words;
  offlineDepth.textContent = n === 0 ? none : n === 1 ? one : some.replace("{n}", n);
};
const prefetch = startPrefetch({
  onDepth: drawDepth,
  onReply: ({ head, state }, page) => {
    // While an answer is under way, the save time in this reply is too old.
    if (!submission.isUnderWay) drawStatus(new DOMParser().parseFromString(head, "text/html"));
    if (state === "open" && page === text.page) isUnreported = false;
    studyState.update(state);
  },
});
const isRevision = () => Boolean(text.form.elements.replaces.value);

// An unsaved change of an answer is kept, and the next page shows a message.
const keepUnsavedFlash = () => {
  if (isRevision() && submission.isPending) keepFlash({ kind: "left_unsaved", name: text.page.name, address: workspace.address.split("?")[0] });
};
addEventListener("pagehide", keepUnsavedFlash);

// What is drawn from the choices follows those of a restored draft.
const showRestored = () => text.form.dispatchEvent(new Event("shown"));

const startText = () => {
  const version = text.page.guideline_version;
  text = openText(submit);
  text.page.shown_at = new Date().toISOString();
  startActiveTime();
  submission.at(text);
  showRestored();
  if (isRevision()) offlineDepth.hidden = true;
  text.undoing.note();
  showFlash(text.page.words);
  if (text.page.guideline_version !== version) showNotice(text.page.words.guideline_new);
};
const showNext = () => {
  const next = isRevision() ? null : prefetch.take();
  if (!next) return false;
  isUnreported = true;
  carryDisplaySettings(next.content);
  workspace.show(next);
  startText();
  return true;
};

async function submit(answer) {
  const activeTime = activeMs();
  countActiveTime(activeTime);
  if (answer.skipped) keepFlash({ kind: "skipped", name: text.page.name, address: location.pathname });
  await submission.submit({ ...answer, active_ms: activeTime });
}

text = openText(submit);
const workspace = startWorkspace({
  form: "answers",
  words: text.page.words,
  onLeave: keepUnsavedFlash,
  onBack: (fresh) => {
    drawStatus(fresh);
    isUnreported = false;
    startText();
    // The unsaved state of the previous text must not be shown for this one.
    submission.deliverNow();
  },
});
const studyState = startStudyState({
  page: () => text.page,
  onChange: (state) => {
    if (state === "open") { clearNotice(); fill(); return; }
    prefetch.drop();
    // A started answer stays; an untouched text that is no longer assigned is left.
    if (isUnreported && !submission.isTouched) location.replace(text.page.next);
    else showNotice(text.page.words[state === "closed" && isRevision() ? "closed_revision" : state]);
  },
});
const fill = () => { if (!isRevision() && studyState.isOpen) prefetch.fill(text.page); };
const guideline = startGuideline({ address: () => text.page.guideline, words: text.page.words });
// The reply to an answer brings what follows the text that was shown when it was sent.
let onward = null;
const submission = startSubmission({
  ...text,
  onSubmitted: showNext,
  queryOnward: () => {
    const { page } = text;
    onward = { page, reply: null };
    return isRevision() || !studyState.isOpen ? "" : prefetch.query(page);
  },
  onReply: ({ state, next_texts: reply }) => {
    studyState.update(state);
    if (reply && onward) onward.reply = reply;
  },
  onDelivered: () => {
    if (onward?.reply) prefetch.accept(onward.reply, onward.page);
    onward = null;
    // An answer under way asks by itself.
    if (!submission.isUnderWay) fill();
  },
});
// A restored draft counts as one choice that can be undone.
text.undoing.note();
showRestored();
showFlash(text.page.words);
startKeys({
  words: text.page.words, press: (code, digit) => text.press(code, digit), shifted: (code, digit) => text.shifted(code, digit),
});
fill();
