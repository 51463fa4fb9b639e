"""What holds for every metric; a metric added to the registry is tested here without further work."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from hlv.stats.metrics.registry import (
    METRICS,
    InvalidDistributionError,
    Metric,
    Statistic,
    Targets,
    Task,
    UndefinedScoreError,
    UnsupportedTaskError,
    metrics_for,
)
from tests.published import figures

Table = npt.NDArray[np.float64]

TASKS: tuple[Task, ...] = ("single", "multilabel", "ordinal")
N_ITEMS, N_LABELS = 5, 3


def statistics_for(task: Task) -> list[Statistic]:
    """All metrics of a task and the numbers beside them."""
    metrics = metrics_for(task)
    return [*metrics, *(metric.companion for metric in metrics if metric.companion is not None)]


every_statistic = pytest.mark.parametrize(
    ("metric", "task"),
    [
        pytest.param(metric, task, id=f"{metric.name}-{task}")
        for task in TASKS
        for metric in statistics_for(task)
    ],
)
# one draw of tables serves all metrics of a task: drawing costs more than scoring
every_task = pytest.mark.parametrize("task", TASKS)
orders_of_items = st.permutations(range(N_ITEMS))
orders_of_labels = st.permutations(range(N_LABELS))


def _shares(table: npt.NDArray[Any]) -> Table:
    return np.asarray(table / table.sum(axis=1, keepdims=True), dtype=np.float64)


@st.composite
def counts_and_scores(draw: st.DrawFn) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Counts of up to five people and positive scores of a method."""
    counts = draw(arrays(np.int64, (N_ITEMS, N_LABELS), elements=st.integers(0, 5)))
    scores = draw(arrays(np.int64, (N_ITEMS, N_LABELS), elements=st.integers(1, 1000)))
    counts[:, 0] += counts.sum(axis=1) == 0
    return counts, scores


def make_tables(
    drawn: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], task: Task
) -> tuple[Table, Table]:
    counts, scores = drawn
    if task == "multilabel":
        return counts / 5, scores / 1000
    return _shares(counts), _shares(scores)


def score_or_none(metric: Statistic, human: Table, predicted: Table, task: Task) -> float | None:
    try:
        return metric.score(human, predicted, task=task)
    except UndefinedScoreError:
        return None


def assert_same_score(metric: Statistic, first: float | None, second: float | None) -> None:
    assert (first is None) == (second is None), metric.name
    if first is not None:
        assert first == pytest.approx(second, abs=1e-9, rel=1e-9), metric.name


@every_task
@settings(deadline=None)
@given(drawn=counts_and_scores())
def test_a_score_is_a_plain_number_in_the_range(task: Task, drawn: Any) -> None:
    for metric in statistics_for(task):
        value = score_or_none(metric, *make_tables(drawn, task), task)
        if value is not None:
            assert type(value) is float, metric.name
            assert math.isfinite(value), metric.name
            assert metric.range[0] - 1e-12 <= value <= metric.range[1] + 1e-12, metric.name


@every_task
@settings(deadline=None)
@given(drawn=counts_and_scores(), order=orders_of_items)
def test_the_order_of_items_does_not_matter(task: Task, drawn: Any, order: list[int]) -> None:
    human, predicted = make_tables(drawn, task)
    for metric in statistics_for(task):
        assert_same_score(
            metric,
            score_or_none(metric, human, predicted, task),
            score_or_none(metric, human[order], predicted[order], task),
        )


def assert_blind_to_label_order(
    task: Task, metric: Statistic, tables: tuple[Table, Table], order: list[int]
) -> None:
    human, predicted = tables
    if isinstance(metric, Metric) and metric.uses_label_order:
        # a scale may be read from its other end
        order = list(range(N_LABELS))[::-1]
    assert_same_score(
        metric,
        score_or_none(metric, human, predicted, task),
        score_or_none(metric, human[:, order], predicted[:, order], task),
    )


@every_task
@settings(deadline=None)
@given(drawn=counts_and_scores(), order=orders_of_labels)
def test_the_order_of_labels_does_not_matter(task: Task, drawn: Any, order: list[int]) -> None:
    for metric in statistics_for(task):
        if not metric.breaks_ties_by_index:
            assert_blind_to_label_order(task, metric, make_tables(drawn, task), order)


@every_task
@settings(deadline=None)
@given(
    ranks=st.lists(st.permutations(range(1, N_LABELS + 1)), min_size=2 * N_ITEMS, max_size=2 * N_ITEMS),
    order=orders_of_labels,
)
def test_the_order_of_labels_without_ties_matters_to_no_metric(
    task: Task, ranks: list[list[int]], order: list[int]
) -> None:
    table = np.array(ranks, dtype=np.float64) / (N_LABELS + 1)
    both = table if task == "multilabel" else _shares(table)
    for metric in statistics_for(task):
        assert_blind_to_label_order(task, metric, (both[:N_ITEMS], both[N_ITEMS:]), order)


