// Keyboard shortcuts by key position, their list, and the switch that turns them off.
import { clearNotice, showNotice } from "./notice.js";

const WRITING = "textarea, input[type=search], input[type=text]";
const dialog = document.getElementById("keys");
const toggle = document.getElementById("toggle-keys");
const openButton = document.getElementById("show-keys");

// `press(code, digit)` returns whether it used the key; `shifted(code, digit)` does the same with Shift.
export const startKeys = ({ words, press, shifted = () => false }) => {
  let isOff = localStorage.getItem("keys") === "off";
  const drawToggle = () => {
    toggle.textContent = isOff ? words.keys_on : words.keys_off;
    document.body.classList.toggle("is-without-keys", isOff);
  };
  toggle.addEventListener("click", () => {
    isOff = !isOff;
    localStorage.setItem("keys", isOff ? "off" : "on");
    drawToggle();
  });
  drawToggle();
  // Scrolled to the top, also if it is longer than the window.
  const openList = () => { dialog.showModal(); dialog.scrollTop = 0; };
  openButton.hidden = false;
  openButton.addEventListener("click", openList);

  // Ctrl+Enter in a text field, where Enter starts a line: presses the visible submit button, or else Save.
  const sends = (event) => {
    const form = event.target.closest("textarea")?.form;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || !form || form.matches(".is-submitting")) return false;
    const save = form.querySelector("[data-submits]:not([hidden])") ?? form.querySelector("#save");
    if (save) form.requestSubmit(save);
    return Boolean(save);
  };
  // Keys pressed during a submission belong to the next text; they are dropped if there is none.
  const queued = [];
  document.addEventListener("submitted", ({ detail: { hasNext } }) => {
    for (const { key, code, shiftKey } of queued.splice(0)) {
      const again = new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true });
      if (hasNext) document.activeElement.dispatchEvent(again);
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
    if (isOff || document.querySelector(".is-submitting")) return false;
    if (document.querySelector("form[aria-busy]")) { queued.push(event); return true; }
    if (event.key === "?" || event.key === "؟") { openList(); return true; }
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
  // Offline, a link would lead to the browser's error page, which does not recover.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || navigator.onLine || link.target || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    showNotice(words.offline);
  });
  document.addEventListener("keydown", (event) => { if (!event.repeat && onKey(event)) event.preventDefault(); });
};
