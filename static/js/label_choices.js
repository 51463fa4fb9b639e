// The labels of one text: the selected row, its certainty, and choices that exclude each other.
import { startManyLabels } from "./many_labels.js";

export const startLabelChoices = ({ form, page, changed }) => {
  const rows = [...form.querySelectorAll(".label-choice")];
  const chosen = (row) => row.querySelector(":is(.is-yes, .is-no, .is-doubt) > :checked");
  const clear = (row) => { if (chosen(row)) row.querySelector(".is-clear > input").checked = true; };

  // A label selected by key or name that has no certainty yet. It looks half chosen, so submitting shows a notice.
  let awaiting = null;
  let drawChosen = () => {};
  const setAwaiting = (row) => {
    awaiting?.classList.remove("is-awaiting");
    awaiting = row;
    row?.classList.add("is-awaiting");
    drawChosen();
  };
  form.addEventListener("change", ({ target }) => {
    if (awaiting?.contains(target)) setAwaiting(null);
    // "No label applies" and a chosen label exclude each other: the newer choice counts.
    const none = form.elements.no_label_applies;
    if (target === none && none.checked) rows.filter((row) => row.querySelector(".is-yes > :checked")).forEach(clear);
    else if (target.closest(".is-yes")) none.checked = false;
    drawChosen();
    changed();
  });

  // ---- the selected row ---------------------------------------------------------------------
  let selected = null;
  const explain = (row) => {
    for (const description of document.querySelectorAll("#label-descriptions .label-description")) {
      description.hidden = description.id !== `description-${row?.dataset.label}`;
    }
  };
  const select = (row) => {
    if (selected === row) return;
    selected?.classList.remove("is-selected");
    selected = row;
    row?.classList.add("is-selected");
    explain(row);
  };
  form.addEventListener("focusin", ({ target }) => select(target.closest(".label-choice")));
  // Hovering only shows the description. Selecting would give the next digit to that label.
  form.addEventListener("pointerover", ({ target }) => { if (!selected) explain(target.closest(".label-choice")); });

  const toggle = (input) => {
    if (!input) return;
    input.checked = input.type === "radio" ? true : !input.checked;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const cancel = () => {
    if (!awaiting) return false;
    setAwaiting(null);
    document.activeElement.blur();
    select(null);
    return true;
  };
  const press = (row) => {
    if (awaiting === row) { cancel(); return; }
    // In a closed group nothing receives the focus.
    row.closest("details")?.setAttribute("open", "");
    const again = selected === row && chosen(row);
    if (again) toggle(row.querySelector(".is-clear > input"));
    else if (!page.asks_certainty) toggle(row.querySelector(".is-yes > input"));
    setAwaiting(page.asks_certainty && !again && !chosen(row) ? row : null);
    // Focus goes to the row, not its first step: a ring there would look like a chosen certainty.
    (awaiting ?? chosen(row) ?? row.querySelector(".is-yes > input")).focus();
    select(row);
  };
  for (const row of rows) {
    row.tabIndex = -1;
    row.querySelector(".name").addEventListener("click", () => { if (!chosen(row) && awaiting !== row) press(row); });
  }
  const pressStep = (value) => {
    const step = [...(selected?.querySelectorAll(".step > input") ?? [])]
      .find((input) => input.value === value || input.value.endsWith(`:${value}`));
    if (!step) return false;
    setAwaiting(null);
    toggle(step);
    step.focus();
    return true;
  };

  const many = startManyLabels({
    form, page, rows, chosen, press, awaiting: () => awaiting,
    show: (row) => { (chosen(row) ?? row).focus(); select(row); },
  });
  drawChosen = many.drawChosen;

  return {
    press, pressStep, cancel, toggle,
    rowOf: (code) => rows.find((row) => row.dataset.code === code && !row.hidden),
    focusSearch: many.focusSearch,
    chosenRows: () => rows.filter((row) => row.querySelector(".is-yes > :checked")),
    keyOf: (row) => page.labels[row.dataset.label].key,
    nameOf: (row) => row.querySelector(".name").textContent.trim(),
    // The name of the label that has no certainty yet.
    get awaiting() { return awaiting?.querySelector(".name").textContent.trim(); },
  };
};
