// On every page of a person: what waits on this device is sent, what cannot be sent is counted, and nobody signs out
// over it unasked. The desks say it in their own place (sending.js).
import { keepConflict } from "./conflict.js";
import { account, deliver, waiting } from "./outbox.js";

const RETRY_MS = 5000;
const atDesk = document.getElementById("saved") !== null;
const place = document.getElementById("outbox");
const [count, held] = place.querySelectorAll("p");
const way = place.querySelector(".actions-row");

// What left this device and is not stored is said, with the way to its text; it stays until the page is left.
let isTold = false;
const tellOfLoss = (entry, { kind, sentence, stored, revise }) => {
  if (kind === "stored") return;
  if (stored) keepConflict(entry, stored.uuid);
  const line = document.createElement("p");
  if (kind === "refused") line.textContent = `${place.dataset.refused} ${sentence ?? ""}`;
  else line.textContent = entry.name ? place.dataset.conflict.replace("{text}", entry.name) : sentence;
  const way = document.createElement("a");
  way.href = revise ?? entry.revise;
  way.textContent = place.dataset.link;
  if (revise ?? entry.revise) line.append(" ", way);
  count.before(line);
  isTold = true;
};

const draw = (n) => {
  place.hidden = n === 0 && !isTold && held.hidden;
  count.hidden = n === 0;
  count.textContent = n === 1 ? place.dataset.oneUnsent : place.dataset.manyUnsent.replace("{n}", n);
};
const send = async () => {
  const { stuck } = await deliver(tellOfLoss);
  draw(stuck.length);
  return stuck.length;
};
// One delivery at a time, and none on pages of people for whom nothing waits.
let sending = Promise.resolve(0);
const sendNow = () => (sending = sending.then(send).catch((fault) => { console.error(fault); return 1; }));

if (!atDesk) {
  if ((await waiting()).length) await sendNow();
  addEventListener("online", sendNow);
  setInterval(async () => { if ((await waiting()).length) sendNow(); else draw(0); }, RETRY_MS);
}

// Choices that are not given yet are on this device alone: whoever signs out is told of them, and leaves none behind.
const begun = () => Object.keys(localStorage).filter((name) =>
  name.startsWith("draft/") && JSON.parse(localStorage.getItem(name))?.account === account);
const signOut = (form) => {
  for (const name of begun()) localStorage.removeItem(name);
  for (const name of Object.keys(sessionStorage)) if (/^(draft|words|aside)\//.test(name)) sessionStorage.removeItem(name);
  form.submit();
};

for (const form of document.querySelectorAll("[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const isWaiting = (await waiting()).length > 0 && (await sendNow()) > 0;
    const n = begun().length;
    if (!isWaiting && !n) { signOut(form); return; }
    // The menu that asked lies over what is said now.
    form.closest("details")?.removeAttribute("open");
    const { unsent: ofAnswers, unsavedChoices: ofChoices } = place.dataset;
    held.textContent = [isWaiting ? ofAnswers : "", n ? ofChoices.replace("{n}", n) : ""].join(" ").trim();
    place.hidden = held.hidden = way.hidden = false;
    way.querySelector("button").onclick = () => signOut(form);
    way.querySelector("button").focus();
  });
}
