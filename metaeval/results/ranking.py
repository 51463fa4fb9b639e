"""The experts' ranking of a campaign and its sensitivity analysis, as their snapshots store them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from math import isnan

from hlv.core.stored_results import Json, read, stored_as
from hlv.stats.meta_evaluation.sensitivity import ComparedVariant
from hlv.stats.pairwise.method_differences import MethodDifference
from hlv.stats.pairwise.missing_verdicts import TieTypes
from hlv.stats.pairwise.model_checks import RankingChecks
from hlv.stats.pairwise.pair_probabilities import PairProbabilities
from hlv.stats.pairwise.ranking_result import RankingSummary
from metaeval.models import Ranking, Sensitivity
from metaeval.results.metric_rows import Estimate
from metaeval.results.planned_analysis import PreregistrationCompliance
from metaeval.selectors.selections import NOTHING_SELECTABLE, Selectable


@dataclass(frozen=True)
class MethodRow:
    """A method that has a strength."""

    name: str
    strength: Estimate
    rank: float
    rank_interval: tuple[int, int] | None
    n_judgments: int | None


@dataclass(frozen=True)
class Pair:
    """Two methods: `first` ranks above `second`. Indices count from 0; None is undefined."""

    first: int
    second: int
    wins: int
    losses: int
    ties: int
    expected: float | None
    interval: tuple[float, float] | None
    adjusted_p: float | None = None
    share: float | None = None

    @property
    def n_judgments(self) -> int:
        return self.wins + self.losses + self.ties

    @property
    def observed(self) -> float | None:
        """How often the first was judged better, a tie counting half."""
        n = self.n_judgments
        return (self.wins + self.ties / 2) / n if n else None

    @property
    def against_the_order(self) -> bool:
        return self.observed is not None and self.observed < 0.5

    @property
    def turned(self) -> Pair:
        """The same with the methods the other way round."""
        return Pair(
            first=self.second,
            second=self.first,
            wins=self.losses,
            losses=self.wins,
            ties=self.ties,
            expected=None if self.expected is None else 1 - self.expected,
            interval=None if self.interval is None else (1 - self.interval[1], 1 - self.interval[0]),
            adjusted_p=self.adjusted_p,
            share=None if self.share is None else 1 - self.share,
        )


@dataclass(frozen=True, kw_only=True)
class Checks(RankingChecks):
    """The checks of a ranking, with the types of its ties."""

    kinds_of_ties: TieTypes = field(default_factory=TieTypes)


def _from_version_0(content: Json) -> Json:
    """Neighbours alone had the key `still_needed`; at first nothing was tested of verdicts "cannot judge"."""
    rows = [row | {"are_neighbours": "still_needed" in row} for row in content.get("differences") or []]
    checks = content.get("checks")
    return content | {"differences": rows, "checks": checks and {"cannot_judge": {}} | checks}


@stored_as("ranking", _from_version_0)
@dataclass(frozen=True, kw_only=True)
class RankingResult(RankingSummary):
    """A ranking with what was counted and checked beside it.

    Attributes
    ----------
    n_cannot_judge, n_both_good, n_neither_good, n_unasked_ties
        Verdicts "cannot judge", which the ranking leaves out; ties by their type; ties of outputs that look the
        same, of which nobody was asked.
    pairs
        Every two methods; None without a ranking, as are `checks`.
    selectable
        The parts of the campaign that can be looked at by themselves.
    base_models_alone
        Where no ranking joins all methods, the base models that the same judgments rank by themselves.
    n_left_out
        Verdicts that the exclusions leave out.
    """

    campaign: str = ""
    n_cannot_judge: int = 0
    n_both_good: int = 0
    n_neither_good: int = 0
    n_unasked_ties: int = 0
    pairs: PairProbabilities | None = None
    checks: Checks | None = None
    selectable: Selectable = NOTHING_SELECTABLE
    base_models_alone: list[str] = field(default_factory=list)
    n_left_out: int = 0
    plan: PreregistrationCompliance | None = None

    @cached_property
    def ranked(self) -> list[MethodRow]:
        """Strongest first; a method without a strength is no row of a ranking."""
        rows: list[MethodRow] = []
        for method in self.methods:
            if method.strength is not None:
                low, high = method.interval or (None, None)
                rows.append(
                    MethodRow(
                        name=method.name,
                        strength=Estimate(method.strength, low, high),
                        rank=method.rank or len(rows) + 1,
                        rank_interval=method.rank_interval,
                        n_judgments=method.n_judgments,
                    )
                )
        return sorted(rows, key=lambda row: -row.strength.value)

    @cached_property
    def names(self) -> list[str]:
        """In the order of the ranking, as the places of pairs count them."""
        return [row.name for row in self.ranked]

    @property
    def possible_firsts(self) -> list[str]:
        """Methods that the judgments leave open for the first rank."""
        return [row.name for row in self.ranked if row.rank_interval and row.rank_interval[0] == 1]

    @property
    def judges_matter(self) -> bool:
        """Whether judges are so few that the intervals for these judges only are shown with the default."""
        return self.given_judges is not None and self.given_judges.matters

    @property
    def neighbours(self) -> list[MethodDifference]:
        return [row for row in self.differences if row.are_neighbours]

    @property
    def is_bootstrapped(self) -> bool:
        """Whether the intervals come from resamples alone, without a standard error."""
        return (self.interval_method or "").startswith("bootstrap")

    @cached_property
    def compared(self) -> list[Pair]:
        """Every two methods, in the order of the ranking."""
        found = self.pairs
        if found is None:
            return []
        # How sure an order is, is kept with the differences, by names.
        sure = {(row.above, row.below): row for row in self.differences}
        # Not in the order of `vars`: a database keeps keys in an order of its own.
        columns = zip(*(getattr(found, column.name).tolist() for column in fields(found)), strict=True)
        return [
            self._pair(
                sure,
                Pair(
                    first,
                    second,
                    wins,
                    losses,
                    ties,
                    expected=None if isnan(expected) else expected,
                    interval=None if isnan(low) else (low, high),
                ),
            )
            for first, second, wins, losses, ties, expected, low, high in columns
        ]

    def _pair(self, sure: dict[tuple[str, str], MethodDifference], pair: Pair) -> Pair:
        one, other = self.names[pair.first], self.names[pair.second]
        if (row := sure.get((one, other))) is not None:
            return replace(pair, adjusted_p=row.adjusted_p, share=row.share_of_resamples)
        # Two of equal strength may be in the other order there.
        if (row := sure.get((other, one))) is None:
            return pair
        share = row.share_of_resamples
        return replace(pair, adjusted_p=row.adjusted_p, share=None if share is None else 1 - share)


def read_ranking(snapshot: Ranking) -> RankingResult:
    return read(RankingResult, snapshot)


@stored_as("sensitivity analysis")
@dataclass(frozen=True, kw_only=True)
class SensitivityResult:
    """The ranking under other choices.

    Attributes
    ----------
    base
        The ranking itself; None where there is none.
    fast_rule, n_fast, fast_undetermined
        Which judgments are fast, how many, or why none was left out.
    """

    base: ComparedVariant | None = None
    variants: list[ComparedVariant] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    n_resamples: int = 0
    fast_rule: str = ""
    n_fast: int = 0
    fast_undetermined: str = ""

    def named(self, names: Mapping[str, str]) -> SensitivityResult:
        """The same where the people may be named: each judge who was left out."""
        variants = [
            replace(row, name=names.get(row.name, row.name)) if row.kind == "judge" else row
            for row in self.variants
        ]
        return replace(self, variants=variants)


def read_sensitivity(snapshot: Sensitivity) -> SensitivityResult:
    return read(SensitivityResult, snapshot)
