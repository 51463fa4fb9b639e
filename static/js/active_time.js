// Active time: counts while the page is visible and in use, not in hidden tabs or after a long pause.
const IDLE_MS = 60_000;

let storageKey = "";
let total = 0;
let isSubmitted = true;
let usedAt = performance.now();
let countedTo = usedAt;

const count = () => {
  const now = performance.now();
  if (document.visibilityState === "visible") total += Math.max(0, Math.min(now, usedAt + IDLE_MS) - countedTo);
  countedTo = now;
};

for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "scroll"]) {
  document.addEventListener(kind, () => { count(); usedAt = performance.now(); }, { passive: true, capture: true });
}
document.addEventListener("visibilitychange", () => {
  // The time before this event was visible only if the page is hidden now.
  if (document.visibilityState === "hidden") {
    const now = performance.now();
    total += Math.max(0, Math.min(now, usedAt + IDLE_MS) - countedTo);
    countedTo = now;
  } else {
    countedTo = usedAt = performance.now();
  }
});

const save = () => { count(); if (!isSubmitted) sessionStorage.setItem(storageKey, total); };
window.addEventListener("pagehide", save);

// Starts at each text. A reload continues the count; submitting the answer ends it.
export const startActiveTime = () => {
  save();
  storageKey = `active${location.pathname}`;
  total = Number(sessionStorage.getItem(storageKey) ?? 0);
  isSubmitted = false;
  usedAt = countedTo = performance.now();
};

// Called when an answer is submitted.
export const activeMs = () => {
  count();
  isSubmitted = true;
  sessionStorage.removeItem(storageKey);
  return Math.round(total);
};

startActiveTime();
