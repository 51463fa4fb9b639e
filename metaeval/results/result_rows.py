"""Results as rows: what figures and pages read out of a snapshot's JSON, undefined values kept as None."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metaeval.results.chance_of_tau import LEVEL, chance_of_tau


@dataclass(frozen=True)
class Estimate:
    """A number that is never shown without its interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None
    p: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True)
class MetricRow:
    """`key` is its name in the registry or the upload, `name` what people read."""

    key: str
    name: str
    origin: str
    # Metrics that are affine copies of one another share it, and count as one.
    hypothesis: str
    remark: str
    left_out: tuple[str, ...]
    n_resamples: int
    n_without_answer: int
    # Of those, solved with a weak prior.
    n_with_prior: int
    higher_is_better: bool
    n_methods: int | None
    undetermined: str
    measures: Mapping[str, Estimate | None]

    @property
    def tau(self) -> Estimate | None:
        return self.measures.get("kendall_tau_b")

    @property
    def chance_may_do_it(self) -> bool:
        """Said by the permutation where there is one, else by what chance does with so many methods."""
        if self.tau is None:
            return True
        if self.tau.p is not None:
            return self.tau.p >= LEVEL
        if self.n_methods is None or self.n_methods < 2:
            return True
        beyond = chance_of_tau(self.n_methods).beyond
        return beyond is None or abs(self.tau.value) < beyond - 1e-9


MEASURES = ("kendall_tau_b", "spearman", "pearson", "pairwise_accuracy", "soft_pairwise_accuracy")


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _pair(value: object) -> tuple[float, float] | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return None
    low, high = _number(value[0]), _number(value[1])
    return None if low is None or high is None else (low, high)


def read_estimate(stored: object) -> Estimate | None:
    """`{"value", "interval", "p"}`, or nothing where the value is undefined."""
    if not isinstance(stored, Mapping):
        return None
    value = _number(stored.get("value"))
    if value is None:
        return None
    low, high = _pair(stored.get("interval")) or (None, None)
    return Estimate(value=value, low=low, high=high, p=_number(stored.get("p")))


# At so many letters snapshots of earlier versions cut a remark, in the middle of a number if one stood there.
_CUT_AT = 500


def _whole(remark: str) -> str:
    """What a remark says in whole sentences; earlier versions joined them by “; ” and cut the last."""
    if len(remark) == _CUT_AT and "; " in remark:
        remark = remark.rpartition("; ")[0]
    return remark.replace(".; ", ". ")


_SOLVED = re.compile(r"(\d+) without a ranking of their own were solved")


def _with_prior(stored: Mapping[str, Any]) -> int:
    """Snapshots of earlier versions tell it in a sentence only."""
    if "n_resamples_with_prior" in stored:
        return int(stored["n_resamples_with_prior"] or 0)
    found = _SOLVED.search(str(stored.get("interval_rule") or ""))
    return int(found.group(1)) if found else 0


def read_metrics(result: Mapping[str, Any]) -> list[MetricRow]:
    """Best agreement first; metrics without an answer last, in the order they came."""
    rows = [
        MetricRow(
            key=str(stored["name"]),
            name=str(stored.get("label") or stored["name"]),
            origin=str(stored.get("origin") or ""),
            hypothesis=str(stored.get("hypothesis") or stored["name"]),
            remark=_whole(str(stored.get("remark") or "")),
            left_out=tuple(str(name) for name in stored.get("left_out") or ()),
            n_resamples=int(stored.get("n_resamples") or 0),
            n_without_answer=int(stored.get("n_resamples_without_answer") or 0),
            n_with_prior=_with_prior(stored),
            higher_is_better=bool(stored.get("higher_is_better", True)),
            n_methods=stored.get("n_methods"),
            undetermined=str(stored.get("undetermined") or ""),
            measures={measure: read_estimate(stored.get(measure)) for measure in MEASURES},
        )
        for stored in result.get("metrics", [])
    ]
    return sorted(rows, key=lambda row: -row.tau.value if row.tau else float("inf"))


def read_groups(result: Mapping[str, Any], key: str, order: Sequence[str]) -> list[tuple[str, ...]]:
    """Sets that the data do not tell apart, those of two and more, in the order of the rows."""
    place = {name: index for index, name in enumerate(order)}
    groups = []
    for stored in result.get(key) or []:
        members = stored.get("members", stored.get("metrics", [])) if isinstance(stored, Mapping) else stored
        known = sorted((str(name) for name in members if str(name) in place), key=place.__getitem__)
        if len(known) > 1:
            groups.append(tuple(known))
    return sorted(groups, key=lambda group: [place[name] for name in group])
