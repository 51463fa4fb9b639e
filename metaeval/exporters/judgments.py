"""Judgments, and how often each method was preferred to each other."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hlv.core.tabular.writing import CellValue, csv_text, json_text
from hlv.stats.pairwise.comparisons import pair_counts
from metaeval.formats.paper import PaperMetadata
from metaeval.selectors.exports import ExportedJudgment, Known
from metaeval.selectors.judgments import ComparisonCounts
from metaeval.selectors.outputs import ShownOutput
from metaeval.selectors.scores import shown_names


def judgment_table(judgments: Iterable[ExportedJudgment], *, known: Known) -> Iterator[str]:
    """Judgments that stand, as `hlv import judgments` reads them again."""
    columns = JudgmentColumns(known)
    return csv_text(columns.header, columns.rows(judgments))


@dataclass(frozen=True)
class JudgmentColumns:
    """The columns of judgments that stand: none for what nobody recorded."""

    known: Known

    @property
    def header(self) -> tuple[str, ...]:
        return (
            *(["item"] if self.known.item else []),
            *(["judge"] if self.known.judge else []),
            *("left", "right", "winner", "confidence", "submitted_at", "active_ms"),
        )

    def rows(self, judgments: Iterable[ExportedJudgment]) -> Iterator[tuple[CellValue, ...]]:
        """Without repeats: they tell of the judges, and a ranking leaves them out."""
        for judgment in judgments:
            named = Known(judgment.item_key is not None, judgment.judge is not None)
            if judgment.is_current and not judgment.is_repeat and named == self.known:
                yield self._row(judgment)

    def _row(self, judgment: ExportedJudgment) -> tuple[CellValue, ...]:
        return (
            *([judgment.item_key] if self.known.item else []),
            *([judgment.judge] if self.known.judge else []),
            judgment.left,
            judgment.right,
            judgment.verdict,
            judgment.confidence,
            judgment.submitted_at,
            judgment.active_ms,
        )


HISTORY_HEADER = (
    *("campaign", "automatic_judge", "item", "judge", "left", "right", "winner", "confidence"),
    *("submitted_at", "active_ms", "reason", "repeat", "stands"),
)


def history_rows(
    judgments: Iterable[ExportedJudgment], *, campaign: str, automatic_judge: str
) -> Iterator[tuple[CellValue, ...]]:
    """All judgments, also those that were revised, and those on pairs that came again."""
    for judgment in judgments:
        yield (
            campaign,
            automatic_judge,
            judgment.item_key,
            judgment.judge,
            judgment.left,
            judgment.right,
            judgment.verdict,
            judgment.confidence,
            judgment.submitted_at,
            judgment.active_ms,
            judgment.reason,
            judgment.is_repeat,
            judgment.is_current,
        )


TIE_HEADER = ("campaign", "item", "left", "right", "winner", "reason")
LABELS_HEADER = ("item", "annotator", "label", "campaign", "submitted_at", "active_ms")


def tie_rows(
    ties: Iterable[tuple[str | None, str, str, str]], *, campaign: str
) -> Iterator[tuple[CellValue, ...]]:
    """Comparisons that count as ties without anybody having been asked."""
    for item, left, right, reason in ties:
        yield campaign, item, left, right, "tie", reason


def labels_rows(
    labellings: Iterable[tuple[str | None, str, list[str], dt.datetime, int | None]], *, campaign: str
) -> Iterator[tuple[CellValue, ...]]:
    """In the columns of annotations, so that whoever means them to count as such can import them."""
    for item, judge, labels, submitted_at, active_ms in labellings:
        yield item, judge, ",".join(labels), campaign, submitted_at, active_ms


WIN_HEADER = ("campaign", "judged_by", "method", "against", "wins", "losses", "ties", "judgments")


def win_rows(counts: ComparisonCounts, *, campaign: str, judged_by: str) -> Iterator[tuple[CellValue, ...]]:
    """Each pair that was compared, once from each side."""
    names = shown_names(counts.methods)
    if not names:
        return
    wins, ties = pair_counts(counts.cells, len(names))
    for i, method in enumerate(names):
        for j, other in enumerate(names):
            n = int(wins[i, j] + wins[j, i] + ties[i, j])
            if n:
                yield (
                    campaign,
                    judged_by,
                    method,
                    other,
                    int(wins[i, j]),
                    int(wins[j, i]),
                    int(ties[i, j]),
                    n,
                )


# Of each verdict: whether option A is preferred, and option B.
PREFERRED = {
    "left": (True, False),
    "right": (False, True),
    "both": (True, True),
    "neither": (False, False),
}

Pair = tuple[str, str, str]


@dataclass(frozen=True)
class Inputs:
    """A text with two options on their sides, by the key that answers name; the paper shows each side as its own input."""

    keys: dict[Pair, str]

    @classmethod
    def of(cls, judgments: Iterable[ExportedJudgment]) -> Inputs:
        """Keys that a file gave stay; others are numbered after them, in the order in which judgments come."""
        known: dict[Pair, str | None] = {}
        for one in judgments:
            pair = _pair(one)
            if pair is not None:
                known[pair] = known.get(pair) or PaperMetadata.of(one.metadata).input_id or None
        taken = set(known.values())
        largest = max((int(key) for key in taken if key is not None and key.isdecimal()), default=0)
        keys: dict[Pair, str] = {}
        for pair, key in known.items():
            if key is None:
                largest += 1
            keys[pair] = str(largest) if key is None else key
        return cls(dict(sorted(keys.items(), key=lambda entry: (entry[1].zfill(20), entry[0]))))


def _pair(judgment: ExportedJudgment) -> Pair | None:
    """None of what the paper has no words for: no text, no judge, no such verdict, and repeats, which would replace."""
    if judgment.item_key is None or judgment.judge is None or judgment.is_repeat:
        return None
    if judgment.verdict not in PREFERRED:
        return None
    return judgment.item_key, judgment.left, judgment.right


def metadata_csv(inputs: Inputs) -> Iterator[str]:
    """`metadata.csv`: which methods the options of an input are of, and, beside the paper's columns, which text."""
    rows = ((key, left, right, item) for (item, left, right), key in inputs.keys.items())
    return csv_text(("id", "optionA", "optionB", "item"), rows)


