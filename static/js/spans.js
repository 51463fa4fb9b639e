// Marked words: what in the text decided a label. They are marked by mouse, by touch or by keys, and kept as places of
// characters in a hidden field.
import { showNotice } from "./notice.js";

const MOST_SPANS = 500;
const lengthOf = (words) => [...words].length;
const sliceOf = (words, start, end) => [...words].slice(start, end).join("");
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Words of a paragraph with their places.
const wordsIn = (passage) => {
  const segmenter = new Intl.Segmenter(document.documentElement.lang, { granularity: "word" });
  return [...segmenter.segment(passage.textContent)].filter(({ isWordLike }) => isWordLike)
    .map(({ index, segment }) => ({ passage, start: index, end: index + segment.length }));
};
// A place in a passage whose words may be cut by marks: the text node there, and the place in it.
const nodeAt = (passage, place) => {
  const walker = document.createTreeWalker(passage, NodeFilter.SHOW_TEXT);
  let left = place;
  let node = walker.nextNode();
  while (node && left > node.length) { left -= node.length; node = walker.nextNode() ?? node; }
  return [node, left];
};
const placeOf = (passage, node, offset) => {
  const range = document.createRange();
  range.selectNodeContents(passage);
  range.setEnd(node, offset);
  return range.toString().length;
};

