// Points of figures: shows the values of a point by mouse, touch and keyboard, and links to its row.
// The picture stays unchanged. A layer above it has outlines of its labelled marks, taken from the SVG. A label starts
// with the header of a row of the table below the figure, and shares the link of that row.
const SVG = "http://www.w3.org/2000/svg";
const SHAPES = { path: ["d"], line: ["x2", "y2"] };
const FORWARD = ["ArrowRight", "ArrowDown"];
const BACK = ["ArrowLeft", "ArrowUp"];
const HIDE_DELAY_MS = 200;
const GAP = 12;
// Between the two methods of a pair.
const AGAINST = " against ";

const svgElement = (name, attributes = {}, ...children) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

// Only these shapes and their positions are copied from the SVG.
const outline = (mark) => {
  const transforms = [];
  for (let one = mark; one?.getAttribute; one = one.parentNode) transforms.unshift(one.getAttribute("transform") ?? "");
  const shape = svgElement(mark.localName, { transform: transforms.join(" ").trim() });
  for (const key of SHAPES[mark.localName]) shape.setAttribute(key, mark.getAttribute(key) ?? "0");
  return shape;
};

const read = (drawing) => {
  const points = new Map();
  const trails = new Map();
  for (const mark of drawing.querySelectorAll('g[class*=" points"] > :is(path, line)')) {
    const label = mark.getAttribute("aria-label");
    // A line through points is labelled with its method only.
    const kept = mark.localName === "path" && !mark.hasAttribute("fill") ? trails : points;
    kept.set(label, [...(kept.get(label) ?? []), outline(mark)]);
  }
  return { points, trails };
};

const rows = (within) =>
  [...(within?.querySelectorAll("tbody th[scope=row]") ?? [])].map((head) => [
    head.querySelector("bdi")?.textContent ?? head.textContent,
    head.querySelector("a")?.href ?? "",
  ]);

const rowOfLabel = (label, heads, then = ": ") => heads.find(([head]) => label.startsWith(head + then));

// If there are too many pairs for a table, each method has a row elsewhere on the page.
const rowFinder = (figure) => {
  const longest = (a, b) => b[0].length - a[0].length;
  const own = rows(figure.closest("section")).sort(longest);
  const all = rows(document.querySelector("main")).filter(([, href]) => href).sort(longest);
  return (label) => {
    const row = rowOfLabel(label, own) ?? rowOfLabel(label, all);
    if (row) return row;
    const [first, href] = rowOfLabel(label, all, AGAINST) ?? [];
    const other = first && rowOfLabel(label.slice(`${first}${AGAINST}`.length), all)?.[0];
    if (!other) return [label.slice(0, label.indexOf(": ")), ""];
    const address = new URL(href);
    address.searchParams.set("other", other);
    return [`${first} against ${other}`, address.href];
  };
};

const middle = (point) => {
  const box = point.firstChild.getBoundingClientRect();
  return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
};

// Arrow keys move through a grid of points by cell, through other points in drawing order.
const next = (all, from, key) => {
  const places = all.map(middle);
  const few = (axis) => new Set(places.map((place) => place[axis])).size <= all.length / 2;
  const [axis, way] = [BACK[1] === key || FORWARD[1] === key ? 1 : 0, FORWARD.includes(key) ? 1 : -1];
  if (!few(0) || !few(1)) return all[from + way];
  const here = places[from];
  const reached = places
    .map((place, n) => [n, way * (place[axis] - here[axis]), Math.abs(place[1 - axis] - here[1 - axis])])
    .filter(([, along, across]) => along > 1 && across <= 1)
    .sort((a, b) => a[1] - b[1]);
  return all[reached[0]?.[0]];
};

const figures = [];

