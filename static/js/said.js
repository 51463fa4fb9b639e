// What the page has to say about the answer in hand. It lies over the question, so that nothing moves, and
// goes with the next choice, with Escape or with its own button.

// Looked up each time: the text and its answer, and this place with them, give way to the next.
const place = () => document.getElementById("said");

export const hush = () => place().replaceChildren();

const linked = ({ href, words, key }) => {
  const link = document.createElement("a");
  link.href = href;
  link.className = "button";
  link.textContent = words;
  if (key) {
    const cap = document.createElement("kbd");
    cap.setAttribute("aria-hidden", "true");
    cap.textContent = key;
    link.append(" ", cap);
  }
  return link;
};

export const tell = (sentence, links = []) => {
  const box = document.createElement("div");
  box.className = "callout is-notice";
  box.setAttribute("role", "alert");
  const line = document.createElement("p");
  line.dir = "auto";
  line.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button is-bare";
  close.setAttribute("aria-label", place().dataset.close);
  close.textContent = "×";
  close.addEventListener("click", hush);
  box.append(line, close);
  if (links.length) {
    const row = document.createElement("p");
    row.className = "actions-row";
    row.append(...links.map(linked));
    box.append(row);
  }
  place().replaceChildren(box);
  return box;
};
