from __future__ import annotations

import statistics

import numpy as np
import pytest
from scipy.stats import kendalltau, median_abs_deviation, pearsonr, spearmanr

from hlv.stats.meta_evaluation.outlier_systems import (
    UndeterminedOutliersError,
    agreement_without_outliers,
    outlier_systems,
    robust_z,
)
from tests.published import wmt


def test_wmt19_english_to_german_has_the_outliers_of_the_source() -> None:
    assert tuple(np.flatnonzero(outlier_systems(wmt.WMT19_EN_DE_HUMAN))) == wmt.WMT19_EN_DE_OUTLIERS


@pytest.mark.parametrize("name", ["BLEU", "sacreBLEU"])
def test_agreement_is_that_of_scipy_with_and_without_outliers(name: str) -> None:
    metric = {"BLEU": wmt.WMT19_EN_DE_BLEU, "sacreBLEU": wmt.WMT19_EN_DE_SACREBLEU}[name]

    found = agreement_without_outliers(metric, wmt.WMT19_EN_DE_HUMAN)

    assert found.full["pearson"] == pytest.approx(wmt.WMT19_EN_DE_R[name], abs=5e-4)
    kept = [place for place in range(22) if place not in wmt.WMT19_EN_DE_OUTLIERS]
    for values, places in ((found.full, range(22)), (found.without, kept)):
        x, y = [metric[place] for place in places], [wmt.WMT19_EN_DE_HUMAN[place] for place in places]
        assert values["pearson"] == pytest.approx(pearsonr(x, y).statistic)
        assert values["spearman"] == pytest.approx(spearmanr(x, y).statistic)
        assert values["kendall_tau_b"] == pytest.approx(kendalltau(x, y).statistic)
    assert (found.n_full, found.n_without) == (22, 20)


def test_sacrebleu_without_outliers_has_this_value() -> None:
    found = agreement_without_outliers(wmt.WMT19_EN_DE_SACREBLEU, wmt.WMT19_EN_DE_HUMAN)

    assert (found.full["pearson"], found.without["pearson"]) == pytest.approx(
        (0.9693612728, 0.8061972638), abs=1e-9
    )


def test_z_is_the_distance_from_the_median_in_scaled_deviations() -> None:
    scores = np.random.default_rng(2).normal(size=15)

    deviation = 1.4826 * median_abs_deviation(scores)
    expected = [(score - statistics.median(scores)) / deviation for score in scores]
    np.testing.assert_allclose(robust_z(scores), expected)
    np.testing.assert_allclose(robust_z(5 - 3 * scores), -robust_z(scores))


def test_a_loss_agrees_as_its_negative_does() -> None:
    metric = np.array(wmt.WMT19_EN_DE_BLEU)

    one = agreement_without_outliers(-metric, wmt.WMT19_EN_DE_HUMAN, higher_is_better=False)

    assert one.full == agreement_without_outliers(metric, wmt.WMT19_EN_DE_HUMAN).full


def test_a_constant_metric_has_no_agreement() -> None:
    found = agreement_without_outliers([1.0] * 5, [1.0, 2.0, 3.0, 4.0, 90.0])

    assert set(found.full.values()) == set(found.without.values()) == {None}
    assert found.outliers.tolist() == [False] * 4 + [True]


def test_scores_without_a_rule_are_refused() -> None:
    with pytest.raises(UndeterminedOutliersError, match="2 systems"):
        robust_z([1.0, 2.0])
    with pytest.raises(UndeterminedOutliersError, match="median absolute deviation is 0"):
        robust_z([1.0, 1.0, 1.0, 2.0])
    with pytest.raises(ValueError, match="finite human score"):
        robust_z([1.0, np.nan, 2.0])
    with pytest.raises(ValueError, match="one finite score of the metric"):
        agreement_without_outliers([1.0, 2.0, np.nan], [1.0, 2.0, 3.0])
