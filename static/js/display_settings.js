// What a reader chooses of the look is seen at once and kept for the next page; without this module a form keeps it.
const YEAR = 31_536_000;
const DARK_MEDIA = { system: "(prefers-color-scheme: dark)", dark: "(min-width: 0)", light: "(max-width: 0)" };
const CHOICES = "[name=theme], [name=reading-size], [name=reading-lines]";

const keep = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`; };

const wear = (theme) => {
  const all = Object.values(DARK_MEDIA);
  for (const one of document.querySelectorAll("link[media], source[media]")) {
    const held = all.find((media) => one.media.includes(media));
    if (held) one.media = one.media.replace(held, DARK_MEDIA[theme]);
  }
  for (const button of document.querySelectorAll("button[name=theme]")) {
    button.setAttribute("aria-pressed", button.value === theme);
  }
};

// A text that was fetched ahead may carry an older choice: it is shown as the one before it.
export const carryDisplaySettings = (parts) => {
  for (const input of document.querySelectorAll(CHOICES)) {
    const same = input.checked && parts.querySelector(`[name="${input.name}"][value="${input.value}"]`);
    if (same) same.checked = true;
  }
};

// Texts come and go within a page: so it is listened to as a whole.
document.addEventListener("change", ({ target }) => {
  if (!target.matches(CHOICES)) return;
  keep(target.name, target.value);
  if (target.name === "theme") wear(target.value);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=theme]");
  if (!button) return;
  event.preventDefault();
  keep("theme", button.value);
  wear(button.value);
});
