// What is chosen and not yet saved survives a reload and a look at another page, in the storage of this tab
// alone: choices and the person's own remarks, never the text of a case.
const CHOICES = "input[type=radio], input[type=checkbox]";
const WORDS = "textarea, input[type=text]";

export const startDraft = ({ form, page }) => {
  const name = `draft/${page.person}/${page.place}`;
  const fields = (kind) => [...form.querySelectorAll(kind)];
  const now = () => JSON.stringify({
    // The answer that this would revise: a draft made over another one is not laid over this one.
    replaces: form.elements.replaces.value,
    chosen: fields(CHOICES).filter((input) => input.checked).map((input) => [input.name, input.value]),
    written: fields(WORDS).map((input) => [input.name, input.value]),
  });
  const first = now();
  let given = false;

  const isTouched = () => now() !== first;
  const drop = () => sessionStorage.removeItem(name);
  const save = () => {
    if (given) return;
    if (isTouched()) sessionStorage.setItem(name, now());
    else drop();
  };
  const restore = () => {
    const kept = JSON.parse(sessionStorage.getItem(name) ?? "null");
    if (!kept) return false;
    if (kept.replaces !== form.elements.replaces.value) { drop(); return false; }
    const chosen = new Set(kept.chosen.map(String));
    for (const input of fields(CHOICES)) input.checked = chosen.has(String([input.name, input.value]));
    const written = new Map(kept.written);
    for (const input of fields(WORDS)) input.value = written.get(input.name) ?? "";
    return true;
  };
  return {
    save, restore, isTouched,
    // Handed over to be sent: from then on what waits for the network keeps it.
    hand: () => { given = true; drop(); },
    takeBack: () => { given = false; save(); },
  };
};
