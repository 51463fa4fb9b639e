"""Differences between metrics as rows: what figures, pages and commands read out of a snapshot's JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from metaeval.charts.chance import LEVEL
from metaeval.charts.tables import Estimate, read_estimate

# As strengths and scores are compared: beyond these, a difference is rounding.
DECIMALS = 9


@dataclass(frozen=True)
class Williams:
    """Its p is adjusted by Holm's rule."""

    t: float
    degrees: int
    adjusted_p: float


@dataclass(frozen=True)
class Difference:
    """Of two metrics by their keys; `adjusted_p` is None where it could not be tested."""

    first: str
    second: str
    by: Estimate
    test: str
    adjusted_p: float | None
    second_test: str
    second_adjusted_p: float | None
    # Exchanges that the second test took.
    n_exchanges: int = 0
    # No resample crossed 0: the p is at most this.
    at_floor: bool = False
    # Williams' t, of Pearson's r alone.
    williams: Williams | None = None

    @property
    def turned(self) -> Difference:
        """The same with the metrics the other way round."""
        low, high = self.by.low, self.by.high
        by = replace(
            self.by,
            value=-self.by.value,
            low=None if high is None else -high,
            high=None if low is None else -low,
        )
        williams = self.williams and replace(self.williams, t=-self.williams.t)
        return replace(self, first=self.second, second=self.first, by=by, williams=williams)

    @property
    def told_apart(self) -> bool:
        return self.adjusted_p is not None and self.adjusted_p < LEVEL


@dataclass(frozen=True)
class Differences:
    """By one coefficient. `copies` are affine copies of one metric, each under the key that stands for them."""

    values: Mapping[str, float]
    copies: Mapping[str, tuple[str, ...]]
    pairs: list[Difference]
    groups: list[tuple[str, ...]]
    left_out: Mapping[str, str]
    notes: list[str]
    second_test_notes: list[str]
    # Of the second test: its null hypothesis as it is stored, and of how many permutations; nothing where there is none.
    null: str
    n_permutations: int
    exchanged_all: bool
    # The smallest adjusted p that each can give; None in a snapshot that does not say, and without tests.
    smallest_p: float | None
    smallest_second_p: float | None
    williams_note: str
    undetermined: str
    why_untested: str
    # Whether the best of these is the best of all metrics that have a value, those left out here among them.
    best_of_all: bool

    @property
    def n_compared(self) -> int:
        """Different metrics: copies count once, as everywhere."""
        return len(self.values)

    @cached_property
    def ranked(self) -> list[str]:
        """The best first; of equally good ones the first that came."""
        return sorted(self.values, key=lambda key: -round(self.values[key], DECIMALS))

    @cached_property
    def best(self) -> str | None:
        return next(iter(self.ranked), None)

    @property
    def tested(self) -> bool:
        return any(pair.adjusted_p is not None for pair in self.pairs)

    @property
    def decides(self) -> bool:
        """Whether the tests could tell any two metrics apart."""
        return self.smallest_p is None or self.smallest_p < LEVEL

    @property
    def second_decides(self) -> bool:
        return self.smallest_second_p is None or self.smallest_second_p < LEVEL

    @property
    def second_tested(self) -> list[Difference]:
        return [pair for pair in self.pairs if pair.second_adjusted_p is not None]

    @property
    def not_told_from_best(self) -> list[str]:
        """Metrics that were tested and not told apart from the best, in the order of their agreement."""
        return self._beside_best(lambda pair: pair.adjusted_p is not None and not pair.told_apart)

    @property
    def not_tested_with_best(self) -> list[str]:
        return self._beside_best(lambda pair: pair.adjusted_p is None)

    def _beside_best(self, holds: Callable[[Difference], bool]) -> list[str]:
        beside = {
            pair.second if pair.first == self.best else pair.first
            for pair in self.pairs
            if self.best in (pair.first, pair.second) and holds(pair)
        }
        return [key for key in self.ranked if key in beside]


