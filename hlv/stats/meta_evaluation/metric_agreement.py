"""Which automatic metric ranks the methods as people do, with the uncertainty of both sides.

The estimate correlates a metric with the human strengths; its interval is that of the true values
(`agreement_interval`), given how both sides err. In one joint bootstrap row r of the human side meets row r of the
metric's: it gives the errors that are not known analytically, and the mean beside the estimate shows what they cost.

References
----------
Deutsch, D., Dror, R., & Roth, D. (2021). A statistical analysis of summarization evaluation metrics using
resampling methods. Transactions of the ACL 9, 1132-1146.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import (
    CONSTANT_METRIC,
    CORRELATIONS,
    correlations,
    is_constant,
)
from hlv.stats.meta_evaluation.agreement_interval import (
    METHOD,
    AgreementPosterior,
    UndeterminedAgreementIntervalError,
    agreement_posterior,
)
from hlv.stats.meta_evaluation.agreement_result import (
    Agreement,
    Coefficient,
    HumanScores,
    MetricAgreement,
    MetricScores,
    ScoreErrors,
)
from hlv.stats.meta_evaluation.joint_bootstrap import joint_errors, joint_resamples, validity_notes
from hlv.stats.meta_evaluation.null_distribution import Chance, null_results
from hlv.stats.meta_evaluation.permutation import (
    N_PERMUTATIONS,
    smallest_p_value,
    smallest_significant_tau,
)
from hlv.stats.pairwise.bootstrap import WEAK_PRIOR, Resamples
from hlv.stats.pairwise.ranking_result import Ranking
from hlv.stats.reporting import p_text
from hlv.stats.resampling.chunks import Runners, run_each_in_sequence
from hlv.stats.resampling.percentiles import percentile_intervals

FEW_METHODS: Final = 20
# Of the one seed: the draws of every metric's interval, so that copies of a metric have one interval.
_STREAM_OF_INTERVALS: Final = 3000


__all__ = [
    "Agreement",
    "HumanScores",
    "MetricAgreement",
    "MetricScores",
    "agree",
    "automatic_judge_scores",
    "few_methods_sentence",
    "human_scores",
]


def agree(
    human: HumanScores,
    metrics: Sequence[MetricScores],
    *,
    methods: Sequence[str],
    seed: int,
    n_permutations: int = N_PERMUTATIONS,
    runners: Runners = run_each_in_sequence,
) -> Agreement:
    """Agreement of every metric with the people.

    Parameters
    ----------
    human, metrics
        Scores of the same methods in the same order. Where both sides are resampled they have equally many
        rows; where one is, the other stays as it is.
    methods
        Names of the M methods.
    seed
        Of the permutations and of the draws behind the intervals.
    n_permutations
        Random orders of the methods; up to `EXACT_UP_TO` methods all orders are taken instead, and where neither side
        has ties tau-b has Kendall's exact p.
    runners
        What computes the works, by their names "joint resamples", "permutations" and "permuted shares".

    Returns
    -------
    Agreement
        A metric for which nothing can be said has `undetermined` set.

    Raises
    ------
    ValueError
        If shapes do not match.

    Examples
    --------
    >>> import numpy as np
    >>> from hlv.stats.meta_evaluation import HumanScores, MetricScores, agree
    >>> human = HumanScores(np.array([1.2, 0.4, -0.1, -0.5, -1.0]))
    >>> metric = MetricScores("soft accuracy", True, np.array([0.8, 0.6, 0.7, 0.4, 0.3]))
    >>> found = agree(human, [metric], methods=list("abcde"), seed=1)
    >>> tau = found.metrics[0].coefficients["kendall_tau_b"]
    >>> tau.value, round(tau.p, 3)
    (0.8, 0.083)
    """
    _check_shapes(human, metrics, len(methods))
    kept = [_kept(human, metric) for metric in metrics]
    reasons = [
        _undetermined(human, metric, is_scored) for metric, is_scored in zip(metrics, kept, strict=True)
    ]
    answered = [place for place, reason in enumerate(reasons) if reason is None]
    joint = joint_resamples(
        human,
        [metrics[place] for place in answered],
        [kept[place] for place in answered],
        run=runners("joint resamples"),
    )
    chances = null_results(
        human, metrics, kept, answered, n_permutations=n_permutations, seed=seed, runners=runners
    )
    resampled = dict(zip(answered, joint, strict=True))
    rows: list[MetricAgreement] = []
    for place, (metric, is_scored, reason) in enumerate(zip(metrics, kept, reasons, strict=True)):
        left_out = [name for name, is_kept in zip(methods, is_scored.tolist(), strict=True) if not is_kept]
        if reason is None:
            rows.append(
                _agreement(human, metric, is_scored, resampled[place], chances[place], left_out, seed=seed)
            )
        else:
            rows.append(_no_agreement(metric, is_scored, reason, left_out))
    return Agreement(
        rows,
        list(methods),
        seed,
        _n_random_orders(rows),
        _notes(human, rows),
        undetermined=human.undetermined,
    )


def _n_random_orders(rows: Sequence[MetricAgreement]) -> int | None:
    nulls = [coefficient.p_from for row in rows for coefficient in row.coefficients.values()]
    drawn = [null.n_random for null in nulls if null is not None]
    return max((n for n in drawn if n is not None), default=None)


def _no_agreement(metric: MetricScores, kept: BoolArray, reason: str, left_out: list[str]) -> MetricAgreement:
    return MetricAgreement(
        metric.name,
        metric.higher_is_better,
        int(kept.sum()),
        {name: Coefficient(None, undetermined=reason) for name in CORRELATIONS},
        left_out=left_out,
        undetermined=reason,
    )


def human_scores(ranking: Ranking) -> HumanScores:
    """The human side of a ranking by people; resamples without an answer are filled by the weak prior."""
    resamples = ranking.resamples
    if resamples is None or resamples.n_resamples == 0:
        return HumanScores(ranking.strengths, undetermined=ranking.undetermined)
    return HumanScores(
        ranking.strengths,
        resamples.strengths_with_prior,
        resamples.without_answer,
        ranking.undetermined,
        errors=_errors(ranking),
        n_units=_n_units(ranking, resamples),
    )


def automatic_judge_scores(name: str, ranking: Ranking, methods: Sequence[str]) -> MetricScores:
    """An automatic judge as a metric: the strengths that its verdicts give, in the order of `methods`.

    Give its ranking another seed than the people's, or both will draw the same judges by the same numbers.
    """
    place = {method: index for index, method in enumerate(ranking.names)}
    columns = np.array([place.get(method, -1) for method in methods], dtype=np.int64)
    known = columns >= 0
    values = np.where(known, ranking.strengths[columns], np.nan)
    resamples = ranking.resamples
    if resamples is None or resamples.n_resamples == 0:
        return MetricScores(name, True, values, undetermined=ranking.undetermined, scale="strength")
    errors = _errors(ranking)
    if errors is not None:
        both = np.where(known[:, None] & known, errors.covariance[np.ix_(columns, columns)], np.nan)
        errors = ScoreErrors(both, errors.degrees_of_freedom)
    return MetricScores(
        name,
        True,
        values,
        np.where(known, resamples.strengths_with_prior[:, columns], np.nan),
        ranking.undetermined,
        resamples.without_answer,
        errors,
        _n_units(ranking, resamples),
        scale="strength",
    )


def _errors(ranking: Ranking) -> ScoreErrors | None:
    """The analytic errors of a ranking's strengths, where it has them."""
    return None if ranking.analytic is None else ScoreErrors(*ranking.analytic.joint_errors())


