// The texts that come next: reserved for this person, on the page, and not shown before their turn. They live in
// the memory of the page alone.
import { send } from "./outbox.js";

// `onReply(said, page)` hears what the server says of progress and of the study's course.
export const startPrefetch = ({ onReply }) => {
  let queue = [];
  const shown = new Set();
  let filling = Promise.resolve();
  let newest = null;
  // On the page for whoever asks how far it goes on without a network.
  const keep = (texts) => { queue = texts; document.body.dataset.prefetched = texts.length; };

  const ready = (one) => ({
    ...one,
    until: Date.now() + one.seconds * 1000,
    parts: new DOMParser().parseFromString(one.html, "text/html"),
  });
  const ask = async (page) => {
    // Where the server is slow, only the text that is on the screen by now is told; the others say so with their answers.
    if (page !== newest) return;
    let more = true;
    while (more) {
      const reply = await send(page.prefetch_address, "POST", { have: queue.map((one) => one.place) }).catch(() => null);
      if (!reply?.ok) return;
      const said = await reply.json();
      const known = new Map([...queue, ...said.texts.map(ready)].map((one) => [one.place, one]));
      for (const { place, seconds } of said.order) if (known.has(place)) known.get(place).until = Date.now() + seconds * 1000;
      // What another tab answered meanwhile is not in the order any more.
      keep(said.order.map(({ place }) => known.get(place)).filter((one) => one && !shown.has(one.place)));
      onReply(said, page);
      more = said.more;
    }
  };
  // Says that this text is on the screen, and fetches what is missing behind it.
  const fill = (page) => {
    shown.add(page.place);
    newest = page;
    filling = filling.then(() => ask(page)).catch((fault) => console.error(fault));
  };

  const take = () => {
    const next = queue[0];
    // Held too long it may be another's meanwhile. Without a network it is still the best there is.
    if (!next || (Date.now() > next.until && navigator.onLine)) return null;
    keep(queue.slice(1));
    shown.add(next.place);
    return next;
  };
  return { fill, take, drop: () => keep([]) };
};
