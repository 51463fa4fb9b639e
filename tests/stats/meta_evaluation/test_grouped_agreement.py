from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, pearsonr, spearmanr
from scipy.stats import t as t_distribution

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation import grouped_agreement as module
from hlv.stats.meta_evaluation.grouped_agreement import (
    ACCURACY,
    GROUPED_COEFFICIENTS,
    grouped_agreement,
)
from hlv.stats.meta_evaluation.score_cells import (
    GROUPINGS,
    Grouping,
    ScoreCells,
    UndeterminedGroupedAgreementError,
)
from hlv.stats.resampling.item_weights import block_weights, multinomial_weights
from tests.published import wmt

SCIPY: dict[str, Callable[[FloatArray, FloatArray], float]] = {
    "kendall_tau_b": lambda x, y: float(kendalltau(x, y).statistic),
    "spearman": lambda x, y: float(spearmanr(x, y).statistic),
    "pearson": lambda x, y: float(pearsonr(x, y).statistic),
}


def make_scores(
    seed: int, *, n_systems: int = 7, n_items: int = 12, missing: float = 0.1
) -> tuple[FloatArray, FloatArray]:
    """A metric and rounded human scores of systems x items, some cells empty."""
    generator = np.random.default_rng(seed)
    shape = (n_systems, n_items)
    quality = generator.normal(size=(n_systems, 1)) + generator.normal(size=(1, n_items))
    metric, human = quality + generator.normal(size=shape), np.round(quality + generator.normal(size=shape))
    metric[generator.random(shape) < missing] = np.nan
    human[generator.random(shape) < missing] = np.nan
    return metric, human


def groups_of(
    metric: FloatArray, human: FloatArray, grouping: Grouping
) -> list[tuple[FloatArray, FloatArray]]:
    """Both sides of each group, without empty cells."""
    rows = {
        "none": [(metric.ravel(), human.ravel())],
        "item": list(zip(metric.T, human.T, strict=True)),
        "system": list(zip(metric, human, strict=True)),
    }[grouping]
    kept = [~(np.isnan(x) | np.isnan(y)) for x, y in rows]
    return [(x[there], y[there]) for (x, y), there in zip(rows, kept, strict=True)]


def accuracy_at(threshold: float, groups: list[tuple[FloatArray, FloatArray]]) -> float:
    """Mean over groups of the share of pairs that agree, ties included: by counting each pair."""
    shares = []
    for x, y in groups:
        right = [
            (abs(x[i] - x[j]) <= threshold) if y[i] == y[j]
            else abs(x[i] - x[j]) > threshold and (x[i] > x[j]) == (y[i] > y[j])
            for i, j in itertools.combinations(range(len(x)), 2)
        ]  # fmt: skip
        if right:
            shares.append(float(np.mean(right)))
    return float(np.mean(shares))


def thresholds_of(groups: list[tuple[FloatArray, FloatArray]]) -> list[float]:
    sizes = {abs(x[i] - x[j]) for x, _ in groups for i, j in itertools.combinations(range(len(x)), 2)}
    return sorted({0.0, *sizes})


