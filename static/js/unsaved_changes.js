// Changes of answers and verdicts that were begun on this device and not given yet, marked among one's own.
import { takeFlash } from "./flash.js";

const isBegun = ({ dataset: { place, answer } }) => [sessionStorage, localStorage].some((storage) =>
  ["draft", "words"].some((kind) => JSON.parse(storage.getItem(`${kind}/${place}`) ?? "null")?.replaces === answer));

const marks = [...document.querySelectorAll("[data-answer]")];
for (const mark of marks) if (isBegun(mark)) mark.hidden = false;

// Whoever comes from there hears of it at the top as well.
const left = document.getElementById("unsaved-change");
const said = takeFlash();
if (said?.kind === "left_unsaved") {
  const line = left.querySelector("p");
  line.textContent = left.dataset.message.replace("{text}", said.name);
  if (left.dataset.link) {
    const way = document.createElement("a");
    way.href = said.address;
    way.textContent = left.dataset.link;
    line.append(" ", way);
  }
  left.hidden = false;
}