def _n_units(ranking: Ranking, resamples: Resamples) -> int | None:
    """How many judges, or items, were drawn again; of both the fewer. Bare judgments are as good as endlessly many."""
    numbers = {"judges": ranking.n_judges, "items": ranking.n_items}
    if resamples.unit == "judgments":
        return None
    return min(numbers.values()) if resamples.unit == "both" else numbers[resamples.unit]


def few_methods_sentence(n_methods: int) -> str | None:
    """How little so few methods decide; None from `FEW_METHODS` on."""
    if n_methods >= FEW_METHODS:
        return None
    bar = smallest_significant_tau(n_methods)
    if bar is None:
        return (
            f"With {n_methods} methods the smallest possible two-sided p of a rank correlation is "
            f"{p_text(smallest_p_value(n_methods))}: no metric can reach .05. Add methods."
        )
    step = 4 / (n_methods * (n_methods - 1))
    return (
        f"With {n_methods} methods, |tau| must be at least {_decimal(bar[0])} for p < .05, and one swapped pair changes it "
        f"by {_decimal(step)}: {n_methods} methods are few."
    )


def _notes(human: HumanScores, rows: Sequence[MetricAgreement]) -> list[str]:
    numbers = sorted({row.n_methods for row in rows if row.undetermined is None})
    notes = [sentence for number in numbers if (sentence := few_methods_sentence(number)) is not None]
    if any(row.coefficients["kendall_tau_b"].interval for row in rows if row.undetermined is None):
        notes += validity_notes(human, min(numbers))
    return notes


