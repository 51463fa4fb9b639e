// Points of drawn figures: what each of them says, by mouse, finger and keyboard, and where its texts stand.
// The picture stays as it is. Over it lie the outlines of those of its marks that say something, found in the drawing
// itself; its words begin with the head of a row of the table under it, whose link they share.
const SVG = "http://www.w3.org/2000/svg";
const SHAPES = { path: ["d"], line: ["x2", "y2"] };
const AHEAD = ["ArrowRight", "ArrowDown"];
const BACK = ["ArrowLeft", "ArrowUp"];
const PATIENCE = 200;
const GAP = 12;

const made = (name, attributes = {}, ...children) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

// Nothing of a drawing is taken over but these shapes and their places.
const outline = (mark) => {
  const place = [];
  for (let one = mark; one?.getAttribute; one = one.parentNode) place.unshift(one.getAttribute("transform") ?? "");
  const shape = made(mark.localName, { transform: place.join(" ").trim() });
  for (const key of SHAPES[mark.localName]) shape.setAttribute(key, mark.getAttribute(key) ?? "0");
  return shape;
};

const read = (drawing) => {
  const points = new Map();
  const trails = new Map();
  for (const mark of drawing.querySelectorAll('g[class*=" points"] > :is(path, line)')) {
    const says = mark.getAttribute("aria-label");
    // A line through points says only whose it is.
    const kept = mark.localName === "path" && !mark.hasAttribute("fill") ? trails : points;
    kept.set(says, [...(kept.get(says) ?? []), outline(mark)]);
  }
  return { points, trails };
};

const rows = (within) =>
  [...(within?.querySelectorAll("tbody th[scope=row]") ?? [])].map((head) => [
    head.querySelector("bdi")?.textContent ?? head.textContent,
    head.querySelector("a")?.href ?? "",
  ]);

const headed = (says, heads, then = ": ") => heads.find(([head]) => says.startsWith(head + then));

// Of a board too large for a table of its pairs, each method has a row somewhere on the page.
const known = (figure) => {
  const longest = (a, b) => b[0].length - a[0].length;
  const own = rows(figure.closest("section")).sort(longest);
  const all = rows(document.querySelector("main")).filter(([, href]) => href).sort(longest);
  return (says) => {
    const row = headed(says, own) ?? headed(says, all);
    if (row) return row;
    const [first, href] = headed(says, all, " against ") ?? [];
    const other = first && headed(says.slice(`${first} against `.length), all)?.[0];
    if (!other) return [says.slice(0, says.indexOf(": ")), ""];
    const address = new URL(href);
    address.searchParams.set("other", other);
    return [`${first} against ${other}`, address.href];
  };
};

const middle = (point) => {
  const box = point.firstChild.getBoundingClientRect();
  return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
};

// Points that stand in rows and columns are walked through as cells; others in the order of the drawing.
const next = (all, from, key) => {
  const places = all.map(middle);
  const few = (axis) => new Set(places.map((place) => place[axis])).size <= all.length / 2;
  const [axis, way] = [BACK[1] === key || AHEAD[1] === key ? 1 : 0, AHEAD.includes(key) ? 1 : -1];
  if (!few(0) || !few(1)) return all[from + way];
  const here = places[from];
  const reached = places
    .map((place, n) => [n, way * (place[axis] - here[axis]), Math.abs(place[1 - axis] - here[1 - axis])])
    .filter(([, along, aside]) => along > 1 && aside <= 1)
    .sort((a, b) => a[1] - b[1]);
  return all[reached[0]?.[0]];
};

