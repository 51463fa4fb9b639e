// Applies display settings (colours, text size, lines) at once and saves them. Without this module a form saves them.
const YEAR = 31_536_000;
const DARK_MEDIA = { system: "(prefers-color-scheme: dark)", dark: "(min-width: 0)", light: "(max-width: 0)" };
const CHOICES = "[name=theme], [name=reading-size], [name=reading-lines]";

const saveCookie = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`; };

const applyTheme = (theme) => {
  const all = Object.values(DARK_MEDIA);
  for (const one of document.querySelectorAll("link[media], source[media]")) {
    const current = all.find((media) => one.media.includes(media));
    if (current) one.media = one.media.replace(current, DARK_MEDIA[theme]);
  }
  for (const button of document.querySelectorAll("button[name=theme]")) {
    button.setAttribute("aria-pressed", button.value === theme);
  }
};

// A prefetched text may contain older settings: it gets those of the text before it.
export const carryDisplaySettings = (parts) => {
  for (const input of document.querySelectorAll(CHOICES)) {
    const same = input.checked && parts.querySelector(`[name="${input.name}"][value="${input.value}"]`);
    if (same) same.checked = true;
  }
};

// Texts are replaced within a page, so the listener is on the document.
document.addEventListener("change", ({ target }) => {
  if (!target.matches(CHOICES)) return;
  saveCookie(target.name, target.value);
  if (target.name === "theme") applyTheme(target.value);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=theme]");
  if (!button) return;
  event.preventDefault();
  saveCookie("theme", button.value);
  applyTheme(button.value);
});
