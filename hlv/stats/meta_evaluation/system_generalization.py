"""Agreement of metrics with people on methods like these, and which of two metrics agrees better.

Tests on the methods at hand answer another question: there, two metrics that agree equally well in general differ as
soon as each has a bias for some of these methods. Here the methods are a sample: drawn again
(Boot-Systems, Boot-Both) or exchanged whole between two metrics (PERM-SYSTEMS), in clusters where several share a base
model. Methods of identical outputs are no sample of two: give each system once.

References
----------
Deutsch, D., Dror, R., & Roth, D. (2021). A statistical analysis of summarization evaluation metrics using
resampling methods. Transactions of the ACL 9, 1132-1146.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import CORRELATIONS, correlations, is_constant
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores, UndeterminedDifferencesError
from hlv.stats.meta_evaluation.method_resampling import MethodResampling
from hlv.stats.meta_evaluation.paired_permutation import N_EXCHANGES, swap_tests
from hlv.stats.pairwise.multiple_comparisons import holm
from hlv.stats.resampling.chunks import Runners, run_each_in_sequence
from hlv.stats.resampling.percentiles import percentile_intervals

GeneralTest = Literal["Boot-Systems", "Boot-Both", "PERM-SYSTEMS"]
GENERAL_TESTS: Final[tuple[GeneralTest, ...]] = ("Boot-Systems", "Boot-Both", "PERM-SYSTEMS")
# Exchanging whole clusters of fewer gives no p below 2 / 2^5 = .0625, and so few are no sample of others.
FEWEST_CLUSTERS: Final = 6
ALPHA: Final = 0.05
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class PairTests:
    """One test of the P pairs of metrics.

    Attributes
    ----------
    p, adjusted_p : (P,)
        Two-sided, raw and by Holm's rule; NaN where a pair was not tested.
    smallest_adjusted_p
        The smallest that is attainable; None without tests.
    """

    p: FloatArray
    adjusted_p: FloatArray
    smallest_adjusted_p: float | None

    @classmethod
    def of(cls, p: FloatArray, smallest: FloatArray) -> PairTests:
        """From raw p and the smallest that each test can give."""
        tested = ~np.isnan(p)
        adjusted = np.full(len(p), np.nan)
        if not tested.any():
            return cls(p, adjusted, None)
        adjusted[tested] = holm(p[tested])
        return cls(p, adjusted, min(1.0, int(tested.sum()) * float(smallest[tested].min())))

    @property
    def decides(self) -> bool:
        """Whether any difference could be found at all."""
        return self.smallest_adjusted_p is not None and self.smallest_adjusted_p < ALPHA


@dataclass(frozen=True, eq=False)
class SystemGeneralization:
    """Agreement of L metrics, and differences of P pairs, on methods like these.

    Attributes
    ----------
    names
        One metric for each hypothesis.
    values : (L,)
        Their coefficient on the methods at hand.
    low, high : (L,)
        Percentile intervals of Boot-Both (of Boot-Systems where neither side is resampled); NaN where there is none.
    first, second : (P,)
        The metrics of each pair.
    tests
        Of each of `GENERAL_TESTS`; Boot-Both is left out where neither side is resampled.
    n_methods, n_clusters
        Methods, and clusters of them.
    """

    coefficient: str
    names: list[str]
    values: FloatArray
    low: FloatArray
    high: FloatArray
    first: IntArray
    second: IntArray
    tests: dict[GeneralTest, PairTests]
    n_methods: int
    n_clusters: int
    n_resamples: int
    seed: int


def compare_across_systems(
    human: HumanScores,
    metrics: Sequence[MetricScores],
    *,
    clusters: Sequence[str],
    n_resamples: int,
    seed: int,
    n_exchanges: int = N_EXCHANGES,
    coefficients: Sequence[str] = ("kendall_tau_b", "pearson"),
    runners: Runners = run_each_in_sequence,
) -> dict[str, SystemGeneralization]:
    """Agreement and differences by each of `coefficients`, with methods as a sample.

    Parameters
    ----------
    human, metrics
        Of the same M methods; one metric for each hypothesis. Where sides are resampled, row r of all belongs together.
    clusters
        What each method shares with the others of its cluster.
    n_resamples
        Draws of the methods; 0 leaves PERM-SYSTEMS alone.
    n_exchanges
        Exchanges of methods with which PERM-SYSTEMS begins, where these are not all there are.
    runners
        What computes the works, by their names.

    Raises
    ------
    UndeterminedDifferencesError
        If there is no metric, people rank all methods equal, or there are fewer than `FEWEST_CLUSTERS` clusters.
    """
    kept = [metric for metric in metrics if np.isfinite(metric.values).all()]
    kept = [metric for metric in kept if not is_constant(metric.ties_of(metric.values))]
    if not kept:
        raise UndeterminedDifferencesError("No metric distinguishes all methods.")
    codes = np.unique(list(clusters), return_inverse=True)[1]
    n_clusters = int(codes.max()) + 1
    if n_clusters < FEWEST_CLUSTERS:
        of_bases = f" of {n_clusters} base models" if n_clusters < len(codes) else ""
        raise UndeterminedDifferencesError(
            "No conclusion for methods like these: %(n_codes)s methods%(of_bases)s are too few. At least %(fewest_clusters)s independent ones are needed for p < .05.",
            n_codes=len(codes),
            of_bases=of_bases,
            fewest_clusters=FEWEST_CLUSTERS,
        )
    people_ties = human.ties_of(human.values)
    if is_constant(people_ties):
        raise UndeterminedDifferencesError(
            "People rank all methods equal; a correlation with a constant is undefined."
        )
    first, second = np.triu_indices(len(kept), k=1)
    signed = np.stack([metric.sign * metric.values for metric in kept])
    values = correlations(
        signed,
        human.values[None],
        x_ties=np.stack([metric.ties_of(row) for metric, row in zip(kept, signed, strict=True)]),
        y_ties=people_ties[None],
    )
    drawn = _drawn(human, kept, signed, codes, n_resamples=n_resamples, seed=seed, runners=runners)
    found = {}
    for name in coefficients:
        tests: dict[GeneralTest, PairTests] = {
            test: _bootstrap_tests(table[:, :, CORRELATIONS.index(name)], first, second)
            for test, table in drawn.items()
        }
        if len(first):
            exchanged = swap_tests(
                signed[:, :, None],
                human.values,
                first,
                second,
                people_scale=human.scale,
                scales=[metric.scale for metric in kept],
                coefficient=name,
                null="methods",
                n_permutations=n_exchanges,
                clusters=codes,
                seed=seed,
                run=runners(f"exchanged methods, {name}"),
            )
            tests["PERM-SYSTEMS"] = PairTests.of(exchanged.p, exchanged.smallest)
        widest = drawn.get("Boot-Both", drawn.get("Boot-Systems"))
        low, high = _intervals(widest, CORRELATIONS.index(name), n_metrics=len(kept))
        found[name] = SystemGeneralization(
            coefficient=name,
            names=[metric.name for metric in kept],
            values=values[name],
            low=low,
            high=high,
            first=first,
            second=second,
            tests=tests,
            n_methods=len(codes),
            n_clusters=n_clusters,
            n_resamples=n_resamples,
            seed=seed,
        )
    return found


def _drawn(
    human: HumanScores,
    metrics: Sequence[MetricScores],
    signed: FloatArray,
    clusters: IntArray,
    *,
    n_resamples: int,
    seed: int,
    runners: Runners,
) -> dict[GeneralTest, FloatArray]:
    """Coefficients (R, L, 4) of each of the two bootstraps; nothing without resamples."""
    if n_resamples == 0:
        return {}
    found: dict[GeneralTest, FloatArray] = {}
    fixed = MethodResampling(
        people=human.values[None],
        metrics=tuple(row[None] for row in signed),
        people_scale=human.scale,
        scales=[metric.scale for metric in metrics],
        clusters=clusters,
        n_resamples=n_resamples,
        seed=seed,
    )
    found["Boot-Systems"] = runners("drawn methods")(fixed)
    sides = [human.resampled, *(metric.resampled for metric in metrics)]
    n_rows = min((len(side) for side in sides if side is not None), default=0)
    if n_rows:
        joint = replace(
            fixed,
            people=human.values[None] if human.resampled is None else human.resampled,
            metrics=tuple(
                row[None] if metric.resampled is None else metric.sign * metric.resampled
                for metric, row in zip(metrics, signed, strict=True)
            ),
            n_resamples=n_rows,
        )
        found["Boot-Both"] = runners("drawn methods, judges and texts")(joint)
    return found


def _bootstrap_tests(drawn: FloatArray, first: IntArray, second: IntArray) -> PairTests:
    """From the coefficients (R, L) of each draw, as the joint bootstrap tests: twice the rarer side of 0."""
    p, smallest = np.full(len(first), np.nan), np.full(len(first), np.nan)
    for pair, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        difference = drawn[:, one] - drawn[:, other]
        if percentile_intervals(difference[:, None]).low is None:
            continue
        known = difference[~np.isnan(difference)]
        rarer = min(int((known <= _ROUNDING).sum()), int((known >= -_ROUNDING).sum()))
        p[pair] = min(1.0, 2 * (1 + rarer) / (1 + len(known)))
        smallest[pair] = 2 / (1 + len(known))
    return PairTests.of(p, smallest)


def _intervals(drawn: FloatArray | None, column: int, *, n_metrics: int) -> tuple[FloatArray, FloatArray]:
    low, high = np.full(n_metrics, np.nan), np.full(n_metrics, np.nan)
    if drawn is None:
        return low, high
    for place in range(n_metrics):
        found = percentile_intervals(drawn[:, place, column : column + 1])
        if found.low is not None and found.high is not None:
            low[place], high[place] = found.low[0], found.high[0]
    return low, high
