// Prefetches the next texts. They are reserved for this person and exist only in the memory of the page.
import { send } from "./outbox.js";

// `onReply(reply, page)` receives progress and study state from the server.
export const startPrefetch = ({ onReply }) => {
  let queue = [];
  const shown = new Set();
  let filling = Promise.resolve();
  let newest = null;
  // The attribute shows how many texts are available offline.
  const setQueue = (texts) => { queue = texts; document.body.dataset.prefetched = texts.length; };

  const parsed = (text) => ({
    ...text,
    until: Date.now() + text.seconds * 1000,
    content: new DOMParser().parseFromString(text.html, "text/html"),
  });
  const ask = async (page) => {
    // On a slow server only the newest text is reported as shown; earlier ones are reported with their answers.
    if (page !== newest) return;
    let more = true;
    while (more) {
      const response = await send(page.prefetch_address, "POST", { have: queue.map((text) => text.place) }).catch(() => null);
      if (!response?.ok) return;
      const reply = await response.json();
      const known = new Map([...queue, ...reply.texts.map(parsed)].map((text) => [text.place, text]));
      for (const { place, seconds } of reply.order) if (known.has(place)) known.get(place).until = Date.now() + seconds * 1000;
      // A text that another tab has answered is no longer in the order.
      setQueue(reply.order.map(({ place }) => known.get(place)).filter((text) => text && !shown.has(text.place)));
      onReply(reply, page);
      more = reply.more;
    }
  };
  // Reports that this text is shown and fetches the missing next texts.
  const fill = (page) => {
    shown.add(page.place);
    newest = page;
    filling = filling.then(() => ask(page)).catch((fault) => console.error(fault));
  };

  const take = () => {
    const next = queue[0];
    // An expired reservation may belong to another person; offline it is still the best choice.
    if (!next || (Date.now() > next.until && navigator.onLine)) return null;
    setQueue(queue.slice(1));
    shown.add(next.place);
    return next;
  };
  return { fill, take, drop: () => setQueue([]) };
};
