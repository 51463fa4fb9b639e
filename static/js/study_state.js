// The state of the study, which may be paused or closed while a page is open. Each reply contains it. The page also
// asks when an answer is started and when the tab becomes visible again, at most once in FRESH_MS. So prefetched texts
// are not shown after a pause.
const FRESH_MS = 10_000;

// `onChange(state)` is called once per change.
export const startStudyState = ({ page, onChange }) => {
  let state = page().state;
  let checkedAt = Date.now();
  let asking = false;

  const update = (newState) => {
    if (!newState) return;
    checkedAt = Date.now();
    if (newState === state) return;
    state = newState;
    onChange(state);
  };
  const ask = async () => {
    if (asking || Date.now() - checkedAt < FRESH_MS) return;
    asking = true;
    const reply = await fetch(page().prefetch_address).catch(() => null);
    if (reply?.ok) update((await reply.json()).state);
    asking = false;
  };
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") ask(); });
  for (const kind of ["change", "input"]) {
    document.addEventListener(kind, ({ target }) => { if (target.closest("#answers")) ask(); });
  }
  return { update, get isOpen() { return state === "open"; } };
};
