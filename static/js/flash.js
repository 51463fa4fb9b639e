// What is to be said of a text that was left, on the next one or wherever its person goes on to.
import { showNotice } from "./notice.js";

const PLACE = "parting";

export const keepFlash = (said) => sessionStorage.setItem(PLACE, JSON.stringify(said));

// `kind` is one of the page's words, `name` and `address` those of the text that was left.
export const takeFlash = () => {
  const said = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  sessionStorage.removeItem(PLACE);
  return said?.address === location.pathname ? null : said;
};
export const showFlash = (words) => {
  const said = takeFlash();
  if (!said) return;
  const isBefore = document.getElementById("previous-text")?.pathname === said.address;
  const way = { href: said.address, words: words.back, key: isBefore ? "⌫" : "" };
  showNotice(words[said.kind].replace("{text}", said.name), [way]);
};
