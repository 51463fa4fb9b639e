"""Whether a judge agrees with the others, and with herself when a comparison comes back with its sides flipped.

References
----------
Zheng, L., et al. (2023). Judging LLM-as-a-judge with MT-Bench and Chatbot Arena. Advances in Neural Information
Processing Systems 36 (swapped positions as a test of a judge).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.pairwise.circular_triads import circular_triads, circular_triads_p
from hlv.stats.pairwise.comparisons import SECOND, TIE, UNKNOWN, Cells
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError


@dataclass(frozen=True, eq=False)
class SharedAgreement:
    """Each judge's verdicts beside those of others on the same comparisons.

    Attributes
    ----------
    codes : (J,)
        Judges, by rising code.
    n_comparisons : (J,)
        Comparisons (two methods on one item) that the judge shares with somebody.
    n_pairs : (J,)
        Pairs of one verdict of the judge and one of another judge on the same comparison.
    same, opposite : (J,)
        Shares of those pairs in which both say the same (the same winner, or a tie), and in which each prefers
        another method; the rest is a tie against a preference. NaN where the judge shares nothing.
    pooled : float
        Share of the same verdicts among all pairs of judges.
    n_left_out : int
        Judgments of unknown judges or on unknown items.
    """

    codes: IntArray
    n_comparisons: IntArray
    n_pairs: IntArray
    same: FloatArray
    opposite: FloatArray
    pooled: float
    n_left_out: int

    def undetermined(self) -> list[str | None]:
        """Of each judge, why there are no shares; None where there are."""
        return ["Nobody else judged the same comparisons." if n == 0 else None for n in self.n_pairs.tolist()]


@dataclass(frozen=True, eq=False)
class SelfConsistency:
    """Each judge's verdicts on comparisons that she saw both ways round.

    Attributes
    ----------
    codes : (J,)
    n_flipped : (J,)
        Pairs of her verdicts on one comparison with the sides changed.
    same : (J,)
        Share of those with the same verdict; NaN without any.
    same_side : (J,)
        Share with the same *side* preferred both times, so that the preferred method changed.
    n_repeated, repeated_same : (J,)
        Pairs of her verdicts on one comparison with the same sides, and the share of the same verdict.
    """

    codes: IntArray
    n_flipped: IntArray
    same: FloatArray
    same_side: FloatArray
    n_repeated: IntArray
    repeated_same: FloatArray

    def undetermined(self) -> list[str | None]:
        """Of each judge, why there is no share; None where there is."""
        reason = "No comparison came back to this judge with its sides changed."
        return [reason if n == 0 else None for n in self.n_flipped.tolist()]


def shared_agreement(cells: Cells) -> SharedAgreement:
    """Agreement of each judge with all others on shared comparisons.

    With n_jcv verdicts v of judge j on comparison c, the pairs that agree are sum_cv n_jcv (n_cv - n_jcv), among
    sum_c n_jc (n_c - n_jc). A comparison that many judged weighs as many pairs. The pairs share judges, so they
    are no independent trials: no interval is made from their number.

    Raises
    ------
    UndeterminedJudgesError
        If there are fewer than two known judges, or no two judged the same comparison.
    """
    shared = shared_pairs(cells)
    size = len(shared.codes)

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(shared.judge, weights=values, minlength=size).astype(np.float64)

    totals, agreed = total(shared.n_pairs), total(shared.same)
    return SharedAgreement(
        codes=shared.codes,
        n_comparisons=np.bincount(shared.judge[shared.n_pairs > 0], minlength=size).astype(np.int64),
        n_pairs=totals.astype(np.int64),
        same=_share(agreed, totals),
        opposite=_share(total(shared.opposite), totals),
        pooled=float(agreed.sum() / totals.sum()),
        n_left_out=shared.n_left_out,
    )


@dataclass(frozen=True, eq=False)
class SharedPairs:
    """Pairs of one verdict of a judge and one of another judge, a row for each judge and comparison.

    Attributes
    ----------
    codes : (J,)
        Judges, by rising code.
    judge, item : (R,)
        Place of a row's judge in `codes`, and of its item among the known ones.
    n_pairs, same, opposite : (R,)
        All pairs, those with the same verdict, and those in which each prefers another method.
    n_left_out
        Judgments of unknown judges or on unknown items.
    """

    codes: IntArray
    judge: IntArray
    item: IntArray
    n_pairs: FloatArray
    same: FloatArray
    opposite: FloatArray
    n_left_out: int


def shared_pairs(cells: Cells) -> SharedPairs:
    """The counts behind `shared_agreement`, which says what they mean.

    Raises
    ------
    UndeterminedJudgesError
        If fewer than two judges judged known items, or no two of them the same comparison.
    """
    kept = (cells.count > 0) & (cells.judge != UNKNOWN) & (cells.item != UNKNOWN)
    codes, judge = _judges(cells, kept)
    if len(codes) < 2:
        raise UndeterminedJudgesError(
            "Agreement needs two judges on known items; there %(n_codes)s.", n_codes=_are(len(codes), "judge")
        )
    comparison, verdict, count = _verdicts(cells, kept)
    keys, first_at, row = np.unique(
        judge * (comparison.max() + 1) + comparison, return_index=True, return_inverse=True
    )
    own = np.zeros((len(keys), 3))
    np.add.at(own, (row, verdict), count)
    row_comparison = keys % (comparison.max() + 1)
    comparison_totals = np.zeros((int(comparison.max()) + 1, 3))
    np.add.at(comparison_totals, row_comparison, own)
    others = comparison_totals[row_comparison] - own
    n_pairs = own.sum(axis=1) * others.sum(axis=1)
    if not n_pairs.any():
        raise UndeterminedJudgesError(
            "No two judges judged the same comparison: the same methods on one item."
        )
    return SharedPairs(
        codes=codes,
        judge=keys // (comparison.max() + 1),
        item=np.unique(cells.item[kept], return_inverse=True)[1][first_at],
        n_pairs=n_pairs,
        same=(own * others).sum(axis=1),
        opposite=own[:, 0] * others[:, 1] + own[:, 1] * others[:, 0],
        n_left_out=int(cells.count[(cells.count > 0) & ~kept].sum()),
    )


def self_consistency(cells: Cells) -> SelfConsistency:
    """How often a judge repeats her verdict when the sides are changed.

    All pairs of her verdicts on one comparison with opposite sides count. One who always takes the left scores
    0, and 1 in `same_side`. Pairs with the same sides stand beside them: they show how much of the difference is
    mere wavering.

    Raises
    ------
    UndeterminedJudgesError
        If nobody judged a comparison both ways round (or sides, judges or items are unknown).
    """
    kept = (cells.count > 0) & (cells.judge != UNKNOWN) & (cells.item != UNKNOWN)
    kept &= cells.first_is_left != UNKNOWN
    codes, judge = _judges(cells, kept)
    reason = "No judge saw a comparison both ways round, so how steady the judges are is undetermined."
    if not len(codes):
        raise UndeterminedJudgesError(reason)
    comparison, verdict, count = _verdicts(cells, kept)
    upper_is_left = (cells.first_is_left[kept] == 1) == (cells.first[kept] < cells.second[kept])
    keys, row = np.unique(judge * (comparison.max() + 1) + comparison, return_inverse=True)
    seen = np.zeros((len(keys), 2, 3))
    np.add.at(seen, (row, upper_is_left.astype(np.int64), verdict), count)
    right, left = seen[:, 0], seen[:, 1]
    row_judge, size = keys // (comparison.max() + 1), len(codes)

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(row_judge, weights=values, minlength=size).astype(np.float64)

    flipped = total(left.sum(axis=1) * right.sum(axis=1))
    if not flipped.any():
        raise UndeterminedJudgesError(reason)
    # the upper method preferred on the left and the lower one there: the left side both times
    same_side = total(left[:, 0] * right[:, 1] + left[:, 1] * right[:, 0])
    shown = seen.sum(axis=2)
    repeated = total((shown * (shown - 1) / 2).sum(axis=1))
    return SelfConsistency(
        codes=codes,
        n_flipped=flipped.astype(np.int64),
        same=_share(total((left * right).sum(axis=1)), flipped),
        same_side=_share(same_side, flipped),
        n_repeated=repeated.astype(np.int64),
        repeated_same=_share(total((seen * (seen - 1) / 2).sum(axis=(1, 2))), repeated),
    )


def _judges(cells: Cells, kept: BoolArray) -> tuple[IntArray, IntArray]:
    codes, judge = np.unique(cells.judge[kept], return_inverse=True)
    return codes, judge


def _verdicts(cells: Cells, kept: BoolArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Comparison, verdict (0 the upper method, 1 the lower, 2 a tie) and count of each kept cell."""
    first, second, outcome = cells.first[kept], cells.second[kept], cells.outcome[kept]
    item = np.unique(cells.item[kept], return_inverse=True)[1]
    n_methods = int(max(first.max(), second.max())) + 1
    keys = (item * n_methods + np.minimum(first, second)) * n_methods + np.maximum(first, second)
    upper_won = (outcome == SECOND) == (first > second)
    verdict = np.where(outcome == TIE, 2, np.where(upper_won, 0, 1))
    return np.unique(keys, return_inverse=True)[1], verdict, cells.count[kept].astype(np.float64)


