"""The interval of the agreement of true values: known numbers, a slow computation of the same, refusals, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, multivariate_normal

from benchmarks.agreement_candidates import percentile, posterior
from benchmarks.agreement_comparisons import Layout, MetricKind, design, true_agreement, unmet_pairs
from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import CORRELATIONS
from hlv.stats.meta_evaluation.agreement_interval import (
    FROZEN,
    AgreementPosterior,
    Prior,
    UndeterminedAgreementIntervalError,
    agreement_posterior,
    mean_posterior,
)

PEOPLE = np.array([1.2, 0.7, 0.5, 0.1, -0.2, -0.6, -1.7])
SCORES = np.array([0.81, 0.83, 0.70, 0.74, 0.62, 0.60, 0.55])


KNOWN = {
    "kendall_tau_b": (13 / 21, 1.0),
    "spearman": (23 / 28, 1.0),
    "pearson": (0.81708232758495, 1.0),
    "pairwise_accuracy": (17 / 21, 1.0),
}


def errors(people: float = 0.2, scores: float = 0.03, shared: float = 0.0, n: int = 7) -> FloatArray:
    """Independent errors of methods, with this standard error on each side and this correlation of both sides."""
    block = np.array([[people**2, shared * people * scores], [shared * people * scores, scores**2]])
    return np.kron(block, np.eye(n))


def found(
    people: FloatArray = PEOPLE,
    scores: FloatArray = SCORES,
    covariance: FloatArray | None = None,
    *,
    degrees_of_freedom: float = 9.0,
    prior: Prior = FROZEN,
) -> AgreementPosterior:
    return agreement_posterior(
        people,
        scores,
        errors() if covariance is None else covariance,
        degrees_of_freedom=degrees_of_freedom,
        rng=np.random.default_rng(5),
        prior=prior,
    )


def test_known_intervals() -> None:
    result = found()

    assert {name: result.limits(name) for name in CORRELATIONS} == {
        "kendall_tau_b": pytest.approx(KNOWN["kendall_tau_b"], abs=1e-9),
        "spearman": pytest.approx(KNOWN["spearman"], abs=1e-9),
        "pearson": pytest.approx(KNOWN["pearson"], abs=1e-6),
        "pairwise_accuracy": pytest.approx(KNOWN["pairwise_accuracy"], abs=1e-9),
    }
    assert result.weights.sum() == pytest.approx(1.0)


def slow_draws(
    people: FloatArray, scores: FloatArray, covariance: FloatArray, degrees: float, prior: Prior
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights, tau and Pearson of true values at every point of the grid, in differences to the last method."""
    n, p = len(people), len(people) - 1
    # Draws depend on the processor's eigenvectors: with so many the shares do not, within the tolerance.
    n_draws = 100
    rng = np.random.default_rng(0)
    spreads = [np.sqrt(((side - side.mean()) ** 2).sum() / p) for side in (people, scores)]
    to_last = np.hstack([np.eye(p), -np.ones((p, 1))])
    both = np.block([[to_last, np.zeros((p, n))], [np.zeros((p, n)), to_last]])
    units = np.repeat([1 / spreads[0], 1 / spreads[1]], n)
    noise = covariance * np.outer(units, units)
    seen = both @ (np.concatenate([people, scores]) * units)
    # These errors are the same in all directions, so nothing is to be shrunk.
    middles = (np.arange(prior.n_scales) + 0.5) / prior.n_scales
    trials = degrees * np.sqrt(p)
    scales = trials / chi2.ppf(middles, trials)
    inner = np.tanh(np.linspace(-prior.largest_z, prior.largest_z, prior.n_correlations))
    shares = [(1 - 2 * prior.atom) / len(inner)] * len(inner) + [prior.atom] * 2
    log_weights, tau, pearson = [], [], []
    for scale in scales:
        factor = np.repeat([np.sqrt(scale), 1.0], n)
        own = both @ (noise * np.outer(factor, factor)) @ both.T
        for first in np.geomspace(*prior.spreads, prior.n_spreads):
            for second in np.geomspace(*prior.spreads, prior.n_spreads):
                for correlation, share in zip([*inner, -1.0, 1.0], shares, strict=True):
                    pair = np.array(
                        [
                            [first**2, correlation * first * second],
                            [correlation * first * second, second**2],
                        ]
                    )
                    true = both @ np.kron(pair, np.eye(n)) @ both.T
                    log_weights.append(
                        np.log(share) + multivariate_normal.logpdf(seen, cov=true + own, allow_singular=False)
                    )
                    gain = true @ np.linalg.inv(true + own)
                    mean, rest = gain @ seen, true - gain @ true
                    drawn = rng.multivariate_normal(mean, (rest + rest.T) / 2, size=n_draws, method="eigh")
                    s = np.hstack([drawn[:, :p], np.zeros((n_draws, 1))])
                    m = np.hstack([drawn[:, p:], np.zeros((n_draws, 1))])
                    upper = np.triu_indices(n, k=1)
                    signs = np.sign(s[:, upper[0]] - s[:, upper[1]]) * np.sign(
                        m[:, upper[0]] - m[:, upper[1]]
                    )
                    at_bound = abs(correlation) == 1
                    tau.append(np.full(n_draws, correlation) if at_bound else signs.mean(axis=1))
                    a, b = (side - side.mean(axis=1, keepdims=True) for side in (s, m))
                    r = (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
                    pearson.append(np.full(n_draws, correlation) if at_bound else r)
    weights = np.exp(np.array(log_weights) - max(log_weights))
    return np.repeat(weights / weights.sum() / n_draws, n_draws), np.concatenate(tau), np.concatenate(pearson)


@pytest.mark.parametrize(("shared", "seed"), [(0.0, 1), (0.6, 2)])
def test_a_slow_computation_over_the_whole_grid_gives_the_same_distribution(shared: float, seed: int) -> None:
    prior = Prior(straight=1.0, n_spreads=5, n_correlations=9, n_scales=2, n_points=2000)
    rng = np.random.default_rng(seed)
    people, scores = PEOPLE[:5], SCORES[:5] + rng.normal(0, 0.03, 5)
    covariance = errors(0.3, 0.05, shared, n=5)

    weights, tau, pearson = slow_draws(people, scores, covariance, 9.0, prior)
    result = found(people, scores, covariance, prior=prior)

    for name, slow in (("kendall_tau_b", tau), ("pearson", pearson)):
        fast = result.draws(name)
        for cut in (-0.5, 0.0, 0.3, 0.5, 0.7, 0.9, 0.99):
            assert result.weights[fast > cut].sum() == pytest.approx(weights[slow > cut].sum(), abs=0.03), (
                name,
                cut,
            )


def test_units_and_origins_change_nothing() -> None:
    usual = found()
    people, scores = 10 * PEOPLE + 4, 1e-12 * SCORES - 3e-12
    units = np.repeat([10, 1e-12], 7)
    other = found(people, scores, errors() * np.outer(units, units))

    for name in CORRELATIONS:
        assert other.limits(name) == pytest.approx(usual.limits(name), abs=1e-6)


def test_accuracy_follows_from_tau() -> None:
    result = found()
    low, high = result.limits("kendall_tau_b")

    assert result.limits("pairwise_accuracy") == pytest.approx((0.5 + low / 2, 0.5 + high / 2))


def test_a_reversed_metric_has_the_mirrored_interval() -> None:
    low, high = found(prior=Prior(n_points=2000)).limits("spearman")
    mirrored = found(scores=-SCORES, covariance=errors(), prior=Prior(n_points=2000)).limits("spearman")

    assert mirrored == pytest.approx((-high, -low), abs=0.08)


def test_errors_that_both_sides_share_are_no_agreement() -> None:
    """The same scores agree less where the same texts made both sides err alike."""
    difference_errors = found(covariance=errors(0.4, 0.06))
    together = found(covariance=errors(0.4, 0.06, 0.9))

    def mean(result: AgreementPosterior) -> float:
        return float(result.weights @ result.pearson)

    assert mean(together) < mean(difference_errors) - 0.03


def test_a_side_that_is_known_exactly_may_have_no_errors() -> None:
    exact = found(covariance=errors(0.2, 0.0))
    both = found()

    assert exact.limits("pearson")[0] > both.limits("pearson")[0]


def test_fewer_judges_make_it_wider() -> None:
    few, many = (
        found(covariance=errors(0.5, 0.03), degrees_of_freedom=degrees).limits("pearson")
        for degrees in (1.5, np.inf)
    )

    assert few[1] - few[0] > many[1] - many[0]


def test_an_interval_holds_its_estimate() -> None:
    low, high = found().limits("pearson")

    assert found().interval("pearson", estimate=low - 0.2) == (low - 0.2, high)
    assert found().interval("pearson", estimate=0.9) == (low, high)


def test_two_methods_say_nothing() -> None:
    result = found(PEOPLE[:2], SCORES[:2], errors(0.3, 0.05, n=2))

    assert result.limits("kendall_tau_b") == (-1.0, 1.0)


def test_a_curved_relation_is_no_disagreement_of_ranks() -> None:
    people = np.linspace(1.5, -1.5, 14)
    result = found(people, np.exp(people), errors(0.15, 0.1, n=14), degrees_of_freedom=40.0)

    assert result.limits("kendall_tau_b")[1] == 1.0
    assert result.limits("pearson")[1] < 1.0


def test_the_mean_over_groups_is_narrower_than_each_group() -> None:
    one = found()
    low, high = one.limits("pearson")
    mean_low, mean_high = mean_posterior([one] * 4, rng=np.random.default_rng(1)).limits("pearson")

    assert low < mean_low < mean_high < high


@pytest.mark.parametrize(
    ("people", "scores", "covariance", "sentence"),
    [
        (np.ones(7), SCORES, errors(), "One side gives all methods the same value."),
        (PEOPLE, np.full(7, 0.5), errors(), "One side gives all methods the same value."),
        (PEOPLE, SCORES, np.zeros((14, 14)), "Neither side has an error."),
    ],
)
def test_what_has_no_interval_says_why(
    people: FloatArray, scores: FloatArray, covariance: FloatArray, sentence: str
) -> None:
    with pytest.raises(UndeterminedAgreementIntervalError) as refusal:
        found(people, scores, covariance)

    assert refusal.value.sentence == sentence


@pytest.mark.parametrize(
    ("people", "scores", "covariance", "degrees", "words"),
    [
        (PEOPLE[:6], SCORES, errors(), 9.0, "do not go together"),
        (PEOPLE, SCORES, np.eye(7), 9.0, "do not go together"),
        (PEOPLE, np.where(SCORES > 0.8, np.inf, SCORES), errors(), 9.0, "must be finite"),
        (PEOPLE, SCORES, errors(), 0.0, "degrees of freedom must be above 0"),
    ],
)
def test_input_that_is_no_agreement_is_refused(
    people: FloatArray, scores: FloatArray, covariance: FloatArray, degrees: float, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        found(people, scores, covariance, degrees_of_freedom=degrees)


def test_it_holds_a_perfect_agreement_where_percentiles_never_do() -> None:
    layout, metric = Layout(9, 12, 1.5), MetricKind("1", "straight", "mean", 1.0)
    held = {"posterior": 0, "percentile": 0}
    n_boards = 30
    for number in range(n_boards):
        rng = np.random.default_rng([11, number])
        board = layout.board(rng)
        assert board is not None
        true_scores = metric.true_scores(9, rng)
        scores = metric.scores(layout, board, true_scores, rng)
        true = true_agreement(layout, true_scores)["kendall_tau_b"]
        for name, interval in (("posterior", posterior), ("percentile", percentile)):
            low, high = interval(board, scores, rng)["kendall_tau_b"]
            held[name] += low <= true <= high

    assert true == 1.0
    assert held["posterior"] >= 27
    assert held["percentile"] <= 6


def test_each_two_levels_of_each_two_factors_meet_in_the_design() -> None:
    settings = design()

    assert len(settings) == 64
    assert unmet_pairs(settings) == []
