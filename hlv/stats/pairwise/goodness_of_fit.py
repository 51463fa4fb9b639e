"""Whether one strength for each method explains the board: residuals of the pairs, deviance and intransitivity.

References
----------
Agresti, A. (2002). Categorical data analysis, 2nd ed., sec. 10.6.
Kendall, M. G., & Babington Smith, B. (1940). On the method of paired comparisons. Biometrika 31(3/4), 324-345.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar, Final

import numpy as np
import scipy

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, rule_and_logarithm
from hlv.stats.pairwise.circular_triads import circular_triads
from hlv.stats.pairwise.mle_existence import TIE_MODELS
from hlv.stats.pairwise.pair_likelihoods import PairTable
from hlv.stats.pairwise.pair_probabilities import ExpectedOutcomes, expected_outcomes
from hlv.stats.reporting import UndeterminedError
from hlv.stats.resampling.chunks import PackedFields, Runner, chunk_generator, chunks, run_in_sequence

N_SIMULATIONS: Final = 999
ALPHA: Final = 0.05
_SMALLEST_VARIANCE = 1e-12
# a stream of the seed that no resampling uses
_STREAM_OF_COUNTS: Final = 22


class UndeterminedFitError(UndeterminedError):
    """The board cannot speak against the model."""


@dataclass(frozen=True, kw_only=True)
class PairResidual:
    """Of two methods: the upper one's wins, ties half, as observed and as expected."""

    upper: str
    lower: str
    n_judgments: float
    observed: float
    expected: float
    residual: float


@dataclass(frozen=True, kw_only=True)
class FitSummary:
    """`GoodnessOfFit` with the names of the methods, the pairs of the largest residuals first; or why there is none."""

    undetermined: str | None = None
    pairs: list[PairResidual] = field(default_factory=list)
    surprising: list[tuple[str, str]] = field(default_factory=list)
    chi_squared: float | None = None
    degrees: int | None = None
    p: float | None = None
    deviance: float | None = None
    deviance_degrees: int | None = None
    deviance_p: float | None = None
    n_circular: int | None = None
    n_complete: int | None = None
    circular_share: float | None = None
    expected_share: float | None = None
    circular_p: float | None = None
    n_simulations: int | None = None
    seed: int | None = None


@dataclass(frozen=True, eq=False)
class GoodnessOfFit:
    """How a board departs from its ranking.

    Every chance here takes judgments for independent. Judges who judge often share their taste among their
    judgments, which makes boards look worse than the model: a small p asks to look at the pairs, no more.

    Attributes
    ----------
    upper, lower : (P,)
        The pairs that were compared, and enter.
    n_judgments : (P,)
    observed, expected : (P,)
        The upper method's wins, ties half.
    residual : (P,)
        (observed - expected) / standard deviation under the model; normal where a pair has many judgments.
    chi_squared, degrees, p
        Sum of squared residuals, pairs less free strengths, and its chance.
    deviance, deviance_degrees, deviance_p
        Twice the log likelihood that a parameter for each pair and outcome would gain; None with ties as half wins,
        which have no likelihood.
    surprising
        Pairs (upper, lower) whose residual is beyond chance among all pairs (Bonferroni, .05).
    n_circular, n_complete
        Circular triads of the pairs' majorities, and triads whose three pairs have one.
    circular_share, expected_share, circular_p
        Their ratio, its mean on boards drawn from the ranking itself, and the share of those with at least as much,
        (1 + hits) / (1 + simulations); None without a complete triad.
    """

    upper: IntArray
    lower: IntArray
    n_judgments: FloatArray
    observed: FloatArray
    expected: FloatArray
    residual: FloatArray
    chi_squared: float
    degrees: int
    p: float
    deviance: float | None
    deviance_degrees: int | None
    deviance_p: float | None
    surprising: list[tuple[int, int]]
    n_circular: int
    n_complete: int
    circular_share: float | None
    expected_share: float | None
    circular_p: float | None
    n_simulations: int
    seed: int

    def summary(self, names: Sequence[str], *, most_pairs: int | None = None) -> FitSummary:
        order = np.argsort(-np.abs(self.residual), kind="stable").tolist()
        own = {field.name for field in fields(self)} - {"pairs", "surprising"}
        return FitSummary(
            pairs=[
                PairResidual(
                    upper=names[int(self.upper[pair])],
                    lower=names[int(self.lower[pair])],
                    n_judgments=float(self.n_judgments[pair]),
                    observed=float(self.observed[pair]),
                    expected=float(self.expected[pair]),
                    residual=float(self.residual[pair]),
                )
                for pair in order[:most_pairs]
            ],
            surprising=[(names[upper], names[lower]) for upper, lower in self.surprising],
            **{one.name: getattr(self, one.name) for one in fields(FitSummary) if one.name in own},
        )