def _share(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    return np.asarray(
        np.divide(numerator, denominator, out=np.full(len(denominator), np.nan), where=denominator > 0)
    )


def _are(number: int, noun: str) -> str:
    return f"is {number} {noun}" if number == 1 else f"are {number} {noun}s"


_AT_ONCE = 128


@dataclass(frozen=True, eq=False)
class JudgeTriads:
    """Circular triads among each judge's preferences.

    Attributes
    ----------
    codes : (J,)
        Judges by rising code.
    n_circular, n_complete : (J,)
        Circular triads, and triads whose three pairs this judge decided.
    share : (J,)
        Circular among complete triads, 1/4 by chance; NaN without a complete one.
    zeta : (J,)
        Kendall and Babington Smith's coefficient; NaN unless the judge decided every pair of methods.
    zeta_p : (J,)
        Chance of so few circular triads with preferences by coin; NaN where zeta is.
    """

    codes: IntArray
    n_circular: IntArray
    n_complete: IntArray
    share: FloatArray
    zeta: FloatArray
    zeta_p: FloatArray

    def undetermined(self) -> list[str | None]:
        """Of each judge, why there is no share; None where there is."""
        reason = "This judge decided all three pairs of no three methods."
        return [reason if n == 0 else None for n in self.n_complete.tolist()]


def judge_triads(rater_counts: RaterCounts) -> JudgeTriads:
    """Circular triads of each judge.

    A pair counts for the method that the judge preferred more often, over all items; as often each is a tie. Triads
    of several items can be circular without any fault of the judge: methods may excel on different items.
    """
    n_methods = rater_counts.pairs.n_methods
    parts = []
    for start in range(0, rater_counts.n_judges, _AT_ONCE):
        own = rater_counts.tables(slice(start, start + _AT_ONCE))
        above = np.zeros((len(own.wins), n_methods, n_methods), dtype=bool)
        above[:, own.upper, own.lower] = own.wins > own.losses
        above[:, own.lower, own.upper] = own.losses > own.wins
        parts.append(circular_triads(above))
    n_circular = np.concatenate([numerator.n_circular for numerator in parts])
    zeta = np.concatenate([numerator.zeta for numerator in parts])
    zeta_p = np.full(len(zeta), np.nan)
    for judge in np.flatnonzero(~np.isnan(zeta)).tolist():
        zeta_p[judge] = circular_triads_p(int(n_circular[judge]), n_methods)
    return JudgeTriads(
        codes=rater_counts.codes,
        n_circular=n_circular,
        n_complete=np.concatenate([numerator.n_complete for numerator in parts]),
        share=np.concatenate([numerator.share for numerator in parts]),
        zeta=zeta,
        zeta_p=zeta_p,
    )