@pytest.mark.parametrize("grouping", GROUPINGS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_correlations_are_the_means_of_scipy_over_groups(grouping: Grouping, seed: int) -> None:
    metric, human = make_scores(seed)
    groups = groups_of(metric, human, grouping)

    found = grouped_agreement(metric, human, grouping=grouping, unit=None, seed=0)

    for name, of_group in SCIPY.items():
        expected = [of_group(x, y) for x, y in groups if len(x) > 1 and np.ptp(x) > 0 and np.ptp(y) > 0]
        assert found.coefficients[name].value == pytest.approx(np.mean(expected), abs=1e-12)
        assert found.coefficients[name].n_groups == len(expected)


@pytest.mark.parametrize("grouping", GROUPINGS)
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_no_threshold_has_a_larger_accuracy(grouping: Grouping, seed: int) -> None:
    metric, human = make_scores(seed)
    metric = np.round(metric, 1)
    groups = groups_of(metric, human, grouping)

    found = grouped_agreement(metric, human, grouping=grouping, unit=None, seed=0)

    # Between the candidates nothing changes; rounding moves neither a candidate nor a difference past another.
    tried = {threshold: accuracy_at(threshold + 1e-9, groups) for threshold in thresholds_of(groups)}
    best = max(tried.values())
    assert found.coefficients[ACCURACY].value == pytest.approx(best, abs=1e-12)
    assert found.threshold == pytest.approx(min(t for t, share in tried.items() if share > best - 1e-12))
    assert found.uncalibrated_accuracy == pytest.approx(tried[0.0], abs=1e-12)


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_two_systems_have_the_values_of_wmts_program(grouping: Grouping) -> None:
    found = grouped_agreement(
        wmt.TWO_SYSTEMS_METRIC, wmt.TWO_SYSTEMS_HUMAN, grouping=grouping, unit=None, seed=0
    )

    for name, expected in wmt.TWO_SYSTEMS_VALUES[grouping].items():
        assert found.coefficients[name].value == pytest.approx(expected, abs=5e-4)


def test_the_threshold_is_that_of_wmts_program() -> None:
    found = grouped_agreement(wmt.OPTIMISED_METRIC, wmt.OPTIMISED_HUMAN, grouping="system", unit=None, seed=0)

    assert found.coefficients[ACCURACY].value == pytest.approx(wmt.OPTIMISED_ACCURACY, abs=1e-15)
    assert found.threshold == wmt.OPTIMISED_THRESHOLD
    assert found.uncalibrated_accuracy == pytest.approx(wmt.UNOPTIMISED_ACCURACY, abs=1e-15)
    assert (found.n_systems, found.n_cells, found.n_missing, found.n_pairs) == (4, 18, 7, 32)


def test_five_cells_have_the_accuracy_of_wmts_program() -> None:
    # A second system without human scores adds no cell but makes a table of two systems.
    metric = np.array([wmt.FIVE_METRIC[:3], [*wmt.FIVE_METRIC[3:], np.nan]])
    human = np.array([wmt.FIVE_HUMAN[:3], [*wmt.FIVE_HUMAN[3:], np.nan]])

    found = grouped_agreement(metric, human, grouping="none", unit=None, seed=0)

    assert found.coefficients[ACCURACY].value == pytest.approx(wmt.FIVE_ACCURACY)
    assert found.uncalibrated_accuracy == pytest.approx(wmt.FIVE_UNOPTIMISED)


def test_groups_with_a_constant_side_are_left_out_and_counted() -> None:
    human = np.array([[1.0, 2, 5, 1], [2.0, 2, 5, 3], [3.0, 2, np.nan, 2]])
    metric = np.array([[1.0, 2, 5, 4], [2.0, 3, np.nan, 4], [3.0, 1, 5, 4]])

    found = grouped_agreement(metric, human, grouping="item", unit=None, seed=0)

    tau = found.coefficients["kendall_tau_b"]
    # Item 1 agrees. People do not distinguish item 2, the metric item 4; item 3 has one cell.
    assert (tau.value, tau.n_groups, tau.n_constant, tau.n_single) == (1.0, 1, 2, 1)
    accuracy = found.coefficients[ACCURACY]
    assert (accuracy.n_groups, accuracy.n_constant, accuracy.n_single) == (3, 0, 1)


def test_a_correlation_with_a_constant_is_undefined() -> None:
    metric = np.ones((3, 6))
    human = np.arange(18.0).reshape(3, 6)

    for grouping in GROUPINGS:
        found = grouped_agreement(metric, human, grouping=grouping, unit="items", n_resamples=20, seed=0)
        for name in SCIPY:
            assert (found.coefficients[name].value, found.coefficients[name].interval) == (None, None)
            assert "constant" in found.coefficients[name].rule
        assert found.coefficients[ACCURACY].value == 0.0


def test_a_loss_agrees_as_its_negative_does() -> None:
    metric, human = make_scores(7)

    loss = grouped_agreement(-metric, human, grouping="item", higher_is_better=False, n_resamples=50, seed=3)

    assert loss == grouped_agreement(metric, human, grouping="item", n_resamples=50, seed=3)


@settings(max_examples=20, deadline=None)
@given(exponent=st.integers(-15, 15), seed=st.integers(0, 50))
def test_the_scale_of_a_metric_changes_only_the_threshold(exponent: int, seed: int) -> None:
    metric, human = make_scores(seed, n_items=4)
    factor = 2.0 ** (3 * exponent)

    one, other = (
        grouped_agreement(scores, human, grouping="item", unit=None, seed=0)
        for scores in (metric, metric * factor)
    )

    for name in GROUPED_COEFFICIENTS:
        assert one.coefficients[name].value == pytest.approx(other.coefficients[name].value, abs=1e-12)
    assert other.threshold == pytest.approx(factor * (one.threshold or 0.0))


@pytest.mark.parametrize("grouping", GROUPINGS)
@pytest.mark.parametrize("unit", ["items", "systems", "both"])
def test_a_resample_has_the_value_of_the_table_that_it_draws(
    grouping: Grouping, unit: module.ResampledUnit
) -> None:
    metric, human = make_scores(11, n_items=6)
    cells = ScoreCells.of(metric, human, grouping)

    found = module._resampled(cells, unit, None, n_resamples=8, seed=5)

    of_stream = [np.random.default_rng(np.random.SeedSequence(5, spawn_key=key)) for key in ((), (1,))]
    drawn_items, drawn_systems = block_weights(of_stream[0], 6, 8), multinomial_weights(of_stream[1], 7, 8)
    for row in range(8):
        # The same draws, as repeated rows and columns of the table.
        items, systems = drawn_items[row].astype(int), drawn_systems[row].astype(int)
        of_items = np.repeat(np.arange(6), items) if unit != "systems" else np.arange(6)
        of_systems = np.repeat(np.arange(7), systems) if unit != "items" else np.arange(7)
        groups = groups_of(
            metric[np.ix_(of_systems, of_items)], human[np.ix_(of_systems, of_items)], grouping
        )
        for name, of_group in SCIPY.items():
            expected = [of_group(x, y) for x, y in groups if len(x) > 1 and np.ptp(x) > 0 and np.ptp(y) > 0]
            assert found[name][row] == pytest.approx(np.mean(expected), abs=1e-10)


def test_an_interval_has_these_ends() -> None:
    metric, human = make_scores(21, n_systems=8, n_items=40)

    found = grouped_agreement(metric, human, grouping="item", unit="both", n_resamples=200, seed=9)

    tau = found.coefficients["kendall_tau_b"]
    assert tau.interval is not None
    np.testing.assert_allclose(
        [tau.value, *tau.interval], [0.5202865831, 0.1858746668, 0.8792474219], atol=1e-9
    )
    accuracy = found.coefficients[ACCURACY]
    assert accuracy.interval is not None
    np.testing.assert_allclose(
        [accuracy.value, *accuracy.interval], [0.6683928571, 0.4873831886, 0.8616853708], atol=1e-9
    )
    assert (found.unit, found.n_resamples, found.seed) == ("both", 200, 9)


def test_an_interval_is_a_t_interval_less_the_bias() -> None:
    metric, human = make_scores(25, n_systems=6, n_items=20, missing=0)
    documents = np.repeat(np.arange(10), 2)
    cells = ScoreCells.of(metric, human, "system")
    drawn = module._resampled(cells, "items", documents, n_resamples=150, seed=4)

    found = grouped_agreement(
        metric, human, grouping="system", documents=documents, n_resamples=150, seed=4
    ).coefficients

    for name, values in drawn.items():
        one = found[name]
        assert one.value is not None
        error = np.std(values) * np.sqrt(150 / 149) * np.sqrt(10 / 9)
        expected = one.value - (np.mean(values) - one.value) + error * t_distribution.ppf([0.025, 0.975], 9)
        assert one.interval == pytest.approx(np.clip(expected, 0 if name == ACCURACY else -1, 1))
        assert one.resample_mean == pytest.approx(np.mean(values))


def test_items_of_one_document_are_drawn_together() -> None:
    metric, human = make_scores(22, n_items=30, missing=0)
    # Items of a document are equal, so single items would pretend to be 30 independent ones.
    metric, human = np.repeat(metric[:, :6], 5, axis=1), np.repeat(human[:, :6], 5, axis=1)

    alone, together = (
        grouped_agreement(metric, human, grouping="item", documents=blocks, n_resamples=300, seed=1)
        for blocks in (None, np.repeat(np.arange(6), 5))
    )

    widths = [np.ptp(found.coefficients["pearson"].interval or (0, 0)) for found in (alone, together)]
    assert widths[1] > 1.6 * widths[0]
    assert alone.coefficients["pearson"].value == together.coefficients["pearson"].value


def test_too_few_units_give_no_interval_and_the_reason() -> None:
    metric, human = make_scores(23, n_systems=5, n_items=10, missing=0)

    for unit, documents, reason in (
        ("systems", None, "too few systems"),
        ("both", None, "too few systems"),
        ("items", np.repeat([0, 1], 5), "too few documents"),
        (None, None, "nothing was resampled"),
    ):
        found = grouped_agreement(
            metric, human, grouping="item", unit=unit, documents=documents, n_resamples=20, seed=0
        )
        assert found.coefficients["pearson"].interval is None
        assert reason in found.coefficients["pearson"].rule
        assert found.n_resamples == 0


def test_a_sample_of_many_pairs_comes_near_all_of_them() -> None:
    metric, human = make_scores(24, n_systems=8, n_items=60)

    full, sampled = (
        grouped_agreement(metric, human, grouping="none", unit=None, most_pairs=most, seed=2)
        for most in (1_000_000, 20_000)
    )

    assert sampled.n_pairs_used == 20_000 < sampled.n_pairs == full.n_pairs_used
    assert sampled.coefficients[ACCURACY].value == pytest.approx(full.coefficients[ACCURACY].value, abs=0.01)


def test_scores_that_cannot_be_compared_are_refused() -> None:
    table = np.arange(6.0).reshape(2, 3)
    for metric, human, reason in (
        (table, table[:, :2], "one shape"),
        (table[0], table[0], "one shape"),
        (table, np.where(table == 1, np.inf, table), "infinite"),
    ):
        with pytest.raises(ValueError, match=reason):
            grouped_agreement(metric, human, grouping="item", seed=0)
    with pytest.raises(ValueError, match="unknown grouping"):
        grouped_agreement(table, table, grouping="text", seed=0)
    with pytest.raises(ValueError, match="unknown unit"):
        grouped_agreement(table, table, grouping="item", unit="texts", seed=0)


def test_too_few_systems_determine_no_agreement() -> None:
    empty = np.full(3, np.nan)
    alone = np.array([[1.0, 2, 3], empty])
    apart = np.array([[1.0, np.nan, np.nan], [np.nan, 2.0, np.nan]])

    with pytest.raises(UndeterminedGroupedAgreementError, match="Fewer than two systems"):
        grouped_agreement(alone, np.ones((2, 3)), grouping="item", seed=0)
    with pytest.raises(UndeterminedGroupedAgreementError, match="No item has two cells"):
        grouped_agreement(apart, np.ones((2, 3)), grouping="item", seed=0)