def read_differences(result: Mapping[str, Any], coefficient: str = "kendall_tau_b") -> Differences | None:
    """None in a snapshot from before metrics were compared with one another."""
    stored = (result.get("differences") or {}).get(coefficient)
    if not isinstance(stored, Mapping):
        return None
    metrics = stored.get("metrics") or []
    pairs = [_pair(row) for row in stored.get("differences") or []]
    found = Differences(
        values={str(row["name"]): float(row["value"]) for row in metrics},
        copies={str(row["name"]): tuple(map(str, row["copies"])) for row in metrics},
        pairs=pairs,
        groups=_tested_groups(stored.get("groups") or [], pairs),
        left_out={str(name): str(why) for name, why in sorted((stored.get("left_out") or {}).items())},
        notes=[str(note) for note in stored.get("notes") or []],
        second_test_notes=[str(note) for note in stored.get("second_test_notes") or []],
        null=str(stored.get("null") or ""),
        n_permutations=int(stored.get("n_permutations") or 0),
        exchanged_all=bool(stored.get("exchanged_all")),
        smallest_p=stored.get("smallest_adjusted_p"),
        smallest_second_p=stored.get("smallest_second_p"),
        williams_note=str(stored.get("williams_note") or ""),
        undetermined=str(stored.get("undetermined") or ""),
        why_untested=why_not_resampled(result),
        best_of_all=True,
    )
    return replace(found, best_of_all=_is_best_of_all(found, result, coefficient))


def _is_best_of_all(found: Differences, result: Mapping[str, Any], coefficient: str) -> bool:
    if found.best is None:
        return False
    values = {
        str(row["name"]): estimate.value
        for row in result.get("metrics") or []
        if (estimate := read_estimate(row.get(coefficient))) is not None
    }
    highest = round(max(values.values(), default=-1.0), DECIMALS)
    return any(round(values.get(key, highest), DECIMALS) >= highest for key in found.copies[found.best])


def _tested_groups(groups: Sequence[Sequence[object]], pairs: Sequence[Difference]) -> list[tuple[str, ...]]:
    """Groups whose every two were tested: what was not tested is no finding."""
    untested = [{pair.first, pair.second} for pair in pairs if pair.adjusted_p is None]
    named = [tuple(map(str, group)) for group in groups]
    return [group for group in named if not any(pair <= set(group) for pair in untested)]


def why_not_resampled(result: Mapping[str, Any]) -> str:
    """Why metrics have no interval and no test against one another, as the end of a sentence."""
    if result.get("n_resamples_asked", result.get("n_resamples")) == 0:
        return "no resamples were asked for (--n-resamples 0)"
    if not any(row.get("n_resamples") for row in result.get("metrics") or []):
        return "there is nothing to resample: one score of each method, and no judgments or scores of single texts"
    return "too few resamples have an answer"


def _pair(row: Mapping[str, Any]) -> Difference:
    second = row.get("second_test") or {}
    by = read_estimate({"value": row["difference"], "interval": row.get("interval"), "p": row.get("p")})
    return Difference(
        first=str(row["first"]),
        second=str(row["second"]),
        by=by or Estimate(float(row["difference"])),
        test=str(row.get("test") or ""),
        adjusted_p=row.get("adjusted_p"),
        second_test=str(second.get("test") or ""),
        second_adjusted_p=second.get("adjusted_p"),
        n_exchanges=int(second.get("n_exchanges") or 0),
        at_floor=bool(row.get("at_floor")),
        williams=_williams(row.get("williams") or {}),
    )


def _williams(stored: Mapping[str, Any]) -> Williams | None:
    if stored.get("t") is None:
        return None
    return Williams(float(stored["t"]), int(stored["degrees"]), float(stored["adjusted_p"]))


def with_copies(differences: Differences) -> list[list[str]]:
    """The groups in the order of their agreement, each metric with its copies."""
    return [
        [
            key
            for member in sorted(group, key=differences.ranked.index)
            for key in differences.copies.get(member, (member,))
        ]
        for group in differences.groups
    ]


def metric_labels(result: Mapping[str, Any]) -> dict[str, str]:
    """What people read for each key."""
    rows: Sequence[Mapping[str, Any]] = result.get("metrics") or []
    return {str(row["name"]): str(row.get("label") or row["name"]) for row in rows}
