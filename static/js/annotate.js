// Annotating by keys, from text to text without leaving the page, and keeping what could not be sent.
// The page works as a plain form without this module.
import { activeMs, startActiveTime } from "./active_time.js";
import { startPrefetch } from "./prefetch.js";
import { answerPayload, isEmptyAnswer } from "./answer_payload.js";
import { startUndo } from "./undo.js";
import { startGuideline } from "./guideline.js";
import { startKeys } from "./keys.js";
import { startLabelChoices } from "./label_choices.js";
import { startStudyState } from "./study_state.js";
import { countWork } from "./break_reminder.js";
import { keepFlash, showFlash } from "./flash.js";
import { carryDisplaySettings } from "./display_settings.js";
import { clearNotice, showNotice, showNoticeInView } from "./notice.js";
import { drawStatus, startSubmission } from "./submission.js";

// ---- one text and its answer ------------------------------------------------------------------
const openText = (give) => {
  const page = JSON.parse(document.getElementById("page").textContent);
  const form = document.getElementById("answers");
  const reason = document.getElementById("reason");
  const comment = document.getElementById("comment");
  const undoing = startUndo(form, document.getElementById("undo"));
  // A restored draft is one choice that can be undone.
  form.addEventListener("restored", undoing.note);
  const labels = startLabelChoices({ form, page, changed: undoing.note });

  const skip = document.getElementById("skip");
  let beforeSkip = null;
  const openSkip = () => {
    beforeSkip = document.activeElement;
    skip.open = true;
    skip.querySelector("summary").focus();
  };
  // Back to the row in hand, so that Enter saves again instead of opening the list anew.
  skip.addEventListener("toggle", () => {
    if (skip.open || !beforeSkip) return;
    if (beforeSkip === document.body) skip.querySelector("summary").blur();
    else beforeSkip.focus();
    beforeSkip = null;
  });
  // Out of the list, into the field where the other reason is written, and from where the text is skipped.
  const drawWhy = (isAsked) => {
    for (const part of form.querySelectorAll("[data-skip-reason], [data-optional-reason]")) part.hidden = isAsked !== part.matches("[data-skip-reason]");
  };
  const askWhy = () => {
    beforeSkip = null;
    skip.open = false;
    drawWhy(true);
    showNotice(page.words.skip_reason_missing);
    reason.value ||= page.skip_reason;
    reason.focus();
  };
  // Who goes on to answer is not asked any more.
  form.addEventListener("change", ({ target }) => { if (target !== reason) drawWhy(false); });
  // The field grows line by line, and the actions stand before its last one.
  for (const field of [reason, comment]) {
    field.addEventListener("input", () => field.scrollIntoView({ block: "nearest" }));
  }
  const writeComment = () => {
    comment.closest("details").open = true;
    comment.focus();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const skipped = event.submitter?.name === "skip";
    if (labels.awaited && !skipped) {
      showNoticeInView(page.words.certainty_missing.replace("{name}", labels.awaited));
      return;
    }
    const answer = answerPayload({ form, page, submitter: event.submitter });
    if (answer.skipped && !answer.reason) askWhy();
    else if (isEmptyAnswer(answer)) showNoticeInView(page.words[Object.keys(answer.rejected).length ? "only_rejected" : "empty_answer"]);
    else give(answer);
  });

  const press = (code, digit) => {
    if (digit !== undefined) {
      if (skip.open) skip.querySelector(`[data-digit="${digit}"]`)?.click();
      else labels.pressStep(digit);
      return true;
    }
    const row = labels.rowOf(code);
    if (row) { labels.press(row); return true; }
    const box = form.querySelector(`.choice > input[data-code="${code}"]`);
    if (box) { labels.turn(box); return true; }
    if (code === "Escape") return labels.putDown();
    if (code === "Slash") return labels.seek();
    if (code === "Backspace") { document.getElementById("previous-text")?.click(); return true; }
    const meant = {
      KeyN: () => reason.focus(), KeyM: writeComment, KeyU: undoing.undo, KeyK: openSkip, KeyH: guideline.toggle,
    }[code];
    meant?.();
    return meant !== undefined;
  };
  const shifted = (code, digit) => {
    if (code === "Backspace") { document.getElementById("next-text")?.click(); return true; }
    // From 5, surely not, to 1, perhaps not.
    return digit !== undefined && labels.pressStep(digit === "5" || digit === "0" ? "0" : `n${digit}`);
  };
  return { page, form, press, shifted, undoing };
};

