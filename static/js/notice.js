// Notices about the current answer. They have a strip of their own at the foot of the page, cover nothing and move
// nothing. The next choice, Escape or the close button removes them.

// Looked up each time: the next text replaces the form and this strip.
const strip = () => document.getElementById("notice");

export const clearNotice = () => strip().replaceChildren();

// A link (`href`) or a button (`act`) in the notice.
const action = ({ href, act, words, key }) => {
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

export const showNotice = (sentence, actions = []) => {
  const box = document.createElement("div");
  box.className = "callout is-notice";
  box.setAttribute("role", "alert");
  const line = document.createElement("p");
  line.dir = "auto";
  line.append(sentence, ...actions.flatMap((one) => [" ", action(one)]));
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button is-bare";
  close.setAttribute("aria-label", strip().dataset.close);
  close.textContent = "×";
  close.addEventListener("click", clearNotice);
  box.append(line, close);
  strip().replaceChildren(box);
  return box;
};

// Also scrolls to the notice if it is out of view.
export const showNoticeInView = (sentence) => {
  const box = showNotice(sentence);
  const { top, bottom } = box.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) box.scrollIntoView({ block: "nearest" });
};
