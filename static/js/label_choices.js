// The labels of one text: which is taken in hand, how certain, and what excludes what.
const plain = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

export const startLabelChoices = ({ form, page, changed }) => {
  const rows = [...form.querySelectorAll(".label-choice")];
  const chosen = (row) => row.querySelector(":is(.is-yes, .is-no, .is-doubt) > :checked");
  const clear = (row) => { if (chosen(row)) row.querySelector(".is-clear > input").checked = true; };

  // A label taken by its key, or by its name, that has no certainty yet: it looks half chosen, so no answer goes
  // without a word about it.
  let awaiting = null;
  const hold = (row) => {
    awaiting?.classList.remove("is-awaiting");
    awaiting = row;
    row?.classList.add("is-awaiting");
  };
  form.addEventListener("change", ({ target }) => {
    if (awaiting?.contains(target)) hold(null);
    // The empty set and a chosen label exclude one another: the newer word counts.
    const none = form.elements.no_label_applies;
    if (target === none && none.checked) rows.filter((row) => row.querySelector(".is-yes > :checked")).forEach(clear);
    else if (target.closest(".is-yes")) none.checked = false;
    changed();
  });

  // ---- the row in hand ---------------------------------------------------------------------
  let inHand = null;
  const explain = (row) => {
    for (const meaning of document.querySelectorAll("#label-descriptions .label-description")) {
      meaning.hidden = meaning.id !== `description-${row?.dataset.label}`;
    }
  };
  const take = (row) => {
    if (inHand === row) return;
    inHand?.classList.remove("is-selected");
    inHand = row;
    row?.classList.add("is-selected");
    explain(row);
  };
  form.addEventListener("focusin", ({ target }) => take(target.closest(".label-choice")));
  // A pointer that only rests somewhere takes nothing in hand: the next digit would be that label's.
  form.addEventListener("pointerover", ({ target }) => { if (!inHand) explain(target.closest(".label-choice")); });

  const turn = (input) => {
    if (!input) return;
    input.checked = input.type === "radio" ? true : !input.checked;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const putDown = () => {
    if (!awaiting) return false;
    hold(null);
    document.activeElement.blur();
    take(null);
    return true;
  };
  const press = (row) => {
    if (awaiting === row) { putDown(); return; }
    const again = inHand === row && chosen(row);
    if (again) turn(row.querySelector(".is-clear > input"));
    else if (!page.asks_certainty) turn(row.querySelector(".is-yes > input"));
    hold(page.asks_certainty && !again && !chosen(row) ? row : null);
    // The row, not its first step: a ring around a certainty that nobody gave would look like one.
    (awaiting ?? chosen(row) ?? row.querySelector(".is-yes > input")).focus();
    take(row);
  };
  for (const row of rows) {
    row.tabIndex = -1;
    row.querySelector(".name").addEventListener("click", () => { if (!chosen(row) && awaiting !== row) press(row); });
  }
  const pressStep = (value) => {
    const step = [...(inHand?.querySelectorAll(".step > input") ?? [])]
      .find((input) => input.value === value || input.value.endsWith(`:${value}`));
    if (!step) return false;
    hold(null);
    turn(step);
    step.focus();
    return true;
  };

  // ---- finding a label among many ------------------------------------------------------------
  const find = form.querySelector("[data-find]");
  if (find) {
    find.closest(".label-search").hidden = false;
    const show = () => {
      const sought = plain(find.value.trim());
      for (const row of rows) row.hidden = !(plain(row.querySelector(".name").textContent).includes(sought) || chosen(row));
    };
    find.addEventListener("input", show);
    find.addEventListener("keydown", (event) => {
      const first = rows.find((row) => !row.hidden && !chosen(row)) ?? rows.find((row) => !row.hidden);
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      if (event.key === "Enter" && find.value.trim() && first) press(first);
      else find.blur();
      find.value = "";
      show();
    });
  }

  return {
    press, pressStep, putDown, turn,
    rowOf: (code) => rows.find((row) => row.dataset.code === code && !row.hidden),
    seek: () => { find?.focus(); return Boolean(find); },
    // The name of the label that waits for its certainty.
    get awaited() { return awaiting?.querySelector(".name").textContent.trim(); },
  };
};
