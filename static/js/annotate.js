// Annotating by keys, sending without leaving the page, and keeping what could not be sent.
// The page works as a plain form without this module.
import { activeMs } from "./active.js";
import { drop, keep, waiting } from "./outbox.js";
import "./reading.js";

const page = JSON.parse(document.getElementById("page").textContent);
const form = document.getElementById("answers");
const rows = [...form.querySelectorAll(".area")];
const RETRY_MS = 5000;

// ---- what is chosen, and undoing it ------------------------------------------------------
const choices = () => [...form.querySelectorAll("input[type=radio], input[type=checkbox]")];
const snapshot = () => choices().map((input) => input.checked);
const past = [];
let present = snapshot();
const undoButton = document.getElementById("undo");

const changed = () => {
  const now = snapshot();
  if (now.every((checked, index) => checked === present[index])) return;
  past.push(present);
  present = now;
  undoButton.disabled = false;
};
const undo = () => {
  if (!past.length) return;
  present = past.pop();
  choices().forEach((input, index) => { input.checked = present[index]; });
  undoButton.disabled = past.length === 0;
};
undoButton.disabled = true;
form.addEventListener("reset", (event) => { event.preventDefault(); undo(); });

const chosen = (row) => row.querySelector(".is-yes > :checked, .is-no > :checked");
const clear = (row) => {
  if (!chosen(row)) return;
  row.querySelector(".is-clear > input").checked = true;
};
form.addEventListener("change", ({ target }) => {
  // The empty set and a chosen label exclude one another: the newer word counts.
  const none = form.elements.no_label_applies;
  if (target === none && none.checked) rows.filter((row) => row.querySelector(".is-yes > :checked")).forEach(clear);
  else if (target.closest(".is-yes")) none.checked = false;
  changed();
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

const press = (input) => {
  if (!input) return;
  input.checked = input.type === "radio" ? true : !input.checked;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};
const pressLabel = (row) => {
  const again = inHand === row && chosen(row);
  if (again) press(row.querySelector(".is-clear > input"));
  else if (!page.asks_certainty) press(row.querySelector(".is-yes > input"));
  (chosen(row) ?? row.querySelector(".is-yes > input")).focus();
  take(row);
};
const pressDigit = (digit) => {
  const step = [...(inHand?.querySelectorAll(".is-no, .is-yes") ?? [])].find((one) => one.textContent.trim() === digit);
  if (!step) return;
  press(step.querySelector("input"));
  step.querySelector("input").focus();
};

// ---- keys, by their place on the keyboard --------------------------------------------------
const dialog = document.getElementById("keys");
const skip = document.getElementById("skip");
const toggle = document.getElementById("toggle-keys");
let keysOff = localStorage.getItem("keys") === "off";
const drawToggle = () => {
  toggle.textContent = keysOff ? page.words.keys_on : page.words.keys_off;
  toggle.removeAttribute("aria-pressed");
};
toggle.addEventListener("click", () => {
  keysOff = !keysOff;
  localStorage.setItem("keys", keysOff ? "off" : "on");
  drawToggle();
});
drawToggle();
const showKeys = document.getElementById("show-keys");
showKeys.hidden = false;
showKeys.addEventListener("click", () => dialog.showModal());

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
const onKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return false;
  const writing = event.target.closest("textarea, input[type=search]");
  if (writing) {
    if (event.key === "Escape") writing.blur();
    return false;
  }
  if (keysOff) return false;
  if (event.key === "?" || event.key === "؟") { dialog.showModal(); return true; }
  if (event.shiftKey) return false;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  if (digit !== undefined) {
    if (skip.open) skip.querySelector(`[data-digit="${digit}"]`)?.click();
    else pressDigit(digit);
    return true;
  }
  if (event.code === "Enter" || event.code === "NumpadEnter") {
    if (event.target.closest("a, button, summary")) return false;
    form.requestSubmit(document.getElementById("save"));
    return true;
  }
  const row = rows.find((one) => one.dataset.code === event.code && !one.hidden);
  if (row) { pressLabel(row); return true; }
  const box = form.querySelector(`.choice > input[data-code="${event.code}"]`);
  if (box) { press(box); return true; }
  if (event.code === "KeyN") { document.getElementById("reason").focus(); return true; }
  if (event.code === "KeyU") { undo(); return true; }
  if (event.code === "KeyK") { openSkip(); return true; }
  return false;
};
document.addEventListener("keydown", (event) => { if (onKey(event)) event.preventDefault(); });

const find = form.querySelector("[data-find]");
if (find) {
  find.closest(".find").hidden = false;
  find.addEventListener("input", () => {
    const sought = find.value.trim().toLocaleLowerCase();
    for (const row of rows) row.hidden = !row.querySelector(".name").textContent.toLocaleLowerCase().includes(sought);
  });
}

// ---- sending ----------------------------------------------------------------------------------
const said = document.getElementById("said");
const tell = (sentence, { href, words, notice = true } = {}) => {
  const box = document.createElement("div");
  box.className = notice ? "callout is-notice" : "callout";
  box.setAttribute("role", "alert");
  const line = document.createElement("p");
  line.textContent = sentence;
  box.append(line);
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = words ?? href;
    line.append(" ", link);
  }
  said.replaceChildren(box);
};
const saved = document.getElementById("saved");
const drawWaiting = (n) => {
  saved.classList.toggle("is-waiting", n > 0);
  saved.querySelector(".waiting-icon").hidden = n === 0;
  saved.querySelector(".saved-icon").hidden = n > 0;
  const words = document.getElementById("saved-words");
  if (n > 0) words.textContent = n === 1 ? page.words.one_waiting : page.words.many_waiting.replace("{n}", n);
  else if (saved.dataset.wasWaiting) words.textContent = page.words.saved;
  if (n > 0) saved.dataset.wasWaiting = "1";
};

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

