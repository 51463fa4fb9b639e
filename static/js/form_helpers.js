// Helpers of set-up forms: a short name from the name, added rows, copied links.
const name = document.getElementById("id_name");
const slug = document.getElementById("id_slug");
const slugOfName = () => name.value.normalize("NFKD").toLowerCase().replace(/[^\w\s-]/g, "")
  .trim().replace(/[-\s]+/g, "-").replace(/^[-_]+|[-_]+$/g, "").slice(0, 80);
if (name && slug) {
  let isEdited = slug.value !== "";
  slug.addEventListener("input", () => { isEdited = slug.value !== ""; });
  name.addEventListener("input", () => { if (!isEdited) slug.value = slugOfName(); });
  if (!isEdited) slug.value = slugOfName();
}

const rows = document.querySelector("[data-rows]");
const empty = document.querySelector("[data-empty-row]");
const total = document.querySelector("[name$='-TOTAL_FORMS']");
const addRow = () => {
  const holder = document.createElement("template");
  holder.innerHTML = empty.innerHTML.replaceAll("__prefix__", total.value);
  total.value = Number(total.value) + 1;
  rows.append(holder.content);
  return rows.lastElementChild;
};
document.querySelector("[data-more-rows]")?.addEventListener("click", (event) => {
  event.preventDefault();
  addRow().querySelector("input:not([type=hidden])").focus();
});

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("is-copied");
  });
}

// The lines of a text file go into a field; the file itself is not sent.
for (const input of document.querySelectorAll("[data-list-file]")) {
  const wrong = input.parentElement.querySelector("[data-not-text]");
  input.addEventListener("change", async () => {
    const field = document.getElementById(input.dataset.listFile);
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await input.files[0].arrayBuffer());
      field.value = [field.value.trim(), text.trim()].filter(Boolean).join("\n");
      wrong.hidden = true;
    } catch { wrong.hidden = false; }
    input.value = "";
  });
}