def goodness_of_fit(
    fit: BradleyTerryFit,
    pairs: PairTable,
    *,
    n_simulations: int = N_SIMULATIONS,
    seed: int,
    run: Runner = run_in_sequence,
) -> GoodnessOfFit:
    """Residuals of every pair, and how circular the board's majorities are.

    Parameters
    ----------
    fit
        Without a prior.
    pairs
        The counts (n_pairs,) that it was fitted to.
    n_simulations
        Boards drawn from the fit, with as many judgments of each pair.
    seed
        Of those.
    run
        Computes them.

    Raises
    ------
    UndeterminedFitError
        If the pairs are no more than the strengths need, so that the model fits every such board; or the fit has a
        prior, which pulls residuals away from 0.
    ValueError
        If no simulation is asked for, or the counts are not whole.
    """
    if n_simulations < 1:
        raise ValueError("at least one simulation is needed")
    used = _used(fit, pairs)
    n_free = used.n_pairs - (used.n_methods - 1)
    chances = expected_outcomes(fit, used)
    n = used.wins + used.losses + used.ties
    observed, expected = used.wins + used.ties / 2, n * chances.score
    deviation = np.sqrt(np.maximum(n * chances.central_moment(2), _SMALLEST_VARIANCE))
    residual = (observed - expected) / deviation
    chi_squared = float((residual**2).sum())
    deviance, deviance_degrees, deviance_p = _deviance(fit, used, chances, n_free)
    surprising = np.abs(residual) > scipy.stats.norm.isf(ALPHA / 2 / len(residual))
    circular = _circular(used, chances, n_simulations=n_simulations, seed=seed, run=run)
    return GoodnessOfFit(
        upper=used.upper,
        lower=used.lower,
        n_judgments=n,
        observed=observed,
        expected=expected,
        residual=residual,
        chi_squared=chi_squared,
        degrees=n_free,
        p=float(scipy.stats.chi2.sf(chi_squared, n_free)),
        deviance=deviance,
        deviance_degrees=deviance_degrees,
        deviance_p=deviance_p,
        surprising=list(zip(used.upper[surprising].tolist(), used.lower[surprising].tolist(), strict=True)),
        n_circular=circular[0],
        n_complete=circular[1],
        circular_share=circular[2],
        expected_share=circular[3],
        circular_p=circular[4],
        n_simulations=n_simulations,
        seed=seed,
    )


def _used(fit: BradleyTerryFit, pairs: PairTable) -> PairTable:
    """The pairs with judgments that the fit counted; of "drop" without their ties."""
    if fit.ridge:
        raise UndeterminedFitError("The ranking has a prior, so residuals are biased.")
    ties = np.zeros_like(pairs.ties) if fit.ties_rule == "drop" else pairs.ties
    total = pairs.wins + pairs.losses + ties
    if (total != np.round(total)).any():
        raise ValueError("residuals need whole counts")
    kept = np.flatnonzero(total > 0)
    if len(kept) < pairs.n_methods:
        raise UndeterminedFitError(
            "%(n_kept)s compared %(value)s of %(n_methods)s methods %(value_2)s too few to test: strengths fit them exactly.",
            n_kept=len(kept),
            value="pair" if len(kept) == 1 else "pairs",
            n_methods=pairs.n_methods,
            value_2="is" if len(kept) == 1 else "are",
        )
    return PairTable(
        pairs.n_methods,
        pairs.upper[kept],
        pairs.lower[kept],
        pairs.wins[kept],
        pairs.losses[kept],
        ties[kept],
    )


