// An open <details class="popover"> closes on Escape and on a click outside.
const close = (except) => {
  for (const pop of document.querySelectorAll("details.popover[open]")) if (!pop.contains(except)) pop.open = false;
};
document.addEventListener("click", (event) => close(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.activeElement?.closest("details.popover[open]");
  close(null);
  open?.querySelector("summary").focus();
});
