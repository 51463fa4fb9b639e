// Sending what was given without leaving the page, keeping what could not be sent, and saying what became of
// it. Both desks use it; `page` is what the view hands over: person, place, address, next and words.
import { startDraft } from "./draft.js";
import { drop, keep, waiting } from "./outbox.js";
import { hush, tell } from "./said.js";

const RETRY_MS = 5000;

const saved = document.getElementById("saved");
const drawSaved = (words, { isWaiting }) => {
  saved.querySelector("#saved-words").textContent = words;
  saved.classList.toggle("is-waiting", isWaiting);
  saved.querySelector(".waiting-icon").hidden = !isWaiting;
  saved.querySelector(".saved-icon").hidden = isWaiting;
};

const post = async (entry, token) => {
  let response;
  try {
    response = await fetch(entry.address, {
      method: "POST", credentials: "same-origin", redirect: "error",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(entry.payload),
    });
  } catch { return { kind: "away" }; }
  const body = await response.json().catch(() => ({}));
  if (response.status === 200 || response.status === 201) return { kind: "stored" };
  if (response.status === 409) return { kind: "stands", ...body };
  if (response.status === 401 || response.status === 403) return { kind: "signed_out" };
  // What can never be stored as it is leaves the outbox. A seat that is not there may come back, with its person.
  if ([400, 413, 415, 422].includes(response.status)) return { kind: "refused", ...body };
  return { kind: response.status === 404 ? "gone" : "failing", ...body };
};

// What another tab saved counts here too.
const countAnew = async () => {
  const response = await fetch(location.href).catch(() => null);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of [".both-progress", "#saved"]) {
    document.querySelector(part).replaceChildren(...fresh.querySelector(part).childNodes);
  }
};

export const startSending = ({ form, page }) => {
  const draft = startDraft({ form, page });
  const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? form.elements.csrfmiddlewaretoken.value;
  const inOrder = async () =>
    (await waiting(page.person)).sort((a, b) => a.payload.submitted_at.localeCompare(b.payload.submitted_at));

  const restored = draft.restore();
  if (restored) {
    drawSaved(page.words.restored, { isWaiting: true });
    // Where the head of the page scrolls away, it is said at the form as well.
    if (matchMedia("(max-width: 64rem)").matches) tell(page.words.restored);
  }

  const words = { away: page.words.kept, failing: page.words.kept, signed_out: page.words.signed_out };
  const told = new Set();
  const tellOfLoss = ({ sentence, detail }) => tell(`${page.words.refused} ${sentence ?? detail ?? ""}`);
  const stay = (stuck) => {
    const n = stuck.length;
    drawSaved(n === 1 ? page.words.one_waiting : page.words.many_waiting.replace("{n}", n), { isWaiting: true });
    for (const { entry, outcome } of stuck) {
      if (outcome.kind === "gone") {
        if (sessionStorage.getItem(`told/${entry.key}`)) continue;
        sessionStorage.setItem(`told/${entry.key}`, "1");
        tellOfLoss(outcome);
      } else if (entry.seat === page.place && !told.has(outcome.kind)) {
        told.add(outcome.kind);
        tell(words[outcome.kind]);
      }
    }
  };
  const sayWhatStands = async (outcome, entry, { here }) => {
    const stored = { href: outcome.revise, words: page.words.see_stored };
    if (entry.payload.replaces || !here) { tell(outcome.sentence, [stored]); return; }
    const box = tell(page.words.stands, [{ href: entry.next, words: page.words.next, key: "Enter" }, stored]);
    box.querySelector("a").focus();
    await countAnew();
  };

  // In the order in which things were given. What the server does not take stays, and holds up nothing but
  // later words on the same text; the rest is not tried only where nothing can be sent now.
  const deliverAll = async () => {
    const entries = await inOrder();
    if (!entries.length) return;
    const stuck = [];
    for (const [place, entry] of entries.entries()) {
      const before = stuck.find((one) => one.entry.seat === entry.seat);
      if (before) { stuck.push({ entry, outcome: before.outcome }); continue; }
      const outcome = await post(entry, token());
      if (outcome.kind === "away" || outcome.kind === "signed_out") {
        stuck.push(...entries.slice(place).map((one) => ({ entry: one, outcome })));
        break;
      }
      if (outcome.kind === "failing" || outcome.kind === "gone") { stuck.push({ entry, outcome }); continue; }
      // Another tab may send an answer to what stands here: whoever is at work on it is not moved on.
      const here = entry.key === form.elements.client_key.value || (entry.seat === page.place && !draft.isTouched());
      await drop(entry.key);
      if (outcome.kind === "stored" && here) { location.assign(entry.next); return; }
      if (outcome.kind === "stands") await sayWhatStands(outcome, entry, { here });
      if (outcome.kind === "refused") {
        if (here) draft.takeBack();
        if (here && outcome.sentence) tell(outcome.sentence);
        else tellOfLoss(outcome);
      }
    }
    if (stuck.length) { stay(stuck); return; }
    if (restored) drawSaved(page.words.restored, { isWaiting: true });
    else if (saved.classList.contains("is-waiting")) drawSaved(page.words.saved, { isWaiting: false });
    told.clear();
  };
  // One delivery at a time; one that failed is followed by the next all the same.
  let delivering = Promise.resolve();
  const deliver = () => (delivering = delivering.then(deliverAll).catch((fault) => console.error(fault)));

  let busy = false;
  const give = async (payload) => {
    if (busy) return;
    busy = true;
    form.setAttribute("aria-busy", "true");
    try {
      await keep({ key: payload.client_key, person: page.person, seat: page.place, address: page.address, next: page.next, payload });
      draft.hand();
      await deliver();
    } finally {
      form.removeAttribute("aria-busy");
      busy = false;
    }
  };

  const touched = ({ target }) => {
    if (target.type === "search") return;
    hush();
    draft.save();
  };
  for (const kind of ["change", "input", "undone"]) form.addEventListener(kind, touched);
  addEventListener("online", deliver);
  setInterval(deliver, RETRY_MS);
  // What an earlier page of this person could not send.
  deliver();
  return { give };
};