def input_lines(
    inputs: Inputs,
    *,
    texts: Mapping[str, str],
    outputs: Mapping[tuple[str, str], ShownOutput],
    label_keys: Mapping[str, str],
    threshold: float,
) -> Iterator[str]:
    """`input.jsonl`: the text and both options, labels from the threshold on, the largest first.

    `label_keys` are by names: keys are what an import knows.
    """
    for (item, left, right), key in inputs.keys.items():
        options = {
            name: _option(outputs.get((item, method)), label_keys=label_keys, threshold=threshold)
            for name, method in (("optionA", left), ("optionB", right))
        }
        yield json_text({"id": _number(key), "text": texts.get(item, ""), **options}) + "\n"


def _option(
    shown: ShownOutput | None, *, label_keys: Mapping[str, str], threshold: float
) -> list[dict[str, object]] | str:
    if shown is None:
        return []
    if shown.text is not None:
        return shown.text
    kept = sorted(
        (label for label in shown.labels if label.value >= threshold), key=lambda label: -label.value
    )
    return [
        {"areaOfLaw": label_keys.get(label.name, label.name), "confidence": label.value} for label in kept
    ]


def answer_lines(
    judgments: Iterable[ExportedJudgment],
    inputs: Inputs,
    *,
    labels: Mapping[int, tuple[list[str], int | None]],
) -> Iterator[str]:
    """`data.jsonl`: every answer, revised ones too; of one judge on one input the later timestamp stands."""
    for one in judgments:
        pair = _pair(one)
        if pair is None:
            continue
        a, b = PREFERRED[one.verdict]
        chosen, labelling_ms = labels.get(one.exposure or 0, ([], None))
        metadata = PaperMetadata.of(one.metadata)
        areas = json.loads(metadata.selected_areas or "null") or chosen
        line = {
            "inputId": _number(inputs.keys[pair]),
            "annotatorId": _number(one.judge or ""),
            "timestamp": _time(one.submitted_at),
            "areasOfLawAnnotation": {
                "elapsedTime": _seconds(metadata.labelling_time, labelling_ms),
                "selectedAreas": areas,
            },
            "preferredHLVAnnotation": {
                "elapsedTime": _seconds(metadata.judging_time, one.active_ms),
                "isOptionAPreferred": a,
                "isOptionBPreferred": b,
                "confidence": one.confidence,
            },
        }
        yield json_text(line) + "\n"


def _number(key: str) -> int | str:
    """As the paper has it, where it is one; leading zeros are no number."""
    return int(key) if key.isdecimal() and str(int(key)) == key else key


def _time(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _seconds(given: str, milliseconds: int | None) -> float | str | None:
    if given:
        return float(given) if given.replace(".", "", 1).isdecimal() else given
    return None if milliseconds is None else milliseconds / 1000