@every_task
@settings(deadline=None)
@given(drawn=counts_and_scores())
def test_a_perfect_prediction_scores_the_optimum_or_is_undefined(task: Task, drawn: Any) -> None:
    human, predicted = make_tables(drawn, task)
    for metric in metrics_for(task):
        perfect = score_or_none(metric, human, human, task)
        other = score_or_none(metric, human, predicted, task)
        if perfect is None:
            assert other is None, metric.name
            continue
        if metric.optimum is not None:
            assert perfect == pytest.approx(metric.optimum, abs=1e-12), metric.name
        if other is not None:
            sign = 1 if metric.higher_is_better else -1
            assert sign * perfect >= sign * other - 1e-12, metric.name


@every_task
@settings(deadline=None)
@given(
    drawn=counts_and_scores(),
    draws=st.lists(st.integers(0, N_ITEMS - 1), min_size=N_ITEMS, max_size=N_ITEMS),
)
def test_weighted_parts_score_a_resample_as_if_its_items_were_repeated(
    task: Task, drawn: Any, draws: list[int]
) -> None:
    human, predicted = make_tables(drawn, task)
    weights = np.stack([np.bincount(draws, minlength=N_ITEMS), np.ones(N_ITEMS, dtype=np.int64)])
    for metric in statistics_for(task):
        parts = metric.parts(human, predicted, task=task)
        scores = metric.combine(weights @ parts)
        assert np.isfinite(parts).all(), metric.name
        for found, rows in zip(scores, (draws, list(range(N_ITEMS))), strict=True):
            expected = score_or_none(metric, human[rows], predicted[rows], task)
            assert_same_score(metric, None if np.isnan(found) else float(found), expected)


@every_task
@settings(deadline=None)
@given(drawn=counts_and_scores())
def test_item_scores_average_to_the_score_where_the_metric_is_a_mean(task: Task, drawn: Any) -> None:
    human, predicted = make_tables(drawn, task)
    for metric in metrics_for(task):
        if metric.is_item_mean(task):
            items = metric.item_scores(human, predicted, task=task)
            assert items.shape == (N_ITEMS,), metric.name
            mean = None if np.isnan(items).any() else float(items.mean())
            assert_same_score(metric, mean, score_or_none(metric, human, predicted, task))
        else:
            with pytest.raises(UnsupportedTaskError, match="not a mean over items"):
                metric.item_scores(human, predicted, task=task)


@every_statistic
def test_a_prepared_truth_gives_the_same_score(metric: Statistic, task: Task) -> None:
    human, predicted = _example(task)
    truth = Targets.of(human, task=task)
    assert metric.score(truth, predicted, task=task) == metric.score(human, predicted, task=task)


@every_statistic
def test_combine_takes_sums_of_any_shape(metric: Statistic, task: Task) -> None:
    parts = metric.parts(*_example(task), task=task)
    sums = np.broadcast_to(parts.sum(axis=0), (2, 3, parts.shape[1]))
    scores = metric.combine(sums)
    assert scores.shape == (2, 3)
    assert_allclose(scores, metric.score(*_example(task), task=task))


@every_statistic
def test_an_output_of_another_shape_is_refused(metric: Statistic, task: Task) -> None:
    human, predicted = _example(task)
    with pytest.raises(InvalidDistributionError, match="predicted has shape"):
        metric.score(human, predicted[1:], task=task)


@every_statistic
def test_an_output_that_is_no_distribution_is_refused_by_row(metric: Statistic, task: Task) -> None:
    human, predicted = _example(task)
    predicted[3, 1] = np.nan
    with pytest.raises(InvalidDistributionError, match="predicted row 3"):
        metric.score(human, predicted, task=task)
    human[2, 0] = -0.1
    with pytest.raises(InvalidDistributionError, match="human row 2"):
        metric.score(human, predicted, task=task)


@pytest.mark.parametrize(
    ("metric", "task"),
    [
        pytest.param(metric, task, id=f"{metric.name}-{task}")
        for metric in METRICS.values()
        for task in TASKS
        if task not in metric.tasks
    ],
)
def test_a_metric_refuses_tasks_in_which_it_means_nothing(metric: Metric, task: Task) -> None:
    human, predicted = _example(task)
    with pytest.raises(UnsupportedTaskError, match=f"{metric.name} is not defined for {task} tasks"):
        metric.score(human, predicted, task=task)


def _example(task: Task) -> tuple[Table, Table]:
    rng = np.random.default_rng(3)
    human, predicted = rng.random((N_ITEMS, N_LABELS)), rng.random((N_ITEMS, N_LABELS))
    if task == "multilabel":
        return human, predicted
    return _shares(human), _shares(predicted)


def test_the_reference_code_agrees(shared_reference: Path) -> None:
    cases = json.loads((shared_reference / "hlv_metrics.json").read_text(encoding="utf-8"))
    for case in cases:
        for name, expected in case["expected"].items():
            tolerance = 1e-8 if name in {"po_jsd", "entropy_correlation"} else 1e-10
            value = METRICS[name].score(case["P"], case["Q"], task=case["task"])
            assert value == pytest.approx(expected, abs=tolerance), (case["name"], name)