// `labels` are the rows of labels: `chosenRows()`, `keyOf(row)` and `nameOf(row)`.
export const startSpans = ({ form, page, labels, changed }) => {
  const field = form.elements.spans;
  if (!field) return { press: () => false };
  const reading = document.querySelector("#text .case");
  const passages = [...reading.querySelectorAll("[data-start]")];
  const bar = document.getElementById("span-bar");
  const [list, now] = [form.querySelector("[data-span-list]"), document.querySelector("[data-span-now]")];
  const { words } = page;
  const whole = new Map(passages.map((one) => [one, one.textContent]));
  const spans = () => JSON.parse(field.value || "[]");
  const names = () => new Map(labels.chosenRows().map((row) => [labels.keyOf(row), labels.nameOf(row)]));
  const shownSpans = () => { const chosen = names(); return spans().filter(({ label }) => chosen.has(label)); };
  // Marks of labels that were taken back wait in the field, and are not sent.
  const store = (all) => {
    field.value = JSON.stringify(all);
    field.dispatchEvent(new Event("change", { bubbles: true }));
    changed();
  };
  const textOf = (span) => {
    const passage = passages.find((one) => Number(one.dataset.text) === span.text
      && Number(one.dataset.start) <= span.start && span.start < Number(one.dataset.start) + lengthOf(whole.get(one)));
    const start = passage ? span.start - Number(passage.dataset.start) : 0;
    return { passage, words: passage ? sliceOf(whole.get(passage), start, start + span.end - span.start) : "" };
  };

  // ---- marks in the text ------------------------------------------------------------------------
  const drawPassage = (passage, all) => {
    const characters = [...whole.get(passage)];
    const first = Number(passage.dataset.start);
    const inside = all.filter(({ text, start, end }) => text === Number(passage.dataset.text) && start < first + characters.length && end > first);
    if (!inside.length) {
      if (passage.childElementCount) passage.textContent = whole.get(passage);
      return;
    }
    const within = (place) => Math.min(Math.max(place - first, 0), characters.length);
    const cuts = [...new Set([0, characters.length, ...inside.flatMap(({ start, end }) => [within(start), within(end)])])].sort((a, b) => a - b);
    const chosen = names();
    passage.replaceChildren(...cuts.slice(1).map((end, index) => {
      const start = cuts[index];
      const over = inside.filter((span) => within(span.start) <= start && within(span.end) >= end);
      const part = characters.slice(start, end).join("");
      if (!over.length) return document.createTextNode(part);
      const mark = document.createElement("mark");
      mark.textContent = part;
      mark.title = [...new Set(over.map(({ label }) => chosen.get(label)))].join(", ");
      mark.dataset.n = over.length;
      return mark;
    }));
  };
  const entryOf = (span) => {
    const quoted = textOf(span);
    const [entry, name, quote, remove] = ["li", "bdi", "button", "button"].map((kind) => document.createElement(kind));
    name.textContent = names().get(span.label);
    quote.type = remove.type = "button";
    quote.className = "span-quote";
    quote.dir = "auto";
    quote.textContent = quoted.words;
    quote.setAttribute("aria-label", fill(words.show_span, { words: quoted.words }));
    quote.addEventListener("click", () => quoted.passage?.scrollIntoView({ block: "center" }));
    remove.className = "button is-bare";
    remove.textContent = "×";
    remove.setAttribute("aria-label", fill(words.remove_span, { words: quoted.words, name: name.textContent }));
    remove.addEventListener("click", () => {
      const place = [...list.children].indexOf(entry);
      const { label, text, start, end } = span;
      store(spans().filter((one) => !(one.label === label && one.text === text && one.start === start && one.end === end)));
      now.textContent = fill(words.span_removed, { words: quoted.words });
      (list.children[Math.min(place, list.children.length - 1)]?.querySelector("button:last-child") ?? form.querySelector("#mark-words")).focus();
    });
    entry.append(name, " ", quote, " ", remove);
    return entry;
  };
  const draw = () => {
    const all = shownSpans();
    for (const passage of passages) drawPassage(passage, all);
    list.replaceChildren(...all.map(entryOf));
  };
  form.addEventListener("change", draw);
  for (const kind of ["undone", "restored", "shown"]) form.addEventListener(kind, draw);

  // ---- what is selected ---------------------------------------------------------------------------
  // Passages with places of characters, without the blanks around the words.
  let pieces = [];
  const piecesOf = (range) => passages.filter((one) => range.intersectsNode(one)).flatMap((passage) => {
    const text = whole.get(passage);
    let start = passage.contains(range.startContainer) ? placeOf(passage, range.startContainer, range.startOffset) : 0;
    let end = passage.contains(range.endContainer) ? placeOf(passage, range.endContainer, range.endOffset) : text.length;
    while (start < end && /\s/u.test(text[start])) start += 1;
    while (end > start && /\s/u.test(text[end - 1])) end -= 1;
    if (start >= end) return [];
    const first = Number(passage.dataset.start);
    return [{
      text: Number(passage.dataset.text), words: text.slice(start, end),
      start: first + lengthOf(text.slice(0, start)), end: first + lengthOf(text.slice(0, end)),
    }];
  });
  const close = () => { bar.hidden = true; pieces = []; };
  const mark = (row) => {
    const label = labels.keyOf(row);
    let all = spans();
    for (const { text, start, end } of pieces) {
      const touches = (one) => one.label === label && one.text === text && one.start <= end && one.end >= start;
      const joined = all.filter(touches);
      all = all.filter((one) => !touches(one));
      all.push({ label, text, start: Math.min(start, ...joined.map((one) => one.start)), end: Math.max(end, ...joined.map((one) => one.end)) });
    }
    if (all.length > MOST_SPANS) { showNotice(words.too_many_spans); return; }
    all.sort((a, b) => a.text - b.text || a.start - b.start || a.end - b.end);
    const said = { words: pieces.map((one) => one.words).join(" … "), name: labels.nameOf(row) };
    close();
    getSelection().removeAllRanges();
    store(all);
    now.textContent = fill(words.span_marked, said);
  };
  const drawBar = () => {
    const rows = labels.chosenRows();
    bar.querySelector("[data-span-hint]").textContent = rows.length ? words.mark_for : words.mark_needs_label;
    bar.querySelector("[data-span-labels]").replaceChildren(...rows.map((row) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: labels.nameOf(row) });
      button.addEventListener("click", () => { const back = isByKeys; mark(row); if (back) startKeysMode(); });
      return button;
    }));
    bar.hidden = false;
  };
  // A tap on the bar ends the selection before it presses a button.
  let isPressing = false;
  bar.addEventListener("pointerdown", (event) => { isPressing = true; event.preventDefault(); });
  const released = () => { isPressing = false; };
  const selected = () => {
    if (!document.contains(reading)) { document.removeEventListener("selectionchange", selected); document.removeEventListener("pointerup", released); return; }
    const selection = getSelection();
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const found = range && reading.contains(range.commonAncestorContainer) ? piecesOf(range) : [];
    if (found.length) { pieces = found; drawBar(); } else if (!isPressing && !bar.contains(document.activeElement)) close();
  };
  document.addEventListener("selectionchange", selected);
  document.addEventListener("pointerup", released);

  // ---- by keys ----------------------------------------------------------------------------------
  let isByKeys = false;
  let cursor = { from: 0, to: 0 };
  let all = null;
  const selectWords = () => {
    all ??= passages.flatMap(wordsIn);
    const [first, last] = [Math.min(cursor.from, cursor.to), Math.max(cursor.from, cursor.to)];
    const range = document.createRange();
    range.setStart(...nodeAt(all[first].passage, all[first].start + 1));
    range.setEnd(...nodeAt(all[last].passage, all[last].end));
    // The node before a mark ends where the word begins.
    range.setStart(range.startContainer, range.startOffset - 1);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    pieces = piecesOf(range);
    drawBar();
    all[cursor.to].passage.scrollIntoView({ block: "nearest" });
    now.textContent = range.toString();
  };
  // Where the focus was before.
  let before = null;
  const stop = () => {
    isByKeys = false;
    getSelection().removeAllRanges();
    close();
  };
  const step = (key) => {
    const word = all[cursor.to];
    const isRtl = getComputedStyle(word.passage).direction === "rtl";
    const forward = isRtl ? "ArrowLeft" : "ArrowRight";
    if (key === "ArrowLeft" || key === "ArrowRight") return cursor.to + (key === forward ? 1 : -1);
    const others = all.map((one) => one.passage);
    if (key === "ArrowDown") { const next = others.findIndex((one, index) => index > cursor.to && one !== word.passage); return next < 0 ? cursor.to : next; }
    const before = others.slice(0, cursor.to).findLast((one) => one !== word.passage);
    return before ? others.indexOf(before) : cursor.to;
  };
  const onKey = (event) => {
    if (!document.contains(reading)) { document.removeEventListener("keydown", onKey, true); return; }
    if (!isByKeys || event.ctrlKey || event.metaKey || event.altKey) return;
    if (bar.contains(event.target)) {
      if (event.key !== "Escape") { event.stopPropagation(); return; }
      document.getElementById("text").focus();
    } else if (event.key === "Escape") {
      stop();
      document.activeElement.blur();
      if (before?.isConnected && before !== document.body) before.focus();
    } else if (event.key.startsWith("Arrow")) {
      const to = Math.min(Math.max(step(event.key), 0), all.length - 1);
      cursor = { from: event.shiftKey ? cursor.from : to, to };
      selectWords();
    } else if (event.key === "Enter") {
      const rows = pieces.length ? labels.chosenRows() : [];
      if (!pieces.length) selectWords();
      else if (rows.length === 1) { mark(rows[0]); selectWords(); } else if (rows.length) bar.querySelector("button").focus();
      else showNotice(words.mark_needs_label);
    } else if (event.key === "Tab") { stop(); return; } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", onKey, true);
  function startKeysMode() {
    all ??= passages.flatMap(wordsIn);
    if (!all.length) return;
    if (!isByKeys) before = document.activeElement;
    isByKeys = true;
    document.getElementById("text").focus();
    selectWords();
  }
  form.querySelector("#mark-words").addEventListener("click", startKeysMode);
  draw();
  return { press: () => { if (pieces.length && !bar.hidden && !isByKeys && bar.querySelector("button")) { isByKeys = true; bar.querySelector("button").focus(); } else startKeysMode(); return true; } };
};
