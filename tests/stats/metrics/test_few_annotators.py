from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import InvalidDistributionError, Task
from hlv.stats.metrics.few_annotators import CORRECTIONS, corrected_score
from hlv.stats.metrics.metric import UndefinedScoreError, UnsupportedTaskError
from hlv.stats.metrics.registry import METRICS
from tests.stats.labels.answer_tables import answer_tables

POPULATION = np.array([0.5, 0.3, 0.2])
OUTPUTS = {
    "the population": POPULATION,
    "sharper": np.array([0.8, 0.15, 0.05]),
    "flatter": np.array([0.4, 0.3, 0.3]),
}
CORRECTED = [name for name, correction in CORRECTIONS.items() if correction.kind != "none"]


def expectations(metric: str, output: FloatArray, m: int) -> tuple[float, float]:
    """Exact expectation of the observed and of the corrected score of one item with m annotators."""
    tables, chances = answer_tables(POPULATION, m)
    found = [corrected_score(metric, [row], [output], task="single") for row in tables]
    return float(chances @ [one.observed for one in found]), float(chances @ [one.corrected for one in found])


def test_every_metric_states_its_correction() -> None:
    assert set(CORRECTIONS) == set(METRICS)
    assert all(correction.reason.endswith(".") for correction in CORRECTIONS.values())


@pytest.mark.parametrize("metric", ["brier_loss", "soft_cross_entropy", "perspectivist_error_rate"])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("m", [2, 3, 5])
def test_an_unbiased_score_expects_that_of_the_population(metric: str, output: str, m: int) -> None:
    observed, corrected = expectations(metric, OUTPUTS[output], m)

    truth = METRICS[metric].score([POPULATION], [OUTPUTS[output]], task="single")
    assert corrected == pytest.approx(truth, abs=1e-12)
    assert (observed == pytest.approx(truth)) == (CORRECTIONS[metric].kind == "unbiased")


@pytest.mark.parametrize("metric", ["po_jsd", "kl_divergence"])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("m", [4, 6])
def test_a_jackknife_removes_most_of_the_bias(metric: str, output: str, m: int) -> None:
    observed, corrected = expectations(metric, OUTPUTS[output], m)

    truth = METRICS[metric].score([POPULATION], [OUTPUTS[output]], task="single")
    assert abs(corrected - truth) < 0.35 * abs(observed - truth)


def expected_gap(metric: str, m: int) -> tuple[float, float]:
    """By how much the population's own shares are expected to win against a sharp output: observed, corrected."""
    sign, gap = 1 if METRICS[metric].higher_is_better else -1, np.zeros(2)
    for population in np.array([[0.9, 0.05, 0.05], [0.55, 0.35, 0.1]]):
        sharp = population**1.6 / (population**1.6).sum()
        tables, chances = answer_tables(population, m)
        for weight, output in ((sign, population), (-sign, sharp)):
            found = [corrected_score(metric, [row], [output], task="single") for row in tables]
            gap += weight * chances @ np.array([[one.observed, one.corrected] for one in found]) / 2
    return float(gap[0]), float(gap[1])


def test_po_jsd_prefers_sharp_outputs_until_it_is_corrected() -> None:
    # With 3 annotators the jackknife reduces the preference; from 4 it removes it. Observed shares need 8.
    gaps = {m: expected_gap("po_jsd", m) for m in (3, 4, 6, 8)}

    assert gaps[3] == pytest.approx((-0.0109, -0.0027), abs=5e-5)
    assert gaps[4] == pytest.approx((-0.0077, 0.0020), abs=5e-5)
    assert gaps[6][0] < 0 < gaps[6][1]
    assert 0 < gaps[8][0] < gaps[8][1]


@pytest.mark.parametrize("metric", ["brier_loss", "kl_divergence", "soft_cross_entropy"])
def test_a_bias_that_is_equal_for_all_outputs_keeps_their_order(metric: str) -> None:
    gaps = np.array([expected_gap(metric, m) for m in (2, 3, 6)])

    np.testing.assert_allclose(gaps, gaps[0, 0], atol=1e-12)
    assert gaps[0, 0] > 0


