"""What a bundle says of itself: the study's card and the README."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

from annotations.formats.annotation_tools import DOCCANO
from annotations.history.sealing import anchor_of
from annotations.models import Import, Label, LabelCount, Participant, Study
from annotations.selectors.answers import current_answers
from annotations.selectors.exports import exported_languages
from annotations.selectors.imports import not_withdrawn, withdrawn_imports
from hlv import __version__
from hlv.bundle.folder import CHECKSUMS, Bundle
from hlv.bundle.privacy import ALL, Privacy
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
        f"“{' '.join(ranking.campaign.name.split())}”: {' '.join(_interval_sentences(ranking))}"
        for ranking in newest_rankings(study, as_of=as_of)
    ]


def _interval_sentences(ranking: Ranking) -> Iterator[str]:
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
- Judges vote many times: bare judgments are not independent. How the intervals here were made:
{intervals}
- The licence of the texts is not known to the program: say it beside this file before you publish them.
"""


def data_card(study: Study, *, as_of: dt.datetime, with_names: bool = False) -> str:
    labels = list(Label.objects.filter(study=study).order_by("position").values_list("name", flat=True))
    languages = exported_languages(study, as_of=as_of)
    counts = [("texts", sum(languages.values())), *_answers(study, as_of=as_of), *_judged(study, as_of=as_of)]
    return _CARD.format(
        name=study.name,
        as_of=iso(as_of),
        notice=f"\n\n**{study.notice}**" if study.notice else "",
        description=study.description or "No description was written.",
        task=study.task,
        question=f", “{study.question}”" if study.question else "",
        labels=", ".join(labels) or "none",
        languages=", ".join(
            f"{lang or 'not said'} ({n:,})"
            for lang, n in sorted(languages.items(), key=lambda of: of[0] or "not said")
        )
        or "none",
        counts="\n".join(f"| {what} | {n:,} |" for what, n in counts),
        groups=_groups(study, as_of=as_of),
        collected=_collected(study, as_of=as_of, with_names=with_names),
        names="their names: treat the files as confidential" if with_names else "pseudonyms",
        intervals="\n".join(
            f"  - {said}" for said in interval_notes(study, as_of=as_of) or ["No ranking was computed."]
        ),
        sources="Sources of an imported file are numbered at random.",
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


def _file_name(batch: Import, *, with_names: bool) -> str:
    """A file of doccano is named after its annotator."""
    if with_names or batch.format != DOCCANO.name:
        return batch.source
    return f"annotator{PurePath(batch.source).suffix}"


def _collected(study: Study, *, as_of: dt.datetime, with_names: bool) -> str:
    guidelines = study.guidelines.filter(created_at__lte=as_of).order_by("version")
    imports = study.imports.filter(created_at__lte=as_of).order_by("pk")
    lines = [
        f"- Guideline version {one.version}, published {iso(one.created_at)} (text in study.json)."
        for one in guidelines
    ]
    lines += [
        f"- Imported: {_file_name(one, with_names=with_names)} ({one.kind}, {one.n_rows:,} rows, "
        f"SHA-256 {one.sha256}), {iso(one.created_at)}."
        for one in imports
    ]
    return "\n".join(lines) or "- Everything was entered here."


def study_card(study: Study, *, as_of: dt.datetime, with_names: bool = False) -> dict[str, object]:
    """What the study is, and which files it came from."""
    withdrawn = set(withdrawn_imports(as_of).filter(study=study).values_list("pk", flat=True))
    return {
        "slug": study.slug,
        "uuid": str(study.uuid),
        "name": study.name,
        "description": study.description,
        "notice": study.notice,
        "task": study.task,
        "question": study.question,
        "as_of": iso(as_of),
        "software": f"hlv {__version__}",
        # The newest link of the log then; check with `hlv check-log STUDY --anchor NUMBER:HASH`.
        "anchor": str(anchor_of(study, as_of=as_of) or "") or None,
        "labels": [
            {"key": label.key, "name": label.name, "description": label.description}
            for label in Label.objects.filter(study=study).order_by("position")
        ],
        "guidelines": [
            {
                "version": guideline.version,
                "published_at": iso(guideline.created_at),
                "text": guideline.text,
            }
            for guideline in study.guidelines.filter(created_at__lte=as_of).order_by("version")
        ],
        "imports": [
            {
                "kind": batch.kind,
                "file": _file_name(batch, with_names=with_names),
                "sha256": batch.sha256,
                "format": batch.format,
                "options": batch.options,
                "n_rows": batch.n_rows,
                "n_added": batch.n_added,
                "imported_at": iso(batch.created_at),
                "withdrawn": batch.pk in withdrawn,
            }
            for batch in Import.objects.filter(study=study, created_at__lte=as_of).order_by("pk")
        ],
    }


_README = """{name} ({slug}), as it stood at {as_of}

Exported by hlv {version}. The same study at the same time gives the same bytes:
hlv export {slug} FOLDER --as-of {as_of}{names_option}
{notice}
{people}
Imports that were withdrawn are left out. In CSV files, a text that a spreadsheet would take for a formula
begins with an apostrophe; the JSON files have every text as it is. Times are UTC. {checksums} lists the
SHA-256 of every file: sha256sum --check {checksums}

Files
{files}

To import it again into an empty study with the task and labels of study.json, in this order:
{again}
Campaigns and programs that judged are named in the list above. Estimates and analytic intervals come out the same, to
rounding. Whatever is drawn does not, even with the same seed: intervals of τ-b and its like, resampling intervals, p from random
draws, and the fingerprint of the data, for draws follow the order in which judges and texts were stored, which an import makes
anew. The snapshots in this bundle are the ones to cite.

How the numbers were made
- Human label distributions count answers that stand and that give labels, the empty set included. Outputs of
  methods never enter them. An item with counts that came without annotators has those counts.
- Rankings, agreements and scores are snapshots: computed at the time and with the seed, parameters and code
  version that stand beside them. "undetermined" holds the reason where the data allow no answer.
- Strengths are in natural-log odds and sum to 0. Ties count as the column "ties" says.
- Intervals are 95 % intervals unless the snapshot says otherwise.
{intervals}"""


def _again(bundle: Bundle) -> str:
    """Commands for the files that are there.

    Outputs say the base model of a method, scores do not: they come after it is known. Without base models they come
    first, for a table of scores makes methods only where there are none.
    """
    judged = sorted(name for name in bundle.described if name.startswith("judgments/"))
    outputs = [("outputs", ["outputs.jsonl"], "")]
    outputs += [("judgments", [name], " --campaign NAME" + _judge(bundle, name)) for name in judged]
    scores = [("scores", ["uploaded-scores.csv", "uploaded-item-scores.csv"], "")]
    steps = [
        ("items", ["items.jsonl"], ""),
        ("annotations", ["answers.csv"], ""),
        ("annotations", ["label-counts.csv"], ""),
        *([*outputs, *scores] if bundle.has_base_models else [*scores, *outputs]),
    ]
    there = [
        (kind, [name for name in names if name in bundle.described], more) for kind, names, more in steps
    ]
    return "\n".join(
        f"  hlv import {kind} {' '.join(names)} --study STUDY{more}" for kind, names, more in there if names
    )


def _judge(bundle: Bundle, name: str) -> str:
    return " --automatic PROGRAM" if "of the program" in bundle.described[name] else ""


def _wrapped(said: str) -> str:
    return textwrap.fill(
        said, 118, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def readme(
    study: Study, bundle: Bundle, *, as_of: dt.datetime, with_names: bool, privacy: Privacy = ALL
) -> str:
    width = max(len(name) for name in bundle.described)
    return _README.format(
        name=study.name,
        slug=study.slug,
        as_of=iso(as_of),
        version=__version__,
        names_option="".join(
            (
                " --names" if with_names else "",
                " --round-times" if privacy.round_times else "",
                " --without-free-text" if privacy.without_words else "",
            )
        ),
        notice=f"\n{study.notice}\n" if study.notice else "",
        people=(
            "People and sources are named: treat the files as confidential."
            if with_names
            else "People and sources are pseudonyms, the same in every export of this study. Sources of an imported file are\n"
            "numbered at random; anyone who has that file can still find a row by its answers."
        )
        + (f"\n{privacy.sentence}" if privacy.sentence else ""),
        checksums=CHECKSUMS,
        again=_again(bundle),
        intervals="".join(f"{_wrapped(said)}\n" for said in interval_notes(study, as_of=as_of)),
        files="\n".join(f"  {name:<{width}}  {about}" for name, about in sorted(bundle.described.items())),
    )
