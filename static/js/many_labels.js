// Many labels: search with keys, a summary of what is chosen, and groups that stay folded from text to text.
const folded = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
const nameOf = (row) => row.querySelector(".name").textContent.trim();

// Groups of a study that the person closed.
const startGroups = (form, page) => {
  const groups = [...form.querySelectorAll("details.label-group")];
  const kept = `groups/${page.study}`;
  const closed = new Set(JSON.parse(localStorage.getItem(kept) ?? "[]"));
  // While a search or the summary opens groups, nothing is kept.
  let isKept = true;
  const restore = () => { for (const group of groups) group.open = !closed.has(group.dataset.group); };
  restore();
  for (const group of groups) {
    group.querySelector("summary").addEventListener("click", () => {
      if (!isKept) return;
      if (group.open) closed.add(group.dataset.group); else closed.delete(group.dataset.group);
      localStorage.setItem(kept, JSON.stringify([...closed]));
    });
  }
  return {
    search: (isSearching) => {
      isKept = !isSearching;
      if (!isSearching) restore();
      for (const group of groups) {
        group.hidden = !group.querySelector(".label-choice:not([hidden])");
        if (isSearching) group.open = true;
      }
    },
  };
};

// `press(row)` selects a label as its key does; `show(row)` moves the focus to it.
export const startManyLabels = ({ form, page, rows, chosen, press, awaiting, show }) => {
  const groups = startGroups(form, page);
  const find = form.querySelector("[data-find]");
  if (!find) return { drawChosen: () => {}, focusSearch: () => false };
  const { words } = page;
  find.closest(".label-tools").hidden = false;

  // ---- search ---------------------------------------------------------------------------------
  const [count, now] = [form.querySelector("[data-found]"), form.querySelector("[data-found-now]")];
  let found = [];
  let current = null;
  const setCurrent = (row) => {
    current?.classList.remove("is-found");
    current = row;
    row?.classList.add("is-found");
    row?.scrollIntoView({ block: "nearest" });
    const place = { name: row ? nameOf(row) : "", place: found.indexOf(row) + 1, n: found.length };
    now.textContent = row ? words.label_current.replace(/\{(\w+)\}/g, (_, name) => place[name]) : "";
  };
  const filter = () => {
    const query = folded(find.value.trim());
    found = rows.filter((row) => folded(nameOf(row)).includes(query));
    for (const row of rows) row.hidden = Boolean(query) && !found.includes(row);
    groups.search(Boolean(query));
    count.textContent = !query ? ""
      : found.length ? words.labels_found.replace("{n}", found.length).replace("{of}", rows.length) : words.no_label_found;
    // Labels that are not chosen yet come first.
    setCurrent(query ? found.find((row) => !chosen(row)) ?? found[0] ?? null : null);
  };
  const close = () => { find.value = ""; filter(); };
  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && current) setCurrent(found[(found.indexOf(current) + step + found.length) % found.length]);
    else if (event.key === "Enter") {
      const row = current;
      close();
      if (row) press(row);
      else find.blur();
    } else if (event.key === "Escape") { close(); find.blur(); } else return;
    event.preventDefault();
    // Esc would also end what is selected.
    event.stopPropagation();
  });

  // ---- summary --------------------------------------------------------------------------------
  const list = form.querySelector("[data-chosen]");
  const entryOf = (row) => {
    const step = chosen(row);
    const entry = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.row = row.dataset.label;
    const name = document.createElement(step && !step.closest(".is-yes") ? "s" : "bdi");
    name.textContent = nameOf(row);
    const certainty = document.createElement("span");
    certainty.textContent = step ? step.closest(".step").textContent.trim() : "?";
    if (step) button.setAttribute("aria-label", `${nameOf(row)}: ${step.getAttribute("aria-label").replace(`${nameOf(row)}: `, "")}`);
    button.append(name, " ", certainty);
    button.addEventListener("click", () => { if (find.value) close(); row.closest("details")?.setAttribute("open", ""); show(row); row.scrollIntoView({ block: "center" }); });
    entry.append(button);
    return entry;
  };
  const drawChosen = () => {
    const marked = rows.filter((row) => chosen(row) || row === awaiting());
    marked.sort((a, b) => Number(Boolean(chosen(b)?.closest(".is-yes"))) - Number(Boolean(chosen(a)?.closest(".is-yes"))));
    const focused = list.querySelector(":focus")?.dataset.row;
    list.replaceChildren(...marked.map(entryOf));
    if (!marked.length) list.append(Object.assign(document.createElement("li"), { className: "soft", textContent: words.none_chosen }));
    if (focused) list.querySelector(`[data-row="${focused}"]`)?.focus();
  };
  for (const kind of ["undone", "restored", "shown"]) form.addEventListener(kind, drawChosen);
  drawChosen();
  return { drawChosen, focusSearch: () => { find.focus(); return true; } };
};
