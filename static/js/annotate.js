// Annotating by keys, sending without leaving the page, and keeping what could not be sent.
// The page works as a plain form without this module.
import { activeMs } from "./active.js";
import { startUndoing } from "./choices.js";
import { startKeys } from "./keys.js";
import "./reading.js";
import { tell } from "./said.js";
import { startSending } from "./sending.js";

const page = JSON.parse(document.getElementById("page").textContent);
const form = document.getElementById("answers");
const rows = [...form.querySelectorAll(".area")];

// ---- what is chosen, and undoing it ------------------------------------------------------
const undoing = startUndoing(form, document.getElementById("undo"));
const chosen = (row) => row.querySelector(".is-yes > :checked, .is-no > :checked");
const clear = (row) => {
  if (!chosen(row)) return;
  row.querySelector(".is-clear > input").checked = true;
};
form.addEventListener("change", ({ target }) => {
  if (awaiting?.contains(target)) hold(null);
  // The empty set and a chosen label exclude one another: the newer word counts.
  const none = form.elements.no_label_applies;
  if (target === none && none.checked) rows.filter((row) => row.querySelector(".is-yes > :checked")).forEach(clear);
  else if (target.closest(".is-yes")) none.checked = false;
  undoing.note();
});

// ---- the row in hand ---------------------------------------------------------------------
let inHand = null;
const take = (row) => {
  if (inHand === row) return;
  inHand?.classList.remove("is-in-hand");
  inHand = row;
  row?.classList.add("is-in-hand");
  for (const meaning of document.querySelectorAll("#gloss .meaning")) {
    meaning.hidden = meaning.id !== `meaning-${row?.dataset.label}`;
  }
};
form.addEventListener("focusin", ({ target }) => take(target.closest(".area")));
form.addEventListener("pointerover", ({ target }) => { if (!form.contains(document.activeElement)) take(target.closest(".area")); });

const turn = (input) => {
  if (!input) return;
  input.checked = input.type === "radio" ? true : !input.checked;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};
// A label taken by its key, or by its name, that has no certainty yet: it looks half chosen, so no answer goes
// without a word about it.
let awaiting = null;
const hold = (row) => {
  awaiting?.classList.remove("is-awaiting");
  awaiting = row;
  row?.classList.add("is-awaiting");
};
const putDown = () => {
  if (!awaiting) return false;
  hold(null);
  document.activeElement.blur();
  take(null);
  return true;
};
const pressLabel = (row) => {
  if (awaiting === row) { putDown(); return; }
  const again = inHand === row && chosen(row);
  if (again) turn(row.querySelector(".is-clear > input"));
  else if (!page.asks_certainty) turn(row.querySelector(".is-yes > input"));
  hold(page.asks_certainty && !again && !chosen(row) ? row : null);
  // The row, not its first step: a ring around a certainty that nobody gave would look like one.
  (awaiting ?? chosen(row) ?? row.querySelector(".is-yes > input")).focus();
  take(row);
};
for (const row of rows) {
  row.tabIndex = -1;
  row.querySelector(".name").addEventListener("click", () => { if (!chosen(row) && awaiting !== row) pressLabel(row); });
}
const pressDigit = (digit) => {
  const step = [...(inHand?.querySelectorAll(".is-no, .is-yes") ?? [])].find((one) => one.textContent.trim() === digit);
  if (!step) return;
  hold(null);
  turn(step.querySelector("input"));
  step.querySelector("input").focus();
};

// ---- skipping --------------------------------------------------------------------------------
const skip = document.getElementById("skip");
const reason = document.getElementById("reason");
let beforeSkip = null;
const openSkip = () => {
  beforeSkip = document.activeElement;
  skip.open = true;
  skip.querySelector("summary").focus();
};
// Back to the row in hand, so that Enter saves again instead of opening the list anew.
skip.addEventListener("toggle", () => {
  if (skip.open || !beforeSkip) return;
  if (beforeSkip === document.body) skip.querySelector("summary").blur();
  else beforeSkip.focus();
  beforeSkip = null;
});
// Out of the list, into the field where the other reason is written.
const askWhy = () => {
  beforeSkip = null;
  skip.open = false;
  tell(page.words.why_skip);
  reason.focus();
};

// ---- keys ----------------------------------------------------------------------------------------
const press = (code, digit) => {
  if (digit !== undefined) {
    if (skip.open) skip.querySelector(`[data-digit="${digit}"]`)?.click();
    else pressDigit(digit);
    return true;
  }
  const row = rows.find((one) => one.dataset.code === code && !one.hidden);
  if (row) { pressLabel(row); return true; }
  const box = form.querySelector(`.choice > input[data-code="${code}"]`);
  if (box) { turn(box); return true; }
  if (code === "Escape") return putDown();
  const meant = { KeyN: () => reason.focus(), KeyU: undoing.undo, KeyK: openSkip }[code];
  meant?.();
  return meant !== undefined;
};
startKeys({ form, words: page.words, press });

const find = form.querySelector("[data-find]");
if (find) {
  find.closest(".find").hidden = false;
  find.addEventListener("input", () => {
    const sought = find.value.trim().toLocaleLowerCase();
    for (const row of rows) row.hidden = !row.querySelector(".name").textContent.toLocaleLowerCase().includes(sought);
  });
}

// The field grows line by line, and the actions stand before its last one.
reason.addEventListener("input", () => reason.scrollIntoView({ block: "nearest" }));

// ---- sending ----------------------------------------------------------------------------------
const answer = (submitter) => {
  const given = new FormData(form);
  const words = { reason: given.get("reason").trim(), comment: given.get("comment").trim() };
  const common = {
    client_key: given.get("client_key"),
    replaces: given.get("replaces") || null,
    guideline_version: Number(given.get("guideline_version")) || null,
    shown_at: page.shown_at,
    submitted_at: new Date().toISOString(),
    active_ms: activeMs(),
  };
  if (submitter?.name === "skip") {
    const remarks = [words.reason, words.comment].filter(Boolean).join(" ");
    const other = submitter.value === "other";
    return { ...common, skipped: true, reason: other ? remarks : submitter.value, comment: other ? "" : remarks };
  }
  const entered = page.single
    ? [(given.get("choice") ?? "").split(":")]
    : Object.keys(page.labels).map((position) => [position, given.get(`label-${position}`)]);
  const chosenLabels = {};
  const rejected = {};
  for (const [position, value] of entered) {
    if (!value) continue;
    const { key } = page.labels[position];
    if (value === "0") rejected[key] = page.asks_certainty ? 1 : null;
    else chosenLabels[key] = page.asks_certainty ? Number(value) / 5 : null;
  }
  return {
    ...common, ...words, chosen: chosenLabels, rejected,
    no_label_applies: given.has("no_label_applies"),
    facts_insufficient: given.has("facts_insufficient"),
    guideline_unclear: given.has("guideline_unclear"),
  };
};

const sending = startSending({ form, page });
// A restored draft is one choice that can be undone.
undoing.note();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const skipped = event.submitter?.name === "skip";
  if (awaiting && !skipped) {
    tell(page.words.in_hand.replace("{name}", awaiting.querySelector(".name").textContent.trim()));
    return;
  }
  const given = answer(event.submitter);
  if (given.skipped && !given.reason) askWhy();
  else sending.give(given);
});
