// Judging by keys, sending without leaving the page, and keeping what could not be sent.
// The page works as a plain form without this module.
import { activeMs } from "./active_time.js";
import { startUndo } from "./undo.js";
import { startKeys } from "./keys.js";
import { keepFlash, showFlash } from "./flash.js";
import { showNotice, showNoticeInView } from "./notice.js";
import { startSubmission } from "./submission.js";

const page = JSON.parse(document.getElementById("page").textContent);
const form = document.getElementById("verdict-form");
const reason = document.getElementById("reason");

// ---- what is chosen, and undoing it ------------------------------------------------------------
const undoing = startUndo(form, document.getElementById("undo"));
const verdict = () => form.elements.verdict.value;
const turn = (input) => {
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
};
// Another verdict keeps how sure the judge said to be: it stays in sight, as it does without this module.
form.addEventListener("change", undoing.note);

// ---- why one cannot judge ------------------------------------------------------------------------
// From "cannot judge" on, what is typed are the words of the reason, wherever the focus is, until Escape leaves them: a
// letter that were taken for a key would make another verdict of it.
const cannot = form.querySelector("[name=verdict][value=cannot]");
const LETTERS = /^(?:Key|Digit|Numpad\d|Quote|Comma|Period|Slash|Minus|Equal|Semicolon|Bracket|Back|Intl)/;
let asksWhy = false;
let byPointer = false;
const askWhy = () => {
  asksWhy = true;
  reason.focus();
};
cannot.closest("label").addEventListener("pointerdown", () => { byPointer = true; });
document.addEventListener("keydown", ({ key }) => {
  byPointer = false;
  if (key === "Escape" && !document.querySelector("dialog[open]")) asksWhy = false;
}, { capture: true });
cannot.addEventListener("click", () => {
  asksWhy = true;
  // Arrows pass over it on their way among the verdicts.
  if (byPointer) askWhy();
});
// A space presses whatever else has the focus.
const isSpace = (code) => code === "Space" && [cannot, document.body].includes(document.activeElement);
const isWordOfReason = (code) => verdict() === "cannot" && asksWhy && (LETTERS.test(code) || isSpace(code));

// ---- differences are marked on request, and stay marked from pair to pair ------------------------
const marks = document.getElementById("marks");
if (marks) {
  marks.open = localStorage.getItem("marks") === "on";
  marks.addEventListener("toggle", () => localStorage.setItem("marks", marks.open ? "on" : "off"));
}

// What unfolds beneath the outputs is not hidden behind the verdict.
const folded = document.getElementById("folded");
folded?.addEventListener("toggle", () => { if (folded.open) folded.scrollIntoView({ block: "nearest" }); });

// ---- keys ----------------------------------------------------------------------------------------
const pressStep = (digit) => {
  const step = [...form.elements.confidence].find((one) => one.value === digit);
  if (!verdict()) showNoticeInView(page.words.choice_missing);
  else if (step && verdict() !== "cannot") turn(step);
};
const press = (code, digit) => {
  if (isWordOfReason(code) && digit !== "0") { reason.focus(); return false; }
  const button = form.querySelector(`[name=verdict][data-code="${digit === "0" ? "Digit0" : code}"]`);
  if (button) {
    turn(button);
    if (button.value === "cannot") askWhy();
    return true;
  }
  if (digit !== undefined) { pressStep(digit); return true; }
  if (code === "KeyU") { undoing.undo(); return true; }
  if (code === "KeyM" && marks) { marks.open = !marks.open; return true; }
  const link = document.getElementById({ Backspace: "previous", KeyP: "pause" }[code]);
  link?.click();
  return link !== null;
};
const shifted = (code) => {
  if (isWordOfReason(code)) reason.focus();
  return false;
};
startKeys({ form, words: page.words, press, shifted });

// ---- sending ------------------------------------------------------------------------------------
const judgment = () => {
  const given = new FormData(form);
  const step = given.get("confidence");
  return {
    client_key: given.get("client_key"),
    replaces: given.get("replaces") || null,
    verdict: given.get("verdict"),
    confidence: step && given.get("verdict") !== "cannot" ? Number(step) / page.top : null,
    // The field is shown with "cannot judge" alone; what was written before another verdict stays unsaid.
    reason: given.get("verdict") === "cannot" ? given.get("reason").trim() : "",
    submitted_at: new Date().toISOString(),
    active_ms: activeMs(),
  };
};
const sending = startSubmission({ form, page });
// A restored draft is one choice that can be undone, and its reason may still have to be written.
const arrive = () => {
  undoing.note();
  asksWhy = !reason.value.trim();
};
arrive();
showFlash(page.words);
// A change of a verdict that was begun and not given stays where it is, and that is said of it.
addEventListener("pagehide", () => {
  if (form.elements.replaces.value && sending.isPending) {
    keepFlash({ kind: "left_unsaved", name: page.name, address: location.pathname });
  }
});
form.addEventListener("restored", arrive);
// The page says in its own words what is missing, in the place where it says everything else.
form.noValidate = true;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!verdict()) showNoticeInView(page.words.choice_missing);
  else if (verdict() === "cannot" && !reason.value.trim()) { showNotice(page.words.reason_missing); askWhy(); }
  else sending.give(judgment());
});
