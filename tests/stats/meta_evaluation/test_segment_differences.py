"""Tests between metrics text by text: exchanges of whole documents, against loops and SciPy."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import kendalltau, permutation_test, ttest_1samp

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation.grouped_agreement import GROUPED_COEFFICIENTS, grouped_agreement
from hlv.stats.meta_evaluation.score_cells import UndeterminedGroupedAgreementError
from hlv.stats.meta_evaluation.segment_differences import segment_differences
from hlv.stats.pairwise.multiple_comparisons import holm
from hlv.stats.resampling.sign_flips import sign_flips


def make_metrics(
    seed: int, *, n_systems: int = 6, n_items: int = 10
) -> tuple[dict[str, FloatArray], FloatArray]:
    rng = np.random.default_rng(seed)
    human = np.round(rng.normal(size=(n_systems, 1)) + rng.normal(size=(n_systems, n_items)), 1)
    return {
        "near": human + 0.5 * rng.normal(size=human.shape),
        "far": human + 2.0 * rng.normal(size=human.shape),
        "noise": rng.normal(size=human.shape),
    }, human


def taus(table: FloatArray, human: FloatArray) -> FloatArray:
    return np.array([kendalltau(x, y).statistic for x, y in zip(table.T, human.T, strict=True)])


def test_texts_are_exchanged_as_scipy_does() -> None:
    metrics, human = make_metrics(1)

    (found, *_) = segment_differences(metrics, human, seed=0)

    assert (found.coefficient, found.exact, found.n_permutations) == ("kendall_tau_b", True, 1024)
    for pair in found.pairs:
        one, other = (taus(metrics[side[0]], human) for side in (pair.first, pair.second))
        expected = permutation_test(
            (one, other), lambda x, y: np.mean(x - y), permutation_type="samples", n_resamples=np.inf
        )
        assert pair.difference == pytest.approx(np.mean(one - other))
        assert pair.p == pytest.approx(expected.pvalue)
        assert pair.interval == pytest.approx(ttest_1samp(one - other, 0).confidence_interval())
    p = {(*pair.first, *pair.second): pair for pair in found.pairs}
    assert [pair.adjusted_p for pair in p.values()] == pytest.approx(
        holm(np.array([pair.p for pair in p.values()]))
    )
    assert found.smallest_p == pytest.approx(3 * 2 / 1024)


def test_documents_are_exchanged_whole() -> None:
    metrics, human = make_metrics(2)
    documents = np.array([5, 5, 5, 7, 7, 9, 9, 9, 9, 4])

    found = segment_differences(
        {"near": metrics["near"], "far": metrics["far"]}, human, documents=documents, seed=0
    )
    (pair,) = found[0].pairs

    differences = taus(metrics["near"], human) - taus(metrics["far"], human)
    sums = [differences[documents == code].sum() for code in (4, 5, 7, 9)]
    reached = [abs(np.dot(signs, sums)) >= abs(sum(sums)) - 1e-12 for signs in product((1, -1), repeat=4)]
    assert pair.p == pytest.approx(np.mean(reached))
    assert (pair.n_units, pair.n_texts, pair.interval) == (4, 10, None)


def test_means_are_those_of_the_agreement_per_text() -> None:
    metrics, human = make_metrics(3)
    metrics["far"][2, 4] = np.nan

    found = segment_differences({"near": metrics["near"], "far": metrics["far"]}, human, seed=0)

    shared = np.where(np.isnan(metrics["far"]), np.nan, human)
    for one in found:
        values = [
            grouped_agreement(metrics[name], shared, grouping="item", unit=None, seed=0)
            .coefficients[one.coefficient]
            .value
            for name in one.pairs[0].first + one.pairs[0].second
        ]
        assert one.pairs[0].difference == pytest.approx(values[0] - values[1])
        assert one.n_cells == 59
    assert [one.coefficient for one in found] == list(GROUPED_COEFFICIENTS)


def test_a_copy_on_another_scale_is_no_other_metric() -> None:
    metrics, human = make_metrics(4)

    found = segment_differences({**metrics, "copy": 100 + 3 * metrics["far"]}, human, seed=0)

    alone = segment_differences(metrics, human, seed=0)
    for one, other in zip(found, alone, strict=True):
        assert len(one.pairs) == 3
        assert any(["far", "copy"] in (pair.first, pair.second) for pair in one.pairs)
        assert sorted(pair.adjusted_p for pair in one.pairs) == sorted(
            pair.adjusted_p for pair in other.pairs
        )


def test_many_texts_take_random_exchanges_that_the_seed_decides() -> None:
    metrics, human = make_metrics(5, n_items=40)
    # Hardly better than the one that is far: the p of the two is not the smallest that there is.
    metrics["less far"] = human + 1.9 * np.random.default_rng(6).normal(size=human.shape)

    found, again, other = (
        segment_differences(metrics, human, n_permutations=499, seed=seed)[0] for seed in (1, 1, 2)
    )

    assert found == again
    assert found != other
    assert not found.exact
    close = next(pair for pair in found.pairs if (pair.first, pair.second) == (["far"], ["less far"]))
    differences = taus(metrics["far"], human) - taus(metrics["less far"], human)
    signs = np.concatenate(list(sign_flips(40, 499, seed=1)))
    hits = (np.abs(signs @ differences) >= abs(differences.sum()) - 1e-12).sum()
    assert close.p == (1 + hits) / 500
    assert found.smallest_p == pytest.approx(6 / 500)


def test_scores_without_a_text_in_common_are_refused() -> None:
    human = np.arange(6.0).reshape(2, 3)
    with pytest.raises(UndeterminedGroupedAgreementError, match="Fewer than two systems"):
        segment_differences(
            {"a": np.array([[1.0, np.nan, np.nan]] * 2), "b": np.array([[np.nan, 1.0, 2.0]] * 2)},
            human,
            seed=0,
        )
    apart = np.array([[1.0, np.nan, np.nan], [np.nan, 2.0, 3.0]])
    with pytest.raises(UndeterminedGroupedAgreementError, match="No text has two systems"):
        segment_differences({"a": apart, "b": apart}, human, seed=0)
    with pytest.raises(ValueError, match="two metrics"):
        segment_differences({"a": human}, human, seed=0)
    with pytest.raises(ValueError, match="one shape"):
        segment_differences({"a": human, "b": human[:, :2]}, human, seed=0)
