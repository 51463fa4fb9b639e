// Marks one's own answers and verdicts that have an unsaved change on this device.
import { takeFlash } from "./flash.js";

const hasUnsavedChange = ({ dataset: { place, answer } }) => [sessionStorage, localStorage].some((storage) =>
  ["draft", "words"].some((kind) => JSON.parse(storage.getItem(`${kind}/${place}`) ?? "null")?.replaces === answer));

const marks = [...document.querySelectorAll("[data-answer]")];
for (const mark of marks) if (hasUnsavedChange(mark)) mark.hidden = false;

// A person who just left such a change also sees a message at the top.
const box = document.getElementById("unsaved-change");
const flash = takeFlash();
if (flash?.kind === "left_unsaved") {
  const line = box.querySelector("p");
  line.textContent = box.dataset.message.replace("{text}", flash.name);
  if (box.dataset.link) {
    const link = document.createElement("a");
    link.href = flash.address;
    link.textContent = box.dataset.link;
    line.append(" ", link);
  }
  box.hidden = false;
}
