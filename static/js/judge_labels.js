// The judge's own labels before a pair: keyboard shortcuts, submission within the page, and an outbox for failures.
// Without this module the page works as a plain form.
import { activeMs } from "./active_time.js";
import { startUndo } from "./undo.js";
import { startKeys } from "./keys.js";
import "./display_settings.js";
import { showNoticeInView } from "./notice.js";
import { startSubmission } from "./submission.js";

const page = JSON.parse(document.getElementById("page").textContent);
const form = document.getElementById("labels-form");
const undoing = startUndo(form, document.getElementById("undo"));
const labels = () => [...form.querySelectorAll("[name=labels]")];
const none = form.querySelector("[name=none]");

form.addEventListener("change", ({ target }) => {
  // "None" and a label exclude one another.
  if (target === none && none.checked) for (const label of labels()) label.checked = false;
  else if (none && target.checked) none.checked = false;
  undoing.note();
});
const press = (code) => {
  const input = form.querySelector(`input[data-code="${CSS.escape(code)}"]`);
  if (input) {
    input.checked = input.type === "radio" || !input.checked;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
    return true;
  }
  if (code === "KeyU") { undoing.undo(); return true; }
  const link = code === "KeyP" ? document.getElementById("pause") : null;
  link?.click();
  return link !== null;
};
startKeys({ form, words: page.words, press });

const submission = startSubmission({ form, page });
undoing.note();
form.noValidate = true;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = labels().filter((input) => input.checked).map((input) => input.value);
  if (!chosen.length && !none?.checked) { showNoticeInView(page.words.choice_missing); return; }
  submission.submit({
    client_key: form.elements.client_key.value,
    labels: chosen,
    submitted_at: new Date().toISOString(),
    active_ms: activeMs(),
  });
});
