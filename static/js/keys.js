// Keys by their place on the keyboard, the panel that lists them, and the switch that turns them off.
import { clearNotice, showNotice } from "./notice.js";

const WRITING = "textarea, input[type=search], input[type=text]";
const dialog = document.getElementById("keys");
const toggle = document.getElementById("toggle-keys");
const opener = document.getElementById("show-keys");

// `press(code, digit)` says whether the key meant something, and so does `shifted(code, digit)` of one with Shift.
export const startKeys = ({ words, press, shifted = () => false }) => {
  let off = localStorage.getItem("keys") === "off";
  const drawToggle = () => {
    toggle.textContent = off ? words.keys_on : words.keys_off;
    document.body.classList.toggle("is-without-keys", off);
  };
  toggle.addEventListener("click", () => {
    off = !off;
    localStorage.setItem("keys", off ? "off" : "on");
    drawToggle();
  });
  drawToggle();
  // From its beginning, also where it is longer than the window.
  const show = () => { dialog.showModal(); dialog.scrollTop = 0; };
  opener.hidden = false;
  opener.addEventListener("click", show);

  // Out of a field, where Enter begins a line: what the form asks for just now, else what its button does.
  const sends = (event) => {
    const form = event.target.closest("textarea")?.form;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || !form || form.matches(".is-submitting")) return false;
    const save = form.querySelector("[data-submits]:not([hidden])") ?? form.querySelector("#save");
    if (save) form.requestSubmit(save);
    return Boolean(save);
  };
  // What is pressed while an answer is handed over is meant for the text after it; where none comes it is meant for none.
  const early = [];
  document.addEventListener("given", ({ detail: { isOnward } }) => {
    for (const { key, code, shiftKey } of early.splice(0)) {
      const again = new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true });
      if (isOnward) document.activeElement.dispatchEvent(again);
    }
  });
  const onKey = (event) => {
    if (sends(event)) return true;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return false;
    if (event.key === "Escape") clearNotice();
    const writing = event.target.closest(WRITING);
    if (writing) {
      if (event.key === "Escape") writing.blur();
      return false;
    }
    if (off || document.querySelector(".is-submitting")) return false;
    if (document.querySelector("form[aria-busy]")) { early.push(event); return true; }
    if (event.key === "?" || event.key === "؟") { show(); return true; }
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
    showNotice(words.offline);
  });
  document.addEventListener("keydown", (event) => { if (!event.repeat && onKey(event)) event.preventDefault(); });
};
