// Keys by their place on the keyboard, the panel that lists them, and the switch that turns them off.
import { hush, tell } from "./said.js";

const WRITING = "textarea, input[type=search], input[type=text]";
const dialog = document.getElementById("keys");
const toggle = document.getElementById("toggle-keys");
const opener = document.getElementById("show-keys");

// `press(code, digit)` says whether the key meant something, and so does `shifted(code, digit)` of one with Shift.
export const startKeys = ({ words, press, shifted = () => false }) => {
  let off = localStorage.getItem("keys") === "off";
  const drawToggle = () => { toggle.textContent = off ? words.keys_on : words.keys_off; };
  toggle.addEventListener("click", () => {
    off = !off;
    localStorage.setItem("keys", off ? "off" : "on");
    drawToggle();
  });
  drawToggle();
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());

  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return false;
    if (event.key === "Escape") hush();
    const writing = event.target.closest(WRITING);
    if (writing) {
      if (event.key === "Escape") writing.blur();
      return false;
    }
    if (off || document.querySelector(".is-handed-in")) return false;
    if (event.key === "?" || event.key === "؟") { dialog.showModal(); return true; }
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (event.shiftKey) return shifted(event.code, digit);
    if (event.code === "Enter" || event.code === "NumpadEnter") {
      if (event.target.closest("a, button, summary")) return false;
      const save = document.getElementById("save");
      save.form.requestSubmit(save);
      return true;
    }
    return press(event.code, digit);
  };
  // Without a network a link leads to the browser's own page, from which nothing comes back by itself.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || navigator.onLine || link.target || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    tell(words.away);
  });
  document.addEventListener("keydown", (event) => { if (!event.repeat && onKey(event)) event.preventDefault(); });
};
