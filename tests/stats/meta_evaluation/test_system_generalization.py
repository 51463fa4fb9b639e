"""Claims about metrics in general: methods are drawn again, or exchanged whole."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import CORRELATIONS, Scale, correlations, ties_of
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores, UndeterminedDifferencesError
from hlv.stats.meta_evaluation.method_resampling import MethodResampling, weighted_coefficients
from hlv.stats.meta_evaluation.system_generalization import (
    GENERAL_TESTS,
    PairTests,
    SystemGeneralization,
    compare_across_systems,
)

N_METHODS = 9


def make_human(seed: int = 1, *, n_methods: int = N_METHODS, n_resamples: int = 0) -> HumanScores:
    generator = np.random.default_rng(seed)
    values = generator.normal(size=n_methods)
    if not n_resamples:
        return HumanScores(values)
    return HumanScores(values, values + 0.1 * generator.normal(size=(n_resamples, n_methods)))


def make_metrics(
    human: HumanScores, *noises: float, seed: int = 2, sign: float = 1.0, n_resamples: int = 0
) -> list[MetricScores]:
    generator = np.random.default_rng(seed)
    found = []
    for place, noise in enumerate(noises):
        values = sign * (human.values + noise * generator.normal(size=len(human.values)))
        drawn = values + 0.1 * generator.normal(size=(n_resamples, len(values))) if n_resamples else None
        found.append(MetricScores("abcdef"[place], sign > 0, values, drawn))
    return found


def coefficients(scores: FloatArray, people: FloatArray) -> dict[str, FloatArray]:
    return correlations(scores, people, x_ties=ties_of(scores, "score"), y_ties=ties_of(people, "strength"))


def compare(
    human: HumanScores,
    metrics: list[MetricScores],
    *,
    clusters: list[str] | None = None,
    n_resamples: int = 999,
    seed: int = 3,
) -> dict[str, SystemGeneralization]:
    methods = [f"m{place}" for place in range(len(human.values))]
    return compare_across_systems(
        human, metrics, clusters=clusters or methods, n_resamples=n_resamples, seed=seed
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_method_drawn_twice_enters_twice(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores, people = np.round(generator.normal(size=(2, 12, 7)), 1)
    weights = generator.multinomial(7, np.full(7, 1 / 7), size=12)
    people[3] = np.nan

    found = weighted_coefficients(scores, people, weights.astype(float))
    of_fixed = weighted_coefficients(scores[:1], people[:1], weights.astype(float))

    for row, drawn in enumerate(weights):
        places = np.repeat(np.arange(7), drawn)
        expected = dict.fromkeys(CORRELATIONS, np.nan)
        if row != 3:
            expected = coefficients(scores[row, places], people[row, places])
        fixed = coefficients(scores[0, places], people[0, places])
        for name in CORRELATIONS:
            np.testing.assert_allclose(found[name][row], expected[name], atol=1e-12)
            np.testing.assert_allclose(of_fixed[name][row], fixed[name], atol=1e-12)


def test_methods_of_one_base_model_are_drawn_together() -> None:
    human = make_human()
    clusters = np.array([0, 0, 0, 1, 1, 2, 3, 4, 5])
    work = MethodResampling(human.values[None], (), "strength", [], clusters, n_resamples=700, seed=5)

    drawn = np.concatenate([work._drawn(chunk, 500) for chunk in range(work.n_chunks)])

    np.testing.assert_array_equal(drawn[:, 0], drawn[:, 2])
    np.testing.assert_array_equal(drawn[:, 3], drawn[:, 4])
    np.testing.assert_array_equal(drawn[:, [0, 3, 5, 6, 7, 8]].sum(axis=1), 6)
    assert not np.array_equal(drawn[:500], drawn[500:])


def test_numbers_of_a_fixed_seed_stay_as_they_are() -> None:
    human = make_human(n_resamples=999)
    metrics = make_metrics(human, 0.1, 2.0, 0.6, n_resamples=999)

    found = compare(human, metrics)
    again = compare(human, metrics)
    other = compare(human, metrics, seed=4)

    tau, pearson = found["kendall_tau_b"], found["pearson"]
    np.testing.assert_allclose(tau.values, [1.0, 0.0, 7 / 18])
    np.testing.assert_allclose(tau.low, [0.29032258, -0.63636364, -0.31354167], rtol=1e-6)
    np.testing.assert_allclose(tau.high, [1.0, 0.6969697, 1.0], rtol=1e-6)
    np.testing.assert_allclose(pearson.low, [0.79820517, -0.7039337, -0.13332516], rtol=1e-6)
    np.testing.assert_allclose(tau.tests["Boot-Systems"].p, [0.004, 0.126, 0.454])
    np.testing.assert_allclose(tau.tests["Boot-Both"].p, [0.044, 0.352, 0.35])
    np.testing.assert_allclose(tau.tests["Boot-Both"].adjusted_p, [0.132, 0.7, 0.7])
    np.testing.assert_allclose(tau.tests["PERM-SYSTEMS"].p, np.array([8, 64, 212]) / 512)
    np.testing.assert_allclose(pearson.tests["PERM-SYSTEMS"].p, np.array([30, 6, 34]) / 512)
    assert tau.tests["Boot-Systems"].smallest_adjusted_p == 3 * 2 / 1000
    for name in GENERAL_TESTS:
        np.testing.assert_array_equal(tau.tests[name].p, again["kendall_tau_b"].tests[name].p)
    assert not np.array_equal(tau.tests["Boot-Both"].p, other["kendall_tau_b"].tests["Boot-Both"].p)


def test_the_interval_is_that_of_the_widest_resampling() -> None:
    human = make_human()
    metrics = make_metrics(human, 0.5, 1.0)
    fixed = compare(human, metrics)["pearson"]
    joint = compare(make_human(n_resamples=999), metrics)["pearson"]
    none = compare(human, metrics, n_resamples=0)["pearson"]

    assert list(fixed.tests) == ["Boot-Systems", "PERM-SYSTEMS"]
    assert list(joint.tests) == ["Boot-Systems", "Boot-Both", "PERM-SYSTEMS"]
    assert list(none.tests) == ["PERM-SYSTEMS"]
    assert np.isnan(none.low).all()
    np.testing.assert_array_equal(fixed.tests["Boot-Systems"].p, joint.tests["Boot-Systems"].p)
    work = MethodResampling(
        human.values[None],
        (metrics[0].values[None],),
        "strength",
        ["score"],
        np.arange(N_METHODS),
        n_resamples=999,
        seed=3,
    )
    drawn = work.compute(0, work.n_chunks)[:, 0, CORRELATIONS.index("pearson")]
    np.testing.assert_allclose([fixed.low[0], fixed.high[0]], np.nanquantile(drawn, [0.025, 0.975]))


def test_exchanging_whole_methods_is_exact_and_needs_no_items() -> None:
    human = make_human()
    metrics = make_metrics(human, 0.2, 2.0)
    one, other = ((metric.values - metric.values.mean()) / metric.values.std() for metric in metrics)
    values = []
    for bits in itertools.product([False, True], repeat=N_METHODS):
        mask = np.array(bits)
        left, right = np.where(mask, other, one), np.where(mask, one, other)
        rows = np.stack([left, right])
        taus = coefficients(rows, human.values[None])["kendall_tau_b"]
        values.append(abs(taus[0] - taus[1]))

    found = compare(human, metrics)["kendall_tau_b"].tests["PERM-SYSTEMS"]

    assert found.p[0] == np.mean(np.array(values) >= values[0] - 1e-12)
    assert found.smallest_adjusted_p == 2 / 2**N_METHODS


def test_losses_are_turned_around() -> None:
    human = make_human(n_resamples=999)
    gains = compare(human, make_metrics(human, 0.5, 1.0, n_resamples=999))["kendall_tau_b"]
    losses = [
        MetricScores(metric.name, False, -metric.values, -metric.resampled)  # type: ignore[operator]
        for metric in make_metrics(human, 0.5, 1.0, n_resamples=999)
    ]
    turned = compare(human, losses)["kendall_tau_b"]

    np.testing.assert_allclose(turned.values, gains.values)
    np.testing.assert_allclose(turned.low, gains.low)
    for name in GENERAL_TESTS:
        np.testing.assert_allclose(turned.tests[name].p, gains.tests[name].p)


def test_each_side_is_tied_by_its_own_rule() -> None:
    human = make_human()
    (metric,) = make_metrics(human, 0.5)
    near = metric.values.copy()
    near[1] = near[0] + 1e-10
    score, strength = (
        compare(human, [MetricScores("a", True, near, scale=scale)])["kendall_tau_b"]
        for scale in ("score", "strength")
    )
    tiny = compare(human, [MetricScores("a", True, 1e-12 * near)])["kendall_tau_b"]
    difference_errors = near.copy()
    difference_errors[1] = np.nextafter(difference_errors[0], np.inf)
    tied = compare(human, [MetricScores("a", True, difference_errors)])["kendall_tau_b"]

    assert tiny.values[0] == score.values[0] != strength.values[0] == tied.values[0]
    assert (tiny.low[0], tiny.high[0]) == (score.low[0], score.high[0])
    assert (tied.low[0], tied.high[0]) == (strength.low[0], strength.high[0])


def test_whole_methods_are_exchanged_with_the_ties_of_each_side() -> None:
    human = make_human(5)
    one, other = make_metrics(human, 0.4, 0.8, seed=6)
    near, exact = one.values.copy(), one.values.copy()
    near[1], exact[1] = near[0] + 1e-10, near[0]

    def p(people: FloatArray, values: FloatArray, scale: Scale, people_scale: Scale = "strength") -> float:
        metrics = [MetricScores("a", True, values, scale=scale), other]
        found = compare(HumanScores(people, scale=people_scale), metrics)["kendall_tau_b"]
        return float(found.tests["PERM-SYSTEMS"].p[0])

    assert p(human.values, near, "strength") == p(human.values, exact, "score")
    assert p(human.values, near, "strength") != p(human.values, near, "score")
    people, tied = human.values.copy(), human.values.copy()
    people[2], tied[2] = people[1] + 1e-10, people[1]
    assert p(people, one.values, "score") == p(tied, one.values, "score")
    assert p(people, one.values, "score") != p(people, one.values, "score", "score")


def test_few_methods_or_base_models_are_refused_with_their_number() -> None:
    five = make_human(n_methods=5)
    with pytest.raises(UndeterminedDifferencesError, match="5 methods are too few"):
        compare(five, make_metrics(five, 0.5, 1.0))
    human = make_human(n_methods=14)
    two = ["llama"] * 7 + ["qwen"] * 7
    with pytest.raises(UndeterminedDifferencesError, match="14 methods of 2 base models are too few"):
        compare(human, make_metrics(human, 0.5, 1.0), clusters=two)
    with pytest.raises(UndeterminedDifferencesError, match="rank all methods equal"):
        compare(HumanScores(np.zeros(9)), make_metrics(make_human(), 0.5, 1.0))
    with pytest.raises(UndeterminedDifferencesError, match="No metric distinguishes all methods"):
        compare(make_human(), [MetricScores("flat", True, np.ones(9))])


def test_tests_that_cannot_decide_say_so() -> None:
    human = make_human(n_methods=6)

    two = compare(human, make_metrics(human, 0.1, 3.0))["kendall_tau_b"].tests["PERM-SYSTEMS"]
    three = compare(human, make_metrics(human, 0.1, 3.0, 1.0))["kendall_tau_b"].tests["PERM-SYSTEMS"]

    assert two.smallest_adjusted_p == 2 / 64
    assert two.decides
    assert three.smallest_adjusted_p == 3 * 2 / 64
    assert not three.decides
    assert not PairTests.of(np.full(2, np.nan), np.full(2, np.nan)).decides


def test_metrics_that_are_equal_in_general_are_seldom_told_apart() -> None:
    generator = np.random.default_rng(8)
    rejected = dict.fromkeys(GENERAL_TESTS, 0)
    for board in range(100):
        human = make_human(board, n_resamples=199)
        values = 0.7 * human.values + 0.7 * generator.normal(size=(2, N_METHODS))
        metrics = [
            MetricScores(name, True, row, row + 0.1 * generator.normal(size=(199, N_METHODS)))
            for name, row in zip("ab", values, strict=True)
        ]
        found = compare(human, metrics, n_resamples=199, seed=board)["pearson"]
        for name in GENERAL_TESTS:
            rejected[name] += bool(found.tests[name].p[0] < 0.05)

    assert max(rejected.values()) <= 11