def _check_shapes(human: HumanScores, metrics: Sequence[MetricScores], n_methods: int) -> None:
    n_resamples: set[int] = set()
    variables: list[tuple[str, HumanScores | MetricScores]] = [("the human side", human)]
    variables.extend((metric.name, metric) for metric in metrics)
    for what, variable in variables:
        if variable.values.shape != (n_methods,):
            raise ValueError(f"{what} has {variable.values.size} values for {n_methods} methods")
        if variable.resampled is None:
            continue
        if variable.resampled.ndim != 2 or variable.resampled.shape[1] != n_methods:
            raise ValueError(f"the resamples of {what} are not of {n_methods} methods")
        if variable.without_answer is not None and len(variable.without_answer) != len(variable.resampled):
            raise ValueError(f"{what} does not say of each resample whether it has an answer")
        n_resamples.add(len(variable.resampled))
    if len(n_resamples) > 1:
        raise ValueError(f"both sides need equally many resamples, not {sorted(n_resamples)}")


def _kept(human: HumanScores, metric: MetricScores) -> BoolArray:
    """Methods with a score on both sides."""
    return np.asarray(~np.isnan(human.values) & ~np.isnan(metric.values))


def _undetermined(human: HumanScores, metric: MetricScores, kept: BoolArray) -> str | None:
    if human.undetermined is not None:
        return human.undetermined
    if metric.undetermined is not None:
        return metric.undetermined
    if kept.sum() < 2:
        return f"Only {int(kept.sum())} methods have both a human score and this one; a correlation needs two or more."
    if is_constant(metric.ties_of(metric.values[kept])):
        return CONSTANT_METRIC
    if is_constant(human.ties_of(human.values[kept])):
        return "People rank all methods equal; a correlation with a constant is undefined."
    return None


