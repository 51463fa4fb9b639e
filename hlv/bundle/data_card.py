"""The data card: what whoever takes the data up must know of them, with numbers counted as of a time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from annotations.models import Label, LabelCount, Participant, Study
from annotations.selectors.answers import current_answers
from annotations.selectors.exports import exported_items
from annotations.selectors.imports import not_withdrawn
from hlv.core.tabular.writing import iso
from metaeval.findings.choice_labels import RESAMPLED, interval_words
from metaeval.findings.methods_section import failed_resamples_sentence, table_notes
from metaeval.findings.preregistration_findings import find_departure
from metaeval.models import Ranking
from metaeval.results.ranking import read_ranking
from metaeval.selectors import exports
from metaeval.selectors.judgments import FIRST_VERDICTS, all_current_judgments


def newest_rankings(study: Study, *, as_of: dt.datetime) -> list[Ranking]:
    """One of each campaign, of all its methods and judges; campaigns in the order of their first snapshot."""
    found: dict[int, Ranking] = {}
    for ranking in exports.exported_rankings(study, as_of=as_of).select_related("campaign__study"):
        if ranking.is_of_everything:
            found[ranking.campaign_id] = ranking
    return list(found.values())


def interval_notes(study: Study, *, as_of: dt.datetime) -> list[str]:
    """For each campaign a paragraph: how the newest intervals were made, what the ranking notes, whence it departs."""
    return [
        f"“{' '.join(ranking.campaign.name.split())}”: {' '.join(_said(ranking))}"
        for ranking in newest_rankings(study, as_of=as_of)
    ]


def _said(ranking: Ranking) -> Iterator[str]:
    result = read_ranking(ranking)
    if ranking.undetermined:
        yield "The newest snapshot has no ranking and therefore no intervals."
        return
    method = interval_words(result.interval_method or "")
    yield f"Intervals of the newest ranking (snapshot {ranking.uuid}): {method or 'none'}."
    if result.n_resamples:
        unit = RESAMPLED.get(result.resampling_unit or "", "judgments")
        lost = result.n_resamples_without_answer
        more = f", {failed_resamples_sentence(lost, model=result.model)}" if lost else ""
        yield f"Its {result.n_resamples:,} resamples are of {unit}{more}."
    else:
        yield "Nothing was resampled."
    yield from table_notes(result.notes)
    departure = find_departure(ranking)
    if departure is not None:
        yield from departure.sentences


_CARD = """# Data card: {name}

As of {as_of}.{notice}

## What it is

{description}

- Task: {task}{question}
- Labels: {labels}
- Languages of the texts: {languages}

## How much

| what | how many |
|---|---|
{counts}

Annotators by group: {groups}.

## How it came about

{collected}

## Who is in it

Annotators and judges appear under {names}. {sources}

## What to beware of

- A human label distribution of few annotators is coarse: of three, a share has four values. See the column n_annotators.
- Skips, and answers that gave a flag (facts insufficient, guideline unclear) and no labels, are in the table of
  annotations; they enter no distribution and no measure of agreement. A flag beside labels takes nothing away.
- Outputs of methods and verdicts of programs are never counted among people's.
- Judges vote many times: single judgments are not independent. How the intervals here were made:
{intervals}
- The licence of the texts is not known to the program: say it beside this file before you publish them.
"""


def data_card(study: Study, *, as_of: dt.datetime, with_names: bool = False) -> str:
    labels = list(Label.objects.filter(study=study).order_by("position").values_list("name", flat=True))
    languages = Counter(item.lang or "not said" for item in exported_items(study, as_of=as_of))
    counts = [("texts", languages.total()), *_answers(study, as_of=as_of), *_judged(study, as_of=as_of)]
    return _CARD.format(
        name=study.name,
        as_of=iso(as_of),
        notice=f"\n\n**{study.notice}**" if study.notice else "",
        description=study.description or "No description was written.",
        task=study.task,
        question=f", “{study.question}”" if study.question else "",
        labels=", ".join(labels) or "none",
        languages=", ".join(f"{lang} ({n:,})" for lang, n in sorted(languages.items())) or "none",
        counts="\n".join(f"| {what} | {n:,} |" for what, n in counts),
        groups=_groups(study, as_of=as_of),
        collected=_collected(study, as_of=as_of),
        names="their names: treat the files as confidential" if with_names else "pseudonyms",
        intervals="\n".join(
            f"  - {said}" for said in interval_notes(study, as_of=as_of) or ["No ranking was computed."]
        ),
        sources="Sources of an imported file are numbered by chance.",
    )


def _answers(study: Study, *, as_of: dt.datetime) -> list[tuple[str, int]]:
    answers = current_answers(study, as_of=as_of)
    counted = LabelCount.objects.filter(
        not_withdrawn(as_of=as_of), item__study=study, import_batch__created_at__lte=as_of
    )
    return [
        ("answers that stand", answers.count()),
        ("of them skips", answers.filter(skipped=True).count()),
        ("of them flagged and without labels", answers.filter(skipped=False, gives_labels=False).count()),
        ("of them with labels or the empty set", answers.filter(gives_labels=True).count()),
        ("annotators", answers.order_by().values("participant").distinct().count()),
        ("texts with counts instead of annotators", counted.order_by().values("item").distinct().count()),
    ]


def _judged(study: Study, *, as_of: dt.datetime) -> list[tuple[str, int]]:
    rows: list[tuple[str, int]] = [("methods", exports.exported_methods(study, as_of=as_of).count())]
    for campaign in exports.exported_campaigns(study, as_of=as_of):
        stands = all_current_judgments(campaign, as_of=as_of).filter(FIRST_VERDICTS)
        people = stands.filter(automatic_judge__isnull=True)
        judges = people.exclude(participant=None).order_by().values("participant").distinct().count()
        rows += [
            (f"judgments of people by “{_cell(campaign.name)}”", people.count()),
            (f"judges of “{_cell(campaign.name)}”", judges),
            (f"judgments of programs by “{_cell(campaign.name)}”", stands.count() - people.count()),
        ]
    return rows


def _cell(text: str) -> str:
    """Within a table of Markdown."""
    return " ".join(text.split()).replace("|", r"\|")


def _groups(study: Study, *, as_of: dt.datetime) -> str:
    people = Participant.objects.filter(
        study=study, role=Participant.Role.ANNOTATOR, created_at__lte=as_of
    ).order_by("pk")
    groups = Counter(group or "none" for group in people.values_list("group", flat=True))
    return ", ".join(f"{group} ({n:,})" for group, n in sorted(groups.items())) or "there are none"


def _collected(study: Study, *, as_of: dt.datetime) -> str:
    guidelines: list[Any] = list(study.guidelines.filter(created_at__lte=as_of).order_by("version"))
    imports = list(study.imports.filter(created_at__lte=as_of).order_by("pk"))
    lines = [
        f"- Guideline version {one.version}, published {iso(one.created_at)} (text in study.json)."
        for one in guidelines
    ]
    lines += [
        f"- Imported: {one.source} ({one.kind}, {one.n_rows:,} rows, SHA-256 {one.sha256}), {iso(one.created_at)}."
        for one in imports
    ]
    return "\n".join(lines) or "- Everything was entered here."
