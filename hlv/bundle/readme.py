"""What a bundle says of itself: the study's card and the README."""

from __future__ import annotations

import datetime as dt
import textwrap
from typing import Any

from annotations.models import Import, Label, Study
from annotations.selectors.imports import withdrawn_imports
from hlv import __version__
from hlv.bundle.data_card import interval_notes
from hlv.bundle.folder import CHECKSUMS, Bundle
from hlv.core.tabular.writing import iso


def study_card(study: Study, *, as_of: dt.datetime) -> dict[str, Any]:
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
                "file": batch.source,
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


def readme(study: Study, bundle: Bundle, *, as_of: dt.datetime, with_names: bool) -> str:
    width = max(len(name) for name in bundle.described)
    return _README.format(
        name=study.name,
        slug=study.slug,
        as_of=iso(as_of),
        version=__version__,
        names_option=" --names" if with_names else "",
        notice=f"\n{study.notice}\n" if study.notice else "",
        people="People and sources are named: treat the files as confidential."
        if with_names
        else "People and sources are pseudonyms, the same in every export of this study. Sources of an imported file are\n"
        "numbered by chance; whoever holds that file can still find a row by what it answers.",
        checksums=CHECKSUMS,
        again=_again(bundle),
        intervals="".join(f"{_wrapped(said)}\n" for said in interval_notes(study, as_of=as_of)),
        files="\n".join(f"  {name:<{width}}  {about}" for name, about in sorted(bundle.described.items())),
    )
