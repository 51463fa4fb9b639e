// Judging a pair: keyboard shortcuts, moving to the next pair within the page, and an outbox for failures.
// Without this module the page works as a plain form.
import { activeMs, startActiveTime } from "./active_time.js";
import { startUndo } from "./undo.js";
import { startKeys } from "./keys.js";
import { carryDisplaySettings } from "./display_settings.js";
import { keepFlash, showFlash } from "./flash.js";
import { showNotice, showNoticeInView } from "./notice.js";
import { startOutputView } from "./output_view.js";
import { startPrefetch } from "./prefetch.js";
import { drawStatus, startSubmission } from "./submission.js";
import { startWorkspace } from "./workspace.js";

// After "cannot judge", typed letters belong to the reason wherever the focus is, until Escape. Otherwise a letter
// would act as a shortcut and change the verdict.
const LETTERS = /^(?:Key|Digit|Numpad\d|Quote|Comma|Period|Slash|Minus|Equal|Semicolon|Bracket|Back|Intl)/;
let byPointer = false;
document.addEventListener("pointerdown", () => { byPointer = true; }, { capture: true });
document.addEventListener("keydown", ({ key }) => {
  byPointer = false;
  if (key === "Escape" && !document.querySelector("dialog[open]")) pair.leaveReason();
}, { capture: true });

// ---- one pair and its verdict ------------------------------------------------------------------
const openPair = () => {
  const page = JSON.parse(document.getElementById("page").textContent);
  const form = document.getElementById("verdict-form");
  const reason = document.getElementById("reason");

  // ---- choices and undo ----
  const undoing = startUndo(form, document.getElementById("undo"));
  const verdict = () => form.elements.verdict.value;
  const choose = (input) => {
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  };
  // Another verdict keeps the confidence, which stays visible, as it does without this module.
  form.addEventListener("change", undoing.note);

  // ---- reason for "cannot judge" ----
  const cannot = form.querySelector("[name=verdict][value=cannot]");
  let isWritingReason = false;
  const focusReason = () => {
    isWritingReason = true;
    reason.focus();
  };
  cannot.addEventListener("click", () => {
    isWritingReason = true;
    // Arrow keys also reach it on their way to other verdicts.
    if (byPointer) focusReason();
  });
  // Elsewhere a space presses the focused control.
  const isSpace = (code) => code === "Space" && [cannot, document.body].includes(document.activeElement);
  const isReasonText = (code) => verdict() === "cannot" && isWritingReason && (LETTERS.test(code) || isSpace(code));

  // ---- marked differences, kept from pair to pair ----
  const marks = document.getElementById("marks");
  if (marks) {
    marks.open = localStorage.getItem("marks") === "on";
    marks.addEventListener("toggle", () => localStorage.setItem("marks", marks.open ? "on" : "off"));
  }

  const pressView = startOutputView();

  // Labels that unfold below the outputs must not be hidden behind the verdict bar.
  const folded = document.getElementById("folded");
  folded?.addEventListener("toggle", () => { if (folded.open) folded.scrollIntoView({ block: "nearest" }); });

  // ---- keys ----
  const pressStep = (digit) => {
    const step = [...form.elements.confidence].find((one) => one.value === digit);
    if (!verdict()) showNoticeInView(page.words.choice_missing);
    else if (step && verdict() !== "cannot") choose(step);
  };
  const press = (code, digit) => {
    if (isReasonText(code) && digit !== "0") { reason.focus(); return false; }
    const button = form.querySelector(`[name=verdict][data-code="${digit === "0" ? "Digit0" : code}"]`);
    if (button) {
      choose(button);
      if (button.value === "cannot") focusReason();
      return true;
    }
    if (digit !== undefined) { pressStep(digit); return true; }
    if (code === "KeyU") { undoing.undo(); return true; }
    if (code === "KeyM" && marks) { marks.open = !marks.open; return true; }
    if (pressView(code)) return true;
    const link = document.getElementById({ Backspace: "previous", KeyP: "pause" }[code]);
    link?.click();
    return link !== null;
  };
  const shifted = (code) => {
    if (isReasonText(code)) reason.focus();
    return false;
  };

  // ---- submission ----
  const judgment = () => {
    const given = new FormData(form);
    const step = given.get("confidence");
    return {
      client_key: given.get("client_key"),
      replaces: given.get("replaces") || null,
      verdict: given.get("verdict"),
      confidence: step && given.get("verdict") !== "cannot" ? Number(step) / page.top : null,
      // The field is shown only with "cannot judge"; its text is not sent with another verdict.
      reason: given.get("verdict") === "cannot" ? given.get("reason").trim() : "",
      submitted_at: new Date().toISOString(),
      active_ms: activeMs(),
    };
  };
  // The notice strip shows what is missing, instead of the browser's bubble.
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!verdict()) showNoticeInView(page.words.choice_missing);
    else if (verdict() === "cannot" && !reason.value.trim()) { showNotice(page.words.reason_missing); focusReason(); }
    else submission.submit(judgment());
  });
  // A restored draft counts as one choice that can be undone; its reason may still be missing.
  const restoreState = () => {
    undoing.note();
    isWritingReason = !reason.value.trim();
  };
  form.addEventListener("restored", restoreState);
  return { page, form, press, shifted, restoreState, leaveReason: () => { isWritingReason = false; } };
};

