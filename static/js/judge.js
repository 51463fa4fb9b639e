// Judging by keys, sending without leaving the page, and keeping what could not be sent.
// The page works as a plain form without this module.
import { activeMs } from "./active.js";
import { drop, keep, waiting } from "./outbox.js";
import "./reading.js";

const page = JSON.parse(document.getElementById("page").textContent);
const form = document.getElementById("verdict-form");
const reason = document.getElementById("reason");
const RETRY_MS = 5000;

// ---- keys, by their place on the keyboard --------------------------------------------------
const dialog = document.getElementById("keys");
const toggle = document.getElementById("toggle-keys");
let keysOff = localStorage.getItem("keys") === "off";
const drawToggle = () => { toggle.textContent = keysOff ? page.words.keys_on : page.words.keys_off; };
toggle.addEventListener("click", () => {
  keysOff = !keysOff;
  localStorage.setItem("keys", keysOff ? "off" : "on");
  drawToggle();
});
drawToggle();
const showKeys = document.getElementById("show-keys");
showKeys.hidden = false;
showKeys.addEventListener("click", () => dialog.showModal());

const verdict = () => form.elements.verdict.value;
const press = (input) => {
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
};
form.addEventListener("change", ({ target }) => {
  if (target.name !== "verdict") return;
  // Confidence is in a verdict: with "cannot judge" there is none to be sure of.
  if (target.value === "cannot") for (const step of form.elements.confidence) step.checked = false;
});
const pressStep = (digit) => {
  const step = [...form.elements.confidence].find((one) => one.value === digit);
  if (step && verdict() && verdict() !== "cannot") press(step);
};
const onKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return false;
  if (event.target.closest("textarea, input[type=search]")) {
    if (event.key === "Escape") event.target.blur();
    return false;
  }
  if (keysOff) return false;
  if (event.key === "?" || event.key === "؟") { dialog.showModal(); return true; }
  if (event.shiftKey) return false;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const button = form.querySelector(`[name=verdict][data-code="${digit === "0" ? "Digit0" : event.code}"]`);
  if (button) {
    press(button);
    if (button.value === "cannot") reason.focus();
    return true;
  }
  if (digit !== undefined) { pressStep(digit); return true; }
  if (event.code === "Enter" || event.code === "NumpadEnter") {
    if (event.target.closest("a, button, summary")) return false;
    form.requestSubmit(document.getElementById("save"));
    return true;
  }
  const link = { KeyU: "undo", KeyP: "pause" }[event.code];
  if (link) { document.getElementById(link)?.click(); return true; }
  return false;
};
document.addEventListener("keydown", (event) => { if (!event.repeat && onKey(event)) event.preventDefault(); });

// ---- what the page says ----------------------------------------------------------------------
const said = document.getElementById("said");
const tell = (sentence, { href, words } = {}) => {
  const box = document.createElement("div");
  box.className = "callout is-notice";
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
  const words = document.getElementById("saved-words");
  if (n > 0) words.textContent = n === 1 ? page.words.one_waiting : page.words.many_waiting.replace("{n}", n);
  else if (saved.classList.contains("is-waiting")) words.textContent = page.words.saved;
  saved.classList.toggle("is-waiting", n > 0);
  saved.querySelector(".waiting-icon").hidden = n === 0;
  saved.querySelector(".saved-icon").hidden = n > 0;
};

// ---- sending ------------------------------------------------------------------------------------
const judgment = () => {
  const given = new FormData(form);
  const step = given.get("confidence");
  return {
    client_key: given.get("client_key"),
    replaces: given.get("replaces") || null,
    verdict: given.get("verdict"),
    confidence: step && given.get("verdict") !== "cannot" ? Number(step) / page.top : null,
    reason: given.get("reason").trim(),
    submitted_at: new Date().toISOString(),
    active_ms: activeMs(),
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

// One delivery at a time, in the order in which verdicts were given; what is not stored stays.
let delivering = Promise.resolve();
const deliver = () => (delivering = delivering.then(async () => {
  const entries = (await waiting(page.person)).sort((a, b) => a.payload.submitted_at.localeCompare(b.payload.submitted_at));
  let left = entries.length;
  for (const entry of entries) {
    const outcome = await send(entry);
    const here = entry.seat === page.exposure;
    if (outcome.kind === "away" || outcome.kind === "signed_out") {
      drawWaiting(left);
      if (entries.some((one) => one.seat === page.exposure)) tell(outcome.kind === "away" ? page.words.kept : page.words.signed_out);
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
// The page says in its own words what is missing, in the place where it says everything else.
form.noValidate = true;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  if (!verdict()) { tell(page.words.first); return; }
  if (verdict() === "cannot" && !reason.value.trim()) { tell(page.words.why); reason.focus(); return; }
  sending = true;
  form.setAttribute("aria-busy", "true");
  const payload = judgment();
  await keep({ key: payload.client_key, person: page.person, seat: page.exposure, address: page.judgments, next: page.next, payload });
  await deliver();
  form.removeAttribute("aria-busy");
  sending = false;
});
addEventListener("online", deliver);
setInterval(async () => { if ((await waiting(page.person)).length) deliver(); }, RETRY_MS);
// Verdicts of this person that an earlier page could not send.
waiting(page.person).then((left) => { if (left.length) deliver(); });
