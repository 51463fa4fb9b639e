// What the page has to say about the answer in hand. It has a place of its own at the foot of the page, where it covers
// nothing and moves nothing, and goes with the next choice, with Escape or with its own button.

// Looked up each time: the text and its answer, and this place with them, give way to the next.
const place = () => document.getElementById("notice");

export const clearNotice = () => place().replaceChildren();

// A way on: an address, or a deed of this page.
const way = ({ href, act, words, key }) => {
  const made = document.createElement(href ? "a" : "button");
  if (href) made.href = href;
  else {
    made.type = "button";
    made.addEventListener("click", act);
  }
  made.textContent = words;
  if (key) {
    const cap = document.createElement("kbd");
    cap.setAttribute("aria-hidden", "true");
    cap.textContent = key;
    made.append(" ", cap);
  }
  return made;
};

export const showNotice = (sentence, ways = []) => {
  const box = document.createElement("div");
  box.className = "callout is-notice";
  box.setAttribute("role", "alert");
  const line = document.createElement("p");
  line.dir = "auto";
  line.append(sentence, ...ways.flatMap((one) => [" ", way(one)]));
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button is-bare";
  close.setAttribute("aria-label", place().dataset.close);
  close.textContent = "×";
  close.addEventListener("click", clearNotice);
  box.append(line, close);
  place().replaceChildren(box);
  return box;
};

// In answer to a press: where the form is out of sight, as far as it takes to see what is wrong.
export const showNoticeInView = (sentence) => {
  const box = showNotice(sentence);
  const { top, bottom } = box.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) box.scrollIntoView({ block: "nearest" });
};
