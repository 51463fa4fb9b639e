// Builds the JSON of an answer from the form.
const certaintyOf = (page, step) => (page.asks_certainty ? Number(step) / 5 : null);

export const answerPayload = ({ form, page, submitter }) => {
  const given = new FormData(form);
  const words = { reason: given.get("reason").trim(), comment: given.get("comment").trim() };
  const common = {
    client_key: given.get("client_key"),
    replaces: given.get("replaces") || null,
    guideline_version: Number(given.get("guideline_version")) || null,
    shown_at: page.shown_at,
    submitted_at: new Date().toISOString(),
  };
  if (submitter?.name === "skip") {
    const remarks = [words.reason, words.comment].filter(Boolean).join(" ");
    const other = submitter.value === "other";
    return { ...common, skipped: true, reason: other ? remarks : submitter.value, comment: other ? "" : remarks };
  }
  const entered = page.single
    ? [(given.get("choice") ?? "").split(":")]
    : Object.keys(page.labels).map((position) => [position, given.get(`label-${position}`)]);
  const chosen = {};
  const rejected = {};
  for (const [position, value] of entered) {
    if (!value) continue;
    const { key } = page.labels[position];
    if (value === "0") rejected[key] = page.asks_certainty ? 1 : null;
    else if (value.startsWith("n")) rejected[key] = certaintyOf(page, value.slice(1));
    else chosen[key] = certaintyOf(page, value);
  }
  const spans = page.asks_spans ? JSON.parse(given.get("spans") || "[]").filter(({ label }) => label in chosen) : [];
  return {
    ...common, ...words, chosen, rejected, ...(spans.length ? { spans } : {}),
    no_label_applies: given.has("no_label_applies"),
    facts_insufficient: given.has("facts_insufficient"),
    guideline_unclear: given.has("guideline_unclear"),
  };
};

// Checked here because the next text is already shown when the server replies.
export const isEmptyAnswer = (answer) => !answer.skipped && !Object.keys(answer.chosen).length
  && !answer.no_label_applies && !answer.facts_insufficient && !answer.guideline_unclear;