const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? form.elements.csrfmiddlewaretoken.value;
const send = async (entry) => {
  let response;
  try {
    response = await fetch(entry.address, {
      method: "POST", credentials: "same-origin", redirect: "error",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(entry.payload),
    });
  } catch { return { kind: "away" }; }
  const body = await response.json().catch(() => ({}));
  if (response.status === 200 || response.status === 201) return { kind: "stored" };
  if (response.status === 409) return { kind: "stands", ...body };
  if (response.status === 400) return { kind: "refused", ...body };
  return { kind: response.status === 401 || response.status === 403 ? "signed_out" : "away" };
};

// Another tab may send an answer to the text that stands here: whoever is at work on it is not moved on.
const untouched = () => past.length === 0 && [...form.querySelectorAll("textarea")].every((area) => area.value === area.defaultValue);

// One delivery at a time, in the order in which answers were given; what is not stored stays.
let delivering = Promise.resolve();
const deliver = () => (delivering = delivering.then(async () => {
  const entries = (await waiting(page.person)).sort((a, b) => a.payload.submitted_at.localeCompare(b.payload.submitted_at));
  let left = entries.length;
  for (const entry of entries) {
    const outcome = await send(entry);
    const here = entry.key === form.elements.client_key.value || (entry.seat === page.seat && untouched());
    if (outcome.kind === "away" || outcome.kind === "signed_out") {
      drawWaiting(left);
      if (entries.some((one) => one.seat === page.seat)) tell(outcome.kind === "away" ? page.words.kept : page.words.signed_out);
      return;
    }
    await drop(entry.key);
    left -= 1;
    if (outcome.kind === "stands") tell(page.words.stands, { href: outcome.revise, words: outcome.sentence });
    else if (outcome.kind === "refused") tell(here ? outcome.sentence : `${page.words.refused} ${outcome.sentence}`);
    else if (here) { drawWaiting(left); location.assign(entry.next); return; }
  }
  drawWaiting(left);
}));

let sending = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  sending = true;
  form.setAttribute("aria-busy", "true");
  const payload = answer(event.submitter);
  await keep({ key: payload.client_key, person: page.person, seat: page.seat, address: page.answers, next: page.next, payload });
  await deliver();
  form.removeAttribute("aria-busy");
  sending = false;
});
addEventListener("online", deliver);
setInterval(async () => { if ((await waiting(page.person)).length) deliver(); }, RETRY_MS);
// Answers of this person that an earlier page could not send.
waiting(page.person).then((left) => { if (left.length) deliver(); });
