"""How many metrics there are, counted in one way for pages, reports and commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from metaeval.results.metric_rows import MetricRow


@dataclass(frozen=True)
class MetricCounts:
    """Every metric stands in one of three: it is compared, it is a copy of one that is, or it has no value.

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
    """Rows as `AgreementTable.rows` orders them: of several copies the first stands for all."""
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
