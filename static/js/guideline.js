// A panel with the guideline, in the version that the answer will name.
const dialog = document.getElementById("guideline");
const body = dialog.querySelector(".panel-body");
let shown = "";

const load = async (address) => {
  if (shown === address) return true;
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) return false;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const parts = [...page.querySelector("main").children].filter((part) => !part.matches("h1, form"));
  body.replaceChildren(...parts.map((part) => document.importNode(part, true)));
  // Links open a new tab, so nobody leaves the text.
  for (const link of body.querySelectorAll("a")) { link.target = "_blank"; link.rel = "noopener"; }
  shown = address;
  return true;
};

export const startGuideline = ({ address, words }) => {
  // Loaded in idle time, so that it is available offline.
  const idle = globalThis.requestIdleCallback ?? ((task) => setTimeout(task, 500));
  idle(() => load(address()));
  const open = async (part = "") => {
    dialog.showModal();
    if (!(await load(address()))) body.textContent = words.guideline_offline;
    body.focus();
    const heading = part && body.querySelector(part);
    if (heading) heading.scrollIntoView();
    else body.scrollTop = 0;
  };
  const toggle = () => { if (dialog.open) dialog.close(); else open(); };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-guideline]");
    if (event.ctrlKey || event.metaKey || !link) return;
    event.preventDefault();
    open(link.hash);
  });
  // A click outside the panel closes it.
  dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    if (event.code !== "KeyH" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    // Otherwise the page would open it again.
    event.stopPropagation();
    dialog.close();
  });
  return { toggle };
};
