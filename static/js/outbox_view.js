// On each page of a signed-in person: sends waiting answers, counts unsent ones, and asks before signing out over them.
// The annotate and judge pages show the count themselves (submission.js).
import { keepConflict } from "./conflict.js";
import { account, deliver, waiting } from "./outbox.js";

const RETRY_MS = 5000;
const isWorkspace = document.getElementById("saved") !== null;
const box = document.getElementById("outbox");
const [count, signOutNote] = box.querySelectorAll("p");
const signOutRow = box.querySelector(".actions-row");

// An answer that was refused or conflicts is shown with a link to its text, until the page is left.
let hasLoss = false;
const showLoss = (entry, { kind, sentence, stored, revise }) => {
  if (kind === "stored") return;
  if (stored) keepConflict(entry, stored.uuid);
  const line = document.createElement("p");
  if (kind === "refused") line.textContent = `${box.dataset.refused} ${sentence ?? ""}`;
  else line.textContent = entry.name ? box.dataset.conflict.replace("{text}", entry.name) : sentence;
  const link = document.createElement("a");
  link.href = revise ?? entry.revise;
  link.textContent = box.dataset.link;
  if (revise ?? entry.revise) line.append(" ", link);
  count.before(line);
  hasLoss = true;
};

const draw = (n) => {
  box.hidden = n === 0 && !hasLoss && signOutNote.hidden;
  count.hidden = n === 0;
  count.textContent = n === 1 ? box.dataset.oneUnsent : box.dataset.manyUnsent.replace("{n}", n);
};
const send = async () => {
  const { stuck } = await deliver(showLoss);
  draw(stuck.length);
  return stuck.length;
};
// One delivery at a time, and none if nothing waits.
let sending = Promise.resolve(0);
const sendNow = () => (sending = sending.then(send).catch((fault) => { console.error(fault); return 1; }));

if (!isWorkspace) {
  if ((await waiting()).length) await sendNow();
  addEventListener("online", sendNow);
  setInterval(async () => { if ((await waiting()).length) sendNow(); else draw(0); }, RETRY_MS);
}

// Choices that the server does not have exist only on this device: signing out warns of them and deletes all.
const drafts = () => Object.keys(localStorage).filter((name) =>
  name.startsWith("draft/") && JSON.parse(localStorage.getItem(name))?.account === account);
const unsavedDrafts = () => drafts().filter((name) => JSON.parse(localStorage.getItem(name)).sent === undefined);
const signOut = (form) => {
  for (const name of drafts()) localStorage.removeItem(name);
  for (const name of Object.keys(sessionStorage)) if (/^(draft|words|aside)\//.test(name)) sessionStorage.removeItem(name);
  form.submit();
};

for (const form of document.querySelectorAll("[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const isWaiting = (await waiting()).length > 0 && (await sendNow()) > 0;
    const n = unsavedDrafts().length;
    if (!isWaiting && !n) { signOut(form); return; }
    // The open menu would cover the message.
    form.closest("details")?.removeAttribute("open");
    const { unsent: ofAnswers, unsavedChoices: ofChoices } = box.dataset;
    signOutNote.textContent = [isWaiting ? ofAnswers : "", n ? ofChoices.replace("{n}", n) : ""].join(" ").trim();
    box.hidden = signOutNote.hidden = signOutRow.hidden = false;
    signOutRow.querySelector("button").onclick = () => signOut(form);
    signOutRow.querySelector("button").focus();
  });
}