def test_the_example_of_the_papers_tests() -> None:
    human, predicted = np.array([figures.SHARES_OF_PEOPLE]), np.array([figures.SHARES_OF_A_MODEL])
    for name, expected in (("po_jsd", figures.PO_JSD), ("soft_accuracy", figures.SOFT_ACCURACY)):
        value = METRICS[name].score(human, predicted, task="single")
        assert value == pytest.approx(expected, abs=1e-12)


def test_the_first_label_wins_a_tie_so_hard_accuracy_depends_on_the_order_of_labels() -> None:
    human, predicted = np.array([figures.TIED_PEOPLE]), np.array([figures.CERTAIN_MODEL])
    accuracy = METRICS["hard_accuracy"]
    assert accuracy.score(human, predicted, task="single") == figures.TIED_ACCURACY
    swapped = accuracy.score(human[:, ::-1], predicted[:, ::-1], task="single")
    assert swapped == figures.TIED_ACCURACY_SWAPPED


@settings(deadline=None)
@given(drawn=counts_and_scores())
def test_known_affine_relations_hold(drawn: Any) -> None:
    human, predicted = make_tables(drawn, "single")

    def score(name: str) -> float:
        return METRICS[name].score(human, predicted, task="single")

    variation = score("total_variation_distance")
    assert score("soft_accuracy") == pytest.approx(1 - variation, abs=1e-12)
    assert score("soft_micro_f1") == pytest.approx(1 - variation, abs=1e-12)
    assert score("manhattan_distance") == pytest.approx(2 * variation, abs=1e-12)
    assert score("dist_ce") == pytest.approx(variation, abs=1e-12)
    entropy_of_humans = METRICS["soft_cross_entropy"].score(human, human, task="single")
    assert score("soft_cross_entropy") == pytest.approx(score("kl_divergence") + entropy_of_humans, abs=1e-12)


@every_task
def test_metrics_of_one_hypothesis_are_affine_copies_over_methods(task: Task) -> None:
    rng = np.random.default_rng(0)
    human = rng.random((20, N_LABELS))
    methods = rng.random((9, 20, N_LABELS))
    if task != "multilabel":
        human, methods = _shares(human), np.stack([_shares(method) for method in methods])
    scores = {m.name: [m.score(human, method, task=task) for method in methods] for m in metrics_for(task)}
    for first in metrics_for(task):
        for second in metrics_for(task):
            correlation = abs(np.corrcoef(scores[first.name], scores[second.name])[0, 1])
            affine = first.hypothesis(task) == second.hypothesis(task)
            assert (correlation > 1 - 1e-9) == affine, (first.name, second.name)


def test_the_family_named_by_the_design_is_one_hypothesis() -> None:
    names = {m.name for m in metrics_for("single") if m.hypothesis("single") == "total_variation"}
    assert names == {
        "soft_accuracy",
        "total_variation_distance",
        "manhattan_distance",
        "dist_ce",
        "soft_micro_f1",
    }
    assert METRICS["soft_micro_f1"].hypothesis("multilabel") == "soft_micro_f1"


def test_names_say_the_direction() -> None:
    for name, metric in METRICS.items():
        assert name == metric.name
        if name.endswith(("_distance", "_divergence", "_loss")):
            assert not metric.higher_is_better
        if name.endswith(("_score", "_correlation", "_f1", "_accuracy")):
            assert metric.higher_is_better
        assert metric.label
        assert metric.source


def test_an_optimum_lies_at_the_better_end_of_the_range() -> None:
    for metric in METRICS.values():
        if metric.optimum is not None:
            assert metric.optimum == metric.range[1 if metric.higher_is_better else 0]


def test_metrics_of_a_task_keep_the_order_of_the_registry() -> None:
    names = [metric.name for metric in metrics_for("multilabel")]
    assert names == [name for name, metric in METRICS.items() if "multilabel" in metric.tasks]
    assert "hard_accuracy" not in names


def test_the_registry_cannot_be_changed_by_accident() -> None:
    with pytest.raises(TypeError):
        METRICS["new"] = METRICS["po_jsd"]  # type: ignore[index]


def test_a_truth_of_another_task_is_refused() -> None:
    truth = Targets.of([[0.5, 0.5]], task="single")
    with pytest.raises(ValueError, match="prepared for task 'single', not 'ordinal'"):
        METRICS["po_jsd"].score(truth, [[0.5, 0.5]], task="ordinal")


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown task 'binary'"):
        METRICS["po_jsd"].score([[0.5, 0.5]], [[0.5, 0.5]], task="binary")  # type: ignore[arg-type]


def test_resamples_are_one_product_of_weights_and_parts() -> None:
    rng = np.random.default_rng(0)
    human, predicted = (_shares(rng.random((500, 5))) for _ in range(2))
    weights = rng.multinomial(500, np.full(500, 1 / 500), size=1000)
    for metric in metrics_for("single"):
        scores = metric.combine(weights @ metric.parts(human, predicted, task="single"))
        assert scores.shape == (1000,)
        assert abs(scores.mean() - metric.score(human, predicted, task="single")) < 4 * scores.std()