def _agreement(
    human: HumanScores,
    metric: MetricScores,
    kept: BoolArray,
    joint: dict[str, FloatArray] | None,
    chance: Chance,
    left_out: list[str],
    *,
    seed: int,
) -> MetricAgreement:
    """`joint` are the coefficients in each joint resample, None where neither side was resampled."""
    people_rows = None if human.resampled is None else human.resampled[:, kept]
    score_rows = None if metric.resampled is None else metric.resampled[:, kept]
    scores, people = metric.sign * metric.values[kept], human.values[kept]
    values = correlations(scores, people, x_ties=metric.ties_of(scores), y_ties=human.ties_of(people))
    posterior = scores_posterior(human, metric, kept, seed=seed)
    coefficients: dict[str, Coefficient] = {}
    for name in CORRELATIONS:
        value = float(values[name])
        if not np.isfinite(value):
            coefficients[name] = Coefficient(None, undetermined="A score is infinite.")
            continue
        interval = None if isinstance(posterior, str) else posterior.interval(name, estimate=value)
        mean = None if joint is None else resample_mean(joint[name])
        coefficients[name] = Coefficient(value, interval, chance.p[name], mean, p_from=chance.nulls[name])
    if chance.soft is not None:
        coefficients["soft_pairwise_accuracy"] = chance.soft
    resampled = np.empty(0) if joint is None else joint[CORRELATIONS[0]]
    n_rows = len(resampled)
    n_lost, n_filled = _unanswered(human, metric, n_rows, people_rows, score_rows)
    return MetricAgreement(
        metric.name,
        metric.higher_is_better,
        int(kept.sum()),
        coefficients,
        left_out=left_out,
        n_resamples=n_rows,
        n_resamples_without_answer=n_lost + n_filled,
        n_resamples_with_prior=n_filled,
        interval_rule=posterior
        if isinstance(posterior, str)
        else _rule(human, metric, n_lost=n_lost, n_filled=n_filled, n_rows=n_rows),
    )


def scores_posterior(
    human: HumanScores, metric: MetricScores, kept: BoolArray, *, seed: int
) -> AgreementPosterior | str:
    """Draws of the agreement of the true values of the methods `kept` (M,), or why there are none."""
    errors = joint_errors(human, metric, kept)
    if isinstance(errors, str):
        return errors
    try:
        return agreement_posterior(
            human.values[kept],
            metric.sign * metric.values[kept],
            errors.covariance,
            degrees_of_freedom=errors.people_degrees,
            score_degrees_of_freedom=errors.score_degrees,
            rng=np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM_OF_INTERVALS,))),
        )
    except UndeterminedAgreementIntervalError as reason:
        return f"No interval: {reason.sentence}"


def _unanswered(
    human: HumanScores,
    metric: MetricScores,
    n_rows: int,
    people_rows: FloatArray | None,
    score_rows: FloatArray | None,
) -> tuple[int, int]:
    """Resamples that are lost, and those that a prior filled."""
    lost = np.zeros(n_rows, dtype=bool)
    flagged = np.zeros(n_rows, dtype=bool)
    for variable, rows in ((human, people_rows), (metric, score_rows)):
        if rows is None:
            continue
        lost |= np.isnan(rows).any(axis=1)
        if variable.without_answer is not None:
            flagged |= variable.without_answer
    return int(lost.sum()), int((flagged & ~lost).sum())


def _rule(human: HumanScores, metric: MetricScores, *, n_lost: int, n_filled: int, n_rows: int) -> str:
    """How the interval was made, in a sentence."""
    name = f"{METHOD[0].upper()}{METHOD[1:]}"
    if human.resampled is None:
        rule = f"{name}, errors of one side (the metric's) {_source(metric)}"
    elif metric.resampled is None:
        rule = f"{name}, errors of one side (the people's) {_source(human)}"
    else:
        rule = f"{name}, errors of both sides: people {_source(human)}, metric {_source(metric)}"
    rule += f"; {n_rows - n_lost:,} resamples"
    if n_lost:
        rule += f"; {n_lost:,} without an answer are left out"
    if n_filled:
        rule += f"; {n_filled:,} without a ranking of their own were solved with a weak prior (precision {WEAK_PRIOR:g})"
    return rule + "."


def _source(variable: HumanScores | MetricScores) -> str:
    return "from resamples" if variable.errors is None else "by CR3"


def resample_mean(values: FloatArray) -> float | None:
    """Mean of a coefficient's resamples; None where too many have no answer."""
    if percentile_intervals(values[:, None]).low is None:
        return None
    return float(values[~np.isnan(values)].mean())


def _decimal(value: float) -> str:
    """Three decimals without the leading zero, as tau is printed."""
    return f"{value:.3f}".removeprefix("0")