@pytest.mark.parametrize("metric", CORRECTED)
def test_many_annotators_need_no_correction(metric: str) -> None:
    generator = np.random.default_rng(1)
    population = generator.dirichlet(np.ones(3) * 2, size=50)
    output = generator.dirichlet(np.ones(3) * 2, size=50)

    found = corrected_score(metric, np.round(population * 1e6), output, task="single")

    assert found.corrected == pytest.approx(found.observed, abs=1e-4)
    assert found.observed == pytest.approx(METRICS[metric].score(population, output, task="single"), abs=1e-3)


@pytest.mark.parametrize("metric", CORRECTED)
def test_a_label_is_corrected_as_two_outcomes_are(metric: str) -> None:
    counts, output = np.array([[3], [1], [4]]), np.array([[0.6], [0.4], [0.9]])

    found = corrected_score(metric, counts, output, task="multilabel", n_annotators=[5, 4, 6])

    one_label = corrected_score(
        metric, np.hstack([counts, [[2], [3], [2]]]), np.hstack([output, 1 - output]), task="single"
    )
    assert found.observed == pytest.approx(one_label.observed)
    assert found.corrected == pytest.approx(one_label.corrected)


def test_corrected_scores_have_these_values() -> None:
    counts, output = [[2, 1, 0], [3, 0, 0], [2, 2, 1]], [[0.6, 0.3, 0.1], [0.8, 0.1, 0.1], [0.3, 0.4, 0.3]]

    found = {metric: corrected_score(metric, counts, output, task="single").corrected for metric in CORRECTED}

    # By hand: squared distances less the sum of p (1 - p) / (m - 1); a unanimous item has no variance.
    by_hand = np.mean([(1 / 15) ** 2 + (1 / 30) ** 2 + 0.01 - 4 / 18, 0.06, 0.02 - 0.64 / 4])
    assert found["brier_loss"] == pytest.approx(by_hand)
    assert found["po_jsd"] == pytest.approx(1.0428361094, abs=1e-9)
    assert found["kl_divergence"] == pytest.approx(-0.1081348941, abs=1e-9)


def test_items_with_one_annotator_are_left_out_and_counted() -> None:
    counts, output = np.array([[2, 1], [0, 1], [1, 1]]), np.array([[0.5, 0.5], [0.1, 0.9], [0.3, 0.7]])

    found = corrected_score("brier_loss", counts, output, task="single")

    assert (found.n_items, found.n_left_out) == (2, 1)
    assert (
        found.corrected
        == corrected_score("brier_loss", counts[[0, 2]], output[[0, 2]], task="single").corrected
    )


@pytest.mark.parametrize("metric", [name for name in CORRECTIONS if name not in CORRECTED])
def test_a_score_without_a_correction_states_the_reason(metric: str) -> None:
    task: Task = "ordinal" if "ordinal" in METRICS[metric].tasks else "multilabel"
    n_annotators = [3] if task == "multilabel" else None

    with pytest.raises(UndefinedScoreError, match=CORRECTIONS[metric].reason[:20]):
        corrected_score(metric, [[2, 1]], [[0.5, 0.5]], task=task, n_annotators=n_annotators)


def test_answers_that_cannot_be_corrected_are_refused() -> None:
    half = [[0.5, 0.5]]
    with pytest.raises(UndefinedScoreError, match="two annotators"):
        corrected_score("brier_loss", [[1, 0]], half, task="single")
    with pytest.raises(UndefinedScoreError, match="infinite"):
        corrected_score("kl_divergence", [[2, 1]], [[1.0, 0.0]], task="single")
    with pytest.raises(InvalidDistributionError, match="not a count"):
        corrected_score("brier_loss", [[np.nan, 1]], half, task="single")
    with pytest.raises(InvalidDistributionError, match="shape"):
        corrected_score("brier_loss", [[2, 1, 0]], half, task="single")
    with pytest.raises(InvalidDistributionError, match="whole numbers"):
        corrected_score("brier_loss", [[1.5]], [[0.5]], task="multilabel", n_annotators=[3])
    with pytest.raises(UnsupportedTaskError):
        corrected_score("wasserstein_distance", [[2, 1]], half, task="single")
    with pytest.raises(ValueError, match="need n_annotators"):
        corrected_score("brier_loss", [[2, 1]], half, task="multilabel")
    with pytest.raises(ValueError, match="n_annotators is for multilabel"):
        corrected_score("brier_loss", [[2, 1]], half, task="single", n_annotators=[3])
