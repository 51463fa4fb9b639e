// Prefetches the next texts. They are reserved for this person and exist only in the memory of the page.
import { send } from "./outbox.js";

// `onReply(reply, page)` receives progress and study state from the server; `onDepth(n)` the number of texts that are here
// without a network, once the server has answered.
export const startPrefetch = ({ onReply, onDepth = () => {} }) => {
  let queue = [];
  const shown = new Set();
  let filling = Promise.resolve();
  let newest = null;
  // The text whose followers are all here.
  let reported = null;
  // The attribute shows how many texts are available offline.
  let hasReply = false;
  const setQueue = (texts) => {
    queue = texts;
    document.body.dataset.prefetched = texts.length;
    if (hasReply) onDepth(texts.length);
  };

  const until = ({ seconds }) => Date.now() + seconds * 1000;
  const documentOf = (html) => new DOMParser().parseFromString(html, "text/html");
  // The newest text that came with its form, which other texts repeat.
  let formed = null;
  const withForm = (text) => {
    const content = formed.content.cloneNode(true);
    const form = content.getElementById("answers");
    form.setAttribute("action", text.address);
    form.querySelector("[name=client_key]").setAttribute("value", text.client_key);
    content.querySelector(".display-settings [name=next]").setAttribute("value", text.address);
    content.querySelector(".text-number").textContent = text.number;
    content.getElementById("previous-text").setAttribute("href", text.before);
    content.querySelector(".case").replaceWith(content.importNode(documentOf(text.html).querySelector(".case"), true));
    const page = content.getElementById("page");
    page.textContent = JSON.stringify({ ...JSON.parse(page.textContent), ...text.page });
    return { ...text, until: until(text), content };
  };
  const parsed = (text) => {
    if ("client_key" in text) return withForm(text);
    const whole = { ...text, until: until(text), content: documentOf(text.html) };
    if (text.form) formed = whole;
    return whole;
  };
  // What a reply says of the texts ahead; `page` is the text that was shown when it was asked for.
  const accept = (reply, page) => {
    hasReply = true;
    const known = new Map([...queue, ...reply.texts.map(parsed)].map((text) => [text.place, text]));
    for (const { place, seconds } of reply.order) if (known.has(place)) known.get(place).until = until({ seconds });
    // A text that another tab has answered is no longer in the order.
    setQueue(reply.order.map(({ place }) => known.get(place)).filter((text) => text && !shown.has(text.place)));
    reported = reply.more ? null : page;
    onReply(reply, page);
  };
  const ask = async (page) => {
    // On a slow server only the newest text is reported as shown; earlier ones are reported with their answers.
    if (page !== newest) return;
    let more = true;
    while (more) {
      const response = await send(page.prefetch_address, "POST", { have: queue.map((text) => text.place) }).catch(() => null);
      if (!response?.ok) return;
      const reply = await response.json();
      accept(reply, page);
      more = reply.more;
    }
  };
  // Reports that this text is shown and fetches the missing next texts.
  const fill = (page) => {
    shown.add(page.place);
    newest = page;
    if (reported === page) return;
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
  // Asks within another request for what follows `page`.
  const query = (page) => (formed
    ? `?${new URLSearchParams({ shown: page.place, form: formed.form, have: queue.map((text) => text.place).join() })}` : "");
  return { fill, take, query, accept, drop: () => { setQueue([]); reported = null; } };
};
