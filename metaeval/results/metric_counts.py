"""How many metrics there are, and how many agree beyond chance, on all texts and on the judged texts alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_rows import MetricRow


@dataclass(frozen=True)
class MetricCounts:
    """Every metric is in one of three lists: compared, a copy of a compared one, or without a value.

    Attributes
    ----------
    compared
        One row for each different measure with a value, the best agreement first.
    copies
        Of a compared one by its name: the rows that only rescale it, and count with it.
    without_value
        Those whose agreement is undefined.
    """

    compared: list[MetricRow]
    copies: dict[str, list[MetricRow]]
    without_value: list[MetricRow]

    @property
    def n_copies(self) -> int:
        return sum(map(len, self.copies.values()))

    @property
    def n_all(self) -> int:
        return len(self.compared) + self.n_copies + len(self.without_value)


def count_metrics(rows: Iterable[MetricRow]) -> MetricCounts:
    """Rows as `AgreementTable.rows` orders them: of several copies the first is compared."""
    first: dict[str, MetricRow] = {}
    copies: dict[str, list[MetricRow]] = {}
    without_value = []
    for row in rows:
        if row.tau is None:
            without_value.append(row)
        elif row.hypothesis in first:
            copies.setdefault(first[row.hypothesis].name, []).append(row)
        else:
            first[row.hypothesis] = row
    return MetricCounts(list(first.values()), copies, without_value)


@dataclass(frozen=True)
class JudgedTexts:
    """Different metrics that have a τ-b on both, with their rows on all texts.

    Attributes
    ----------
    n_items
        Texts that were judged.
    before
        Metrics beyond chance on all texts.
    kept, lost, won
        Beyond chance on both, on all texts alone, on the judged texts alone.
    """

    n_items: int
    n_metrics: int
    before: list[MetricRow]
    kept: list[MetricRow]
    lost: list[MetricRow]
    won: list[MetricRow]

    @property
    def n_beyond(self) -> int:
        return len(self.kept) + len(self.won)


def judged_texts(result: MetricAgreementResult) -> JudgedTexts | None:
    """None where all texts were judged, or no metric is scored on single texts here."""
    stored = result.judged_items_only
    if stored is None:
        return None
    there = {row.name: row for row in stored.rows if row.tau is not None}
    whole = [row for row in count_metrics(result.rows).compared if row.name in there]
    if not whole:
        return None
    before = [row for row in whole if _agrees(row)]
    return JudgedTexts(
        n_items=stored.n_items,
        n_metrics=len(whole),
        before=before,
        kept=[row for row in before if _agrees(there[row.name])],
        lost=[row for row in before if not _agrees(there[row.name])],
        won=[row for row in whole if row not in before and _agrees(there[row.name])],
    )


def _agrees(row: MetricRow) -> bool:
    """An order turned upside down is beyond chance too, and no agreement."""
    return row.tau is not None and row.tau.value > 0 and not row.is_within_chance
