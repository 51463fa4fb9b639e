// Time counts while the page is seen and used: hidden tabs and long silence do not.
const SILENCE_MS = 60_000;

let place = "";
let total = 0;
let isGiven = true;
let usedAt = performance.now();
let countedTo = usedAt;

const count = () => {
  const now = performance.now();
  if (document.visibilityState === "visible") total += Math.max(0, Math.min(now, usedAt + SILENCE_MS) - countedTo);
  countedTo = now;
};

for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "scroll"]) {
  document.addEventListener(kind, () => { count(); usedAt = performance.now(); }, { passive: true, capture: true });
}
document.addEventListener("visibilitychange", () => {
  // What passed before the change was seen if the page is hidden now, and was not if it appears now.
  if (document.visibilityState === "hidden") {
    const now = performance.now();
    total += Math.max(0, Math.min(now, usedAt + SILENCE_MS) - countedTo);
    countedTo = now;
  } else {
    countedTo = usedAt = performance.now();
  }
});

const keep = () => { count(); if (!isGiven) sessionStorage.setItem(place, total); };
window.addEventListener("pagehide", keep);

// For each text anew. A reload in the middle goes on counting; the number goes once the answer is given.
export const startActiveTime = () => {
  keep();
  place = `active${location.pathname}`;
  total = Number(sessionStorage.getItem(place) ?? 0);
  isGiven = false;
  usedAt = countedTo = performance.now();
};

// Asked for when an answer is given.
export const activeMs = () => {
  count();
  isGiven = true;
  sessionStorage.removeItem(place);
  return Math.round(total);
};

startActiveTime();
