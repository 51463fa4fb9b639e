// Undoes the choices of a form one by one. `isRestored`: the server has filled the form with a draft, which counts as one.
export const startUndo = (form, button, { isRestored = false } = {}) => {
  const choices = () => [...form.querySelectorAll("input[type=radio], input[type=checkbox]")];
  const snapshot = () => choices().map((input) => input.checked);
  const past = [];
  let present = isRestored ? choices().map((input) => input.type === "radio" && input.value === "") : snapshot();

  const note = () => {
    const now = snapshot();
    if (now.every((checked, index) => checked === present[index])) return;
    past.push(present);
    present = now;
    button.disabled = false;
  };
  const undo = () => {
    if (!past.length) return;
    present = past.pop();
    choices().forEach((input, index) => { input.checked = present[index]; });
    button.disabled = past.length === 0;
  };
  button.disabled = true;
  form.addEventListener("reset", (event) => { event.preventDefault(); undo(); form.dispatchEvent(new Event("undone")); });
  // The key clicks the button, so both do the same.
  return { note, undo: () => { if (past.length) button.click(); } };
};