class Points {
  constructor(image) {
    this.image = image;
    this.figure = image.closest("figure");
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    // Screen readers already read the label of the point.
    this.tip.ariaHidden = "true";
    this.figure.classList.add("has-points");
    this.figure.append(this.tip);
    for (const kind of ["pointerover", "pointerout", "pointerdown", "click", "focusin", "focusout", "keydown"]) {
      this.figure.addEventListener(kind, (event) => this[kind](event));
    }
    document.addEventListener("pointerdown", (event) => this.figure.contains(event.target) || this.hide());
    // Also if the mouse shows a point while the focus is elsewhere.
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.dismiss());
    figures.push(this);
    image.addEventListener("load", () => this.drawLayer());
    if (image.complete) this.drawLayer();
  }

  async drawLayer() {
    const source = this.image.currentSrc;
    if (!source || source === this.source) return;
    this.source = source;
    const reply = await fetch(source).catch(() => null);
    // Without points the picture still works.
    if (!reply?.ok || source !== this.image.currentSrc) return;
    const drawing = new DOMParser().parseFromString(await reply.text(), "image/svg+xml").documentElement;
    const { points, trails } = read(drawing);
    const focused = this.focused?.ariaLabel;
    this.hide();
    this.layer?.remove();
    if (!points.size) return;
    this.trails = trails;
    this.ring = svgElement("g", { class: "ring" });
    const rowOf = rowFinder(this.figure);
    this.points = [...points].map(([label, shapes]) => this.point(label, shapes, rowOf(label)));
    this.points[0].setAttribute("tabindex", "0");
    const size = ["viewBox", "width", "height"].map((key) => [key, drawing.getAttribute(key)]);
    this.layer = svgElement("svg", { ...Object.fromEntries(size), class: "points", role: "group" }, ...this.points, this.ring);
    this.layer.ariaLabel = this.figure.dataset.pointsLabel;
    this.figure.insertBefore(this.layer, this.tip);
    if (focused) this.points.find((point) => point.ariaLabel === focused)?.focus();
  }

  point(label, shapes, [head, href]) {
    const point = svgElement(href ? "a" : "g", href ? { href } : { role: "img" }, ...shapes);
    point.setAttribute("class", "point");
    point.setAttribute("aria-label", label);
    point.setAttribute("tabindex", "-1");
    point.lines = [head, ...label.slice(head.length + 2).split("; ")];
    return point;
  }

  show(point) {
    clearTimeout(this.leaving);
    if (point === this.shown) return;
    this.shown = point;
    const [trail] = rowOfLabel(point.ariaLabel, [...this.trails]) ?? [];
    this.ring.replaceChildren(...[...(this.trails.get(trail) ?? []), ...point.childNodes].map((one) => one.cloneNode()));
    for (const other of figures) if (other !== this) other.highlight(point.lines[0].split(AGAINST));
    const lines = point.lines.map((words) => Object.assign(document.createElement("span"), { textContent: words, dir: "auto" }));
    this.tip.replaceChildren(...lines);
    const href = point.getAttribute("href");
    if (href) {
      const link = Object.assign(document.createElement("a"), { href, textContent: this.figure.dataset.link, tabIndex: -1 });
      this.tip.append(link);
    }
    this.tip.hidden = false;
    this.placeTip(point.firstChild.getBoundingClientRect());
  }

  // Methods or a metric shown in another figure: their points here, and their lines.
  highlight(names) {
    if (this.shown || !this.ring) return;
    const isNamed = ({ lines: [head] }) => head.split(AGAINST).some((name) => names.includes(name));
    const lines = names.flatMap((name) => this.trails.get(name) ?? []);
    const marks = this.points.filter(isNamed).flatMap((point) => [...point.childNodes]);
    this.ring.replaceChildren(...[...lines, ...marks].map((one) => one.cloneNode()));
  }

  // Above the point, or below it if there is no room; within the sides of the figure.
  placeTip(at) {
    const all = this.figure.getBoundingClientRect();
    const [width, height] = [this.tip.offsetWidth, this.tip.offsetHeight];
    const left = at.x + at.width / 2 - all.x - width / 2;
    const above = at.top - height - GAP;
    this.tip.style.left = `${Math.max(0, Math.min(left, all.width - width))}px`;
    this.tip.style.top = `${(above < 0 ? at.bottom + GAP : above) - all.top}px`;
  }

  // Hides only the tooltip: the ring still shows the focused point.
  dismiss() {
    clearTimeout(this.leaving);
    this.shown = null;
    this.tip.hidden = true;
  }

  hide() {
    this.dismiss();
    for (const figure of figures) if (!figure.shown) figure.ring?.replaceChildren();
  }

  get focused() {
    return this.points?.includes(document.activeElement) ? document.activeElement : null;
  }

  pointerover({ target, pointerType }) {
    if (pointerType === "touch") return;
    if (this.tip.contains(target)) clearTimeout(this.leaving);
    const point = target.closest(".point");
    if (point) this.show(point);
  }

  // The pointer may cross a gap on its way to the tooltip.
  pointerout({ relatedTarget, pointerType }) {
    if (pointerType === "touch" || relatedTarget?.closest?.(".point")) return;
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => (this.focused ? this.show(this.focused) : this.hide()), HIDE_DELAY_MS);
  }

  pointerdown({ target, pointerType }) {
    const point = target.closest(".point");
    this.touched = pointerType === "touch" && point !== this.shown ? point : null;
    if (!point && !this.tip.contains(target)) this.hide();
  }

  // The first touch shows the values; the second, or the link, opens it.
  click(event) {
    const point = event.target.closest(".point");
    if (!point) return;
    if (point === this.touched) event.preventDefault();
    this.touched = null;
    this.show(point);
  }

  focusin({ target }) {
    if (!this.points?.includes(target)) return;
    for (const point of this.points) point.setAttribute("tabindex", point === target ? "0" : "-1");
    this.show(target);
  }

  focusout({ relatedTarget }) {
    if (!this.figure.contains(relatedTarget)) this.hide();
  }

  keydown(event) {
    const from = this.points?.indexOf(event.target) ?? -1;
    if (from < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    let to = null;
    if (FORWARD.includes(event.key) || BACK.includes(event.key)) to = next(this.points, from, event.key);
    else if (event.key === "Home") to = this.points[0];
    else if (event.key === "End") to = this.points.at(-1);
    else return;
    event.preventDefault();
    to?.focus();
  }
}

for (const image of document.querySelectorAll("figure > picture > img")) new Points(image);