def _deviance(
    fit: BradleyTerryFit, pairs: PairTable, chances: ExpectedOutcomes, n_free: int
) -> tuple[float | None, int | None, float | None]:
    rule, _ = rule_and_logarithm(fit)
    if rule == "half" and pairs.ties.any():
        return None, None, None
    n = pairs.wins + pairs.losses + pairs.ties
    gain = 0.0
    for count, chance in ((pairs.wins, chances.win), (pairs.losses, chances.loss), (pairs.ties, chances.tie)):
        seen = count > 0
        gain += float((count[seen] * np.log(count[seen] / (n[seen] * chance[seen]))).sum())
    # a tie model spends one parameter on ties, and each pair has one more share to fit
    degrees = n_free + (len(n) - 1 if rule in TIE_MODELS else 0)
    return 2 * gain, degrees, float(scipy.stats.chi2.sf(2 * gain, degrees))


def _circular(
    pairs: PairTable, chances: ExpectedOutcomes, *, n_simulations: int, seed: int, run: Runner
) -> tuple[int, int, float | None, float | None, float | None]:
    """Circular and complete triads, their share, the share that the ranking expects, and its p."""
    own = circular_triads(
        _majorities(pairs.n_methods, pairs.upper, pairs.lower, (pairs.wins - pairs.losses)[None])
    )
    n_circular, n_complete = int(own.n_circular[0]), int(own.n_complete[0])
    if n_complete == 0:
        return n_circular, n_complete, None, None, None
    table = np.clip(np.stack([chances.win, chances.loss, chances.tie], axis=1), 0.0, 1.0)
    table /= table.sum(axis=1, keepdims=True)
    n = (pairs.wins + pairs.losses + pairs.ties).astype(np.int64)
    share = run(
        SimulatedComparisons(
            pairs.n_methods, pairs.upper, pairs.lower, n, table, n_simulations=n_simulations, seed=seed
        )
    )
    # a board without a complete triad is no more circular than any
    n_hits = int((share >= own.share[0] - 1e-12).sum())
    known = share[~np.isnan(share)]
    return (
        n_circular,
        n_complete,
        float(own.share[0]),
        float(known.mean()) if len(known) else None,
        (1 + n_hits) / (1 + n_simulations),
    )


@dataclass(frozen=True, eq=False)
class SimulatedComparisons(PackedFields):
    """How circular boards are that are drawn from a ranking.

    Attributes
    ----------
    n_methods : int
    upper, lower, n_judgments : (n_pairs,)
    chances : (n_pairs, 3)
        That the upper method wins, loses, ties.
    n_simulations, seed : int
    """

    kind: ClassVar[str] = "simulated comparisons"

    n_methods: int
    upper: IntArray
    lower: IntArray
    n_judgments: IntArray
    chances: FloatArray
    n_simulations: int
    seed: int

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_simulations))

    def compute(self, first: int, stop: int) -> FloatArray:
        """Share of circular triads on each board (n,); NaN on those without a complete one."""
        found = [np.empty(0)]
        for chunk, rows in enumerate(chunks(self.n_simulations)[first:stop], start=first):
            generator = chunk_generator(self.seed, chunk, _STREAM_OF_COUNTS)
            size = (rows.stop - rows.start, len(self.n_judgments))
            drawn = generator.multinomial(self.n_judgments, self.chances, size=size)
            lead = (drawn[..., 0] - drawn[..., 1]).astype(np.float64)
            found.append(circular_triads(_majorities(self.n_methods, self.upper, self.lower, lead)).share)
        return np.concatenate(found)


def _majorities(n_methods: int, upper: IntArray, lower: IntArray, lead: FloatArray) -> BoolArray:
    """Which method of each pair won more often, on each board (B, M, M); lead (B, n_pairs)."""
    above = np.zeros((len(lead), n_methods, n_methods), dtype=bool)
    above[:, upper, lower] = lead > 0
    above[:, lower, upper] = lead < 0
    return above