class Points {
  constructor(image) {
    this.image = image;
    this.figure = image.closest("figure");
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    // Whoever listens has heard the same words as the point's own.
    this.tip.ariaHidden = "true";
    this.figure.classList.add("has-points");
    this.figure.append(this.tip);
    for (const kind of ["pointerover", "pointerout", "pointerdown", "click", "focusin", "focusout", "keydown"]) {
      this.figure.addEventListener(kind, (event) => this[kind](event));
    }
    document.addEventListener("pointerdown", (event) => this.figure.contains(event.target) || this.hide());
    // Also where the mouse shows a point and the keyboard is elsewhere.
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.dismiss());
    image.addEventListener("load", () => this.lay());
    if (image.complete) this.lay();
  }

  async lay() {
    const source = this.image.currentSrc;
    if (!source || source === this.source) return;
    this.source = source;
    const reply = await fetch(source).catch(() => null);
    // Without its points a picture is what it was.
    if (!reply?.ok || source !== this.image.currentSrc) return;
    const drawing = new DOMParser().parseFromString(await reply.text(), "image/svg+xml").documentElement;
    const { points, trails } = read(drawing);
    const focused = this.focused?.ariaLabel;
    this.hide();
    this.layer?.remove();
    if (!points.size) return;
    this.trails = trails;
    this.ring = made("g", { class: "ring" });
    const rowOf = known(this.figure);
    this.points = [...points].map(([says, shapes]) => this.point(says, shapes, rowOf(says)));
    this.points[0].setAttribute("tabindex", "0");
    const size = ["viewBox", "width", "height"].map((key) => [key, drawing.getAttribute(key)]);
    this.layer = made("svg", { ...Object.fromEntries(size), class: "points", role: "group" }, ...this.points, this.ring);
    this.layer.ariaLabel = this.figure.dataset.pointsLabel;
    this.figure.insertBefore(this.layer, this.tip);
    if (focused) this.points.find((point) => point.ariaLabel === focused)?.focus();
  }

  point(says, shapes, [head, href]) {
    const point = made(href ? "a" : "g", href ? { href } : { role: "img" }, ...shapes);
    point.setAttribute("class", "point");
    point.setAttribute("aria-label", says);
    point.setAttribute("tabindex", "-1");
    point.says = [head, ...says.slice(head.length + 2).split("; ")];
    return point;
  }

  show(point) {
    clearTimeout(this.leaving);
    if (point === this.shown) return;
    this.shown = point;
    const [trail] = headed(point.ariaLabel, [...this.trails]) ?? [];
    this.ring.replaceChildren(...[...(this.trails.get(trail) ?? []), ...point.childNodes].map((one) => one.cloneNode()));
    const lines = point.says.map((words) => Object.assign(document.createElement("span"), { textContent: words, dir: "auto" }));
    this.tip.replaceChildren(...lines);
    const href = point.getAttribute("href");
    if (href) {
      const link = Object.assign(document.createElement("a"), { href, textContent: this.figure.dataset.link, tabIndex: -1 });
      this.tip.append(link);
    }
    this.tip.hidden = false;
    this.stand(point.firstChild.getBoundingClientRect());
  }

  // Above the point, or below it where there is no room; never beyond the sides of the figure.
  stand(at) {
    const all = this.figure.getBoundingClientRect();
    const [width, height] = [this.tip.offsetWidth, this.tip.offsetHeight];
    const left = at.x + at.width / 2 - all.x - width / 2;
    const above = at.top - height - GAP;
    this.tip.style.left = `${Math.max(0, Math.min(left, all.width - width))}px`;
    this.tip.style.top = `${(above < 0 ? at.bottom + GAP : above) - all.top}px`;
  }

  // The words alone: who has the keyboard there still sees where.
  dismiss() {
    clearTimeout(this.leaving);
    this.shown = null;
    this.tip.hidden = true;
  }

  hide() {
    this.dismiss();
    this.ring?.replaceChildren();
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

  // The way to the words may lead over other ground.
  pointerout({ relatedTarget, pointerType }) {
    if (pointerType === "touch" || relatedTarget?.closest?.(".point")) return;
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => (this.focused ? this.show(this.focused) : this.hide()), PATIENCE);
  }

  pointerdown({ target, pointerType }) {
    const point = target.closest(".point");
    this.held = pointerType === "touch" && point !== this.shown ? point : null;
    if (!point && !this.tip.contains(target)) this.hide();
  }

  // A first touch shows what a point says; the next one, or its link, follows it.
  click(event) {
    const point = event.target.closest(".point");
    if (!point) return;
    if (point === this.held) event.preventDefault();
    this.held = null;
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
    if (AHEAD.includes(event.key) || BACK.includes(event.key)) to = next(this.points, from, event.key);
    else if (event.key === "Home") to = this.points[0];
    else if (event.key === "End") to = this.points.at(-1);
    else return;
    event.preventDefault();
    to?.focus();
  }
}

for (const image of document.querySelectorAll("figure > picture > img")) new Points(image);
