// Whether texts still follow: a study may be paused or closed while its page is open. Every reply to the page says so; it
// is asked besides when an answer is begun, and when the page is looked at again, unless it was heard a moment ago. So
// what was fetched ahead is not shown once nobody gets a text any more.
const FRESH_MS = 10_000;

// `onChange(state)` hears of each change, once.
export const startStudyState = ({ page, onChange }) => {
  let state = page().state;
  let heardAt = Date.now();
  let asking = false;

  const hear = (said) => {
    if (!said) return;
    heardAt = Date.now();
    if (said === state) return;
    state = said;
    onChange(state);
  };
  const ask = async () => {
    if (asking || Date.now() - heardAt < FRESH_MS) return;
    asking = true;
    const reply = await fetch(page().prefetch_address).catch(() => null);
    if (reply?.ok) hear((await reply.json()).state);
    asking = false;
  };
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") ask(); });
  for (const kind of ["change", "input"]) {
    document.addEventListener(kind, ({ target }) => { if (target.closest("#answers")) ask(); });
  }
  return { hear, get isOpen() { return state === "open"; } };
};