// ---- from pair to pair --------------------------------------------------------------------------
let pair = openPair();
// Shown here before the server knows: left again if judging was paused, or its outputs changed meanwhile.
let isUnreported = false;
const isRevision = () => Boolean(pair.form.elements.replaces.value);
// The next pair is reserved and sent ahead, and counts as shown once this page has reported it.
const prefetch = startPrefetch({
  onReply: ({ head, state }, page) => {
    // While a verdict is under way, the save time in this reply is too old.
    if (!submission.isUnderWay) drawStatus(new DOMParser().parseFromString(head, "text/html"));
    if (page !== pair.page) return;
    if (state !== "open") {
      prefetch.drop();
      // A started verdict stays.
      if (isUnreported && !submission.isTouched) location.replace(page.next);
    }
    isUnreported = false;
  },
});
const fill = () => { if (!isRevision()) prefetch.fill(pair.page); };

// An unsaved change of a verdict is kept, and the next page shows a message.
const keepUnsavedFlash = () => {
  if (isRevision() && submission.isPending) {
    keepFlash({ kind: "left_unsaved", name: pair.page.name, address: workspace.address.split("?")[0] });
  }
};
addEventListener("pagehide", keepUnsavedFlash);

const startPair = () => {
  pair = openPair();
  startActiveTime();
  submission.at(pair);
  pair.restoreState();
  showFlash(pair.page.words);
};
const workspace = startWorkspace({
  form: "verdict-form",
  words: pair.page.words,
  onLeave: keepUnsavedFlash,
  onBack: (fresh) => {
    drawStatus(fresh);
    isUnreported = false;
    startPair();
    // The unsaved state of the previous pair must not be shown for this one.
    submission.deliverNow();
    fill();
  },
});
const show = (next) => {
  if (!next) return false;
  isUnreported = true;
  carryDisplaySettings(next.content);
  workspace.show(next);
  startPair();
  return true;
};
const submission = startSubmission({
  ...pair,
  query: "?pair",
  onSubmitted: () => show(isRevision() ? null : prefetch.take()),
  // Where none was ahead, the reply to the verdict contains the next pair, unless another page comes first.
  onStored: ({ pair: next }) => show(next && { ...next, content: new DOMParser().parseFromString(next.html, "text/html") }),
  onDelivered: fill,
});
pair.restoreState();
showFlash(pair.page.words);
startKeys({
  words: pair.page.words, press: (code, digit) => pair.press(code, digit), shifted: (code) => pair.shifted(code),
});
fill();