// ---- from text to text --------------------------------------------------------------------------
let text = null;
let address = location.pathname + location.search;
// Shown here and not yet known by the server for shown: taken away again where it was shown by mistake.
let isNew = false;
const ahead = startPrefetch({
  onReply: ({ head, state }, page) => {
    // What the server said of the last save is not yet true of an answer that is on its way.
    if (!sending.isUnderWay) drawStatus(new DOMParser().parseFromString(head, "text/html"));
    if (state === "open" && page === text.page) isNew = false;
    course.hear(state);
  },
});
const isRevision = () => Boolean(text.form.elements.replaces.value);

// A change of an answer that was begun and not given stays where it is, and that is said of it.
const noteLeft = () => {
  if (isRevision() && sending.isPending) keepFlash({ kind: "left_unsaved", name: text.page.name, address: address.split("?")[0] });
};
addEventListener("pagehide", noteLeft);

const put = (parts) => {
  carryDisplaySettings(parts);
  for (const id of ["main", "page"]) {
    document.getElementById(id).replaceWith(document.importNode(parts.getElementById(id), true));
  }
  scrollTo(0, 0);
  document.getElementById("main").focus({ preventScroll: true });
};
const arrive = () => {
  const version = text.page.guideline_version;
  text = openText(give);
  text.page.shown_at = new Date().toISOString();
  startActiveTime();
  sending.at(text);
  text.undoing.note();
  showFlash(text.page.words);
  if (text.page.guideline_version !== version) showNotice(text.page.words.guideline_new);
};
const showNext = () => {
  const next = isRevision() ? null : ahead.take();
  if (!next) return false;
  isNew = true;
  address = next.address;
  history.pushState(null, "", address);
  put(next.parts);
  document.title = next.title;
  arrive();
  return true;
};

async function give(answer) {
  const worked = activeMs();
  countWork(worked);
  if (answer.skipped) keepFlash({ kind: "skipped", name: text.page.name, address: location.pathname });
  await sending.give({ ...answer, active_ms: worked });
}

text = openText(give);
const course = startStudyState({
  page: () => text.page,
  onChange: (state) => {
    if (state === "open") { clearNotice(); fill(); return; }
    ahead.drop();
    // What somebody has begun to answer stays; a text that nobody was to get any more goes.
    if (isNew && !sending.isTouched) location.replace(text.page.next);
    else showNotice(text.page.words[state === "closed" && isRevision() ? "closed_revision" : state]);
  },
});
const fill = () => { if (!isRevision() && course.isOpen) ahead.fill(text.page); };
const guideline = startGuideline({ address: () => text.page.guideline, words: text.page.words });
const sending = startSubmission({
  ...text, onGiven: showNext, onReply: ({ state }) => course.hear(state), onDelivered: fill,
});
// A restored draft is one choice that can be undone.
text.undoing.note();
showFlash(text.page.words);
startKeys({
  words: text.page.words, press: (code, digit) => text.press(code, digit), shifted: (code, digit) => text.shifted(code, digit),
});
fill();

// Back and forward among texts that came without leaving the page: as the server has them now.
addEventListener("popstate", async () => {
  const wanted = location.pathname + location.search;
  if (wanted === address) return;
  const response = await fetch(wanted).catch(() => null);
  const parts = response?.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  if (parts?.getElementById("page") && parts.getElementById("answers")) {
    noteLeft();
    address = wanted;
    drawStatus(parts);
    put(parts);
    isNew = false;
    document.title = parts.title;
    arrive();
    // What was not saved of the text that was left is not said of this one.
    sending.deliverNow();
  } else if (response) {
    location.reload();
  } else {
    // Without a network the text in hand stays.
    history.pushState(null, "", address);
    showNotice(text.page.words.offline);
  }
});
