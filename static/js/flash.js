// A message about the text that was left, shown on the next page.
import { showNotice } from "./notice.js";

const KEY = "flash";

export const keepFlash = (flash) => sessionStorage.setItem(KEY, JSON.stringify(flash));

// `kind` is a key of the page's words; `name` and `address` belong to the text that was left.
export const takeFlash = () => {
  const flash = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  return flash?.address === location.pathname ? null : flash;
};
export const showFlash = (words) => {
  const flash = takeFlash();
  if (!flash) return;
  const isPrevious = document.getElementById("previous-text")?.pathname === flash.address;
  const link = { href: flash.address, words: words.back, key: isPrevious ? "⌫" : "" };
  showNotice(words[flash.kind].replace("{text}", flash.name), [link]);
};
