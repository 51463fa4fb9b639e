// On every page of a person: what waits on this device is sent, what cannot be sent is counted, and nobody signs out
// over it unasked. The desks say it in their own place (sending.js).
import { layBeside } from "./beside.js";
import { deliver } from "./delivery.js";
import { waiting } from "./outbox.js";

const RETRY_MS = 5000;
const atDesk = document.getElementById("saved") !== null;
const place = document.getElementById("waiting");
const [count, held] = place.querySelectorAll("p");
const way = place.querySelector(".actions-row");

// What left this device and is not stored is said, with the way to its text; it stays until the page is left.
let isTold = false;
const tellOfLoss = (entry, { kind, sentence, stored, revise }) => {
  if (kind === "stored") return;
  if (stored) layBeside(entry, stored.uuid);
  const line = document.createElement("p");
  if (kind === "refused") line.textContent = `${place.dataset.refused} ${sentence ?? ""}`;
  else line.textContent = entry.name ? place.dataset.stands.replace("{text}", entry.name) : sentence;
  const way = document.createElement("a");
  way.href = revise ?? entry.revise;
  way.textContent = place.dataset.see;
  if (revise ?? entry.revise) line.append(" ", way);
  count.before(line);
  isTold = true;
};

const draw = (n) => {
  place.hidden = n === 0 && !isTold;
  count.hidden = n === 0;
  count.textContent = n === 1 ? place.dataset.one : place.dataset.many.replace("{n}", n);
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

for (const form of document.querySelectorAll("[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.anyway) return;
    event.preventDefault();
    if (!(await waiting()).length || (await sendNow()) === 0) { form.submit(); return; }
    held.textContent = place.dataset.held;
    held.hidden = way.hidden = false;
    way.querySelector("button").onclick = () => { form.dataset.anyway = "yes"; form.submit(); };
    way.querySelector("button").focus();
  });
}
