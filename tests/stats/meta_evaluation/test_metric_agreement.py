"""How well metrics rank nine methods as people do: values, methods left out, and reasons."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation.metric_agreement import (
    HumanScores,
    MetricScores,
    agree,
    automatic_judge_scores,
    few_methods_sentence,
    human_scores,
)
from hlv.stats.meta_evaluation.permutation import NullOrders
from hlv.stats.pairwise.comparisons import make_cells
from hlv.stats.pairwise.ranking import rank_methods
from hlv.stats.resampling.chunks import ChunkedWork, Runner, run_in_sequence
from tests.stats.boards import make_random_cells, read_llmfao
from tests.stats.meta_evaluation.agreement_making import (
    METHODS,
    STRENGTHS,
    agreement,
    ends,
    make_metric,
    noisy,
    rows,
)


def test_a_row_has_what_the_command_prints() -> None:
    human = HumanScores(STRENGTHS, noisy(STRENGTHS, seed=1))
    scores = STRENGTHS + np.random.default_rng(9).normal(scale=0.4, size=9)

    (row,) = rows(agreement(human, make_metric(values=scores, resampled=noisy(scores, seed=2))))

    assert row.name == "score"
    assert row.n_methods == 9
    assert row.undetermined is None
    assert row.n_resamples == 300
    assert row.n_resamples_without_answer == 0
    tau = row.coefficients["kendall_tau_b"]
    assert tau.value == pytest.approx(stats.kendalltau(scores, STRENGTHS).statistic)
    assert row.coefficients["spearman"].value == pytest.approx(stats.spearmanr(scores, STRENGTHS).statistic)
    assert row.coefficients["pearson"].value == pytest.approx(stats.pearsonr(scores, STRENGTHS).statistic)
    low, high = ends(row, "kendall_tau_b")
    assert tau.value is not None
    assert low < tau.value <= high
    assert tau.resample_mean is not None
    assert tau.resample_mean < tau.value
    assert tau.p is not None
    assert 0 < tau.p <= 1
    assert row.coefficients["pairwise_accuracy"].value == pytest.approx((1 + tau.value) / 2)
    assert (
        row.coefficients["soft_pairwise_accuracy"].value > row.coefficients["soft_pairwise_accuracy"].chance
    )
    assert row.interval_rule.startswith(
        "Errors-in-variables posterior, errors of both sides: people from resamples"
    )


def test_a_loss_is_turned_so_that_agreement_is_positive() -> None:
    resampled = noisy(-STRENGTHS, seed=3)
    loss = make_metric("loss", -STRENGTHS, higher_is_better=False, resampled=resampled)
    gain = make_metric("gain", STRENGTHS, resampled=-resampled)

    first, second = rows(agreement(HumanScores(STRENGTHS), loss, gain))

    assert first.higher_is_better is False
    assert first.coefficients["kendall_tau_b"] == second.coefficients["kendall_tau_b"]
    assert first.coefficients["kendall_tau_b"].value == 1


def test_a_missing_score_leaves_its_method_out_by_name() -> None:
    values, resampled = STRENGTHS.copy(), noisy(STRENGTHS, seed=4)
    values[2] = np.nan
    resampled[:, 2] = np.nan

    (row,) = rows(agreement(HumanScores(STRENGTHS), make_metric(values=values, resampled=resampled)))

    assert row.n_methods == 8
    assert row.left_out == ["c"]
    assert row.n_resamples_without_answer == 0
    assert row.coefficients["kendall_tau_b"].interval is not None


def test_a_missing_human_score_leaves_its_method_out_too() -> None:
    human = STRENGTHS.copy()
    human[0] = np.nan

    (row,) = rows(agreement(HumanScores(human), make_metric()))

    assert row.left_out == ["a"]


@pytest.mark.parametrize(
    ("human", "metric", "reason"),
    [
        (HumanScores(STRENGTHS), make_metric(values=np.full(9, 0.5)), "same score"),
        (HumanScores(np.zeros(9)), make_metric(), "rank all methods equal"),
        (HumanScores(np.full(9, np.nan), undetermined="Two groups."), make_metric(), "Two groups"),
        (HumanScores(STRENGTHS), make_metric(undetermined="No labels."), "No labels"),
        (HumanScores(STRENGTHS), make_metric(values=np.array([1.0] + [np.nan] * 8)), "Only 1 methods"),
    ],
)
def test_what_cannot_be_said_is_undetermined_with_its_reason(
    human: HumanScores, metric: MetricScores, reason: str
) -> None:
    (row,) = rows(agreement(human, metric))

    assert reason in row.undetermined
    assert row.coefficients["kendall_tau_b"].value is None
    assert row.coefficients["kendall_tau_b"].interval is None
    assert row.coefficients["kendall_tau_b"].p is None


def test_an_infinite_score_takes_only_pearson_away() -> None:
    values = STRENGTHS.copy()
    values[0] = np.inf

    (row,) = rows(agreement(HumanScores(STRENGTHS), make_metric(values=values)))

    assert row.coefficients["kendall_tau_b"].value == 1
    assert row.coefficients["pearson"].value is None
    assert row.coefficients["pearson"].undetermined == "A score is infinite."


def test_the_same_seed_gives_the_same_table() -> None:
    human = HumanScores(STRENGTHS, noisy(STRENGTHS, seed=1))
    metric = make_metric(values=noisy(STRENGTHS, seed=8)[0])

    assert agreement(human, metric) == agreement(human, metric)


@pytest.mark.parametrize(
    ("n_methods", "people_tie", "expected"),
    [(9, False, None), (9, True, None), (12, False, 999), (12, True, 999)],
)
def test_the_random_orders_are_recorded_that_were_drawn(
    n_methods: int, people_tie: bool, expected: int | None
) -> None:
    generator = np.random.default_rng(2)
    people, scores = generator.normal(size=(2, n_methods))
    if people_tie:
        people[1] = people[0] + 1e-10
    found = agree(
        HumanScores(people),
        [MetricScores("a", True, scores)],
        methods=[str(place) for place in range(n_methods)],
        seed=1,
        n_permutations=999,
    )

    coefficients = found.metrics[0].coefficients
    tau, spearman = coefficients["kendall_tau_b"].p_from, coefficients["spearman"].p_from
    assert tau is not None
    assert spearman is not None
    assert found.n_permutations == expected
    assert tau.kind == (spearman.kind if people_tie else "exact")
    assert spearman.kind == ("all orders" if n_methods == 9 else "random orders")


def test_every_work_is_given_to_a_runner_by_its_name() -> None:
    human = HumanScores(STRENGTHS, noisy(STRENGTHS, seed=1))
    given: list[tuple[str, str]] = []

    def runners(name: str) -> Runner:
        def run(work: ChunkedWork) -> FloatArray:
            given.append((name, work.kind))
            return run_in_sequence(work)

        return run

    found = agreement(
        human, make_metric("x"), make_metric("y", resampled=noisy(STRENGTHS, seed=2)), runners=runners
    )

    assert given == [
        ("joint resamples", "joint resamples"),
        ("permutations", "permuted correlations"),
        ("permuted shares", "permuted shares"),
    ]
    assert [row.undetermined for row in found.metrics] == [None, None]


@pytest.mark.parametrize(
    ("human", "metric", "message"),
    [
        (HumanScores(np.zeros(3)), make_metric(), "3 values for 9"),
        (HumanScores(STRENGTHS), make_metric(values=np.zeros(2)), "2 values for 9"),
        (HumanScores(STRENGTHS, np.zeros((5, 3))), make_metric(), "not of 9 methods"),
        (HumanScores(STRENGTHS, np.zeros((5, 9)), np.zeros(4, dtype=bool)), make_metric(), "each resample"),
        (HumanScores(STRENGTHS, np.zeros((5, 9))), make_metric(resampled=np.zeros((6, 9))), "equally many"),
    ],
)
def test_shapes_that_do_not_match_are_refused(human: HumanScores, metric: MetricScores, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agreement(human, metric)


def test_four_methods_are_worded_honestly() -> None:
    sentence = few_methods_sentence(4)

    assert sentence == (
        "With 4 methods the smallest possible two-sided p of a rank correlation is .083: "
        "no metric can reach .05. Add methods."
    )
    found = agreement(HumanScores(STRENGTHS[:4]), make_metric(values=STRENGTHS[:4]), methods=METHODS[:4])
    assert found.notes == [sentence]
    assert rows(found)[0].coefficients["kendall_tau_b"].p == pytest.approx(2 / 24)


def test_nine_methods_say_how_far_tau_must_go() -> None:
    sentence = few_methods_sentence(9) or ""

    assert "|tau| must be at least .556" in sentence
    assert "changes it by .056" in sentence
    assert few_methods_sentence(20) is None


def test_a_ranking_becomes_the_human_side_and_an_automatic_judge_a_metric() -> None:
    people = rank_methods(make_random_cells(1), list("abcde"), seed=1, n_resamples=50)
    judge = rank_methods(make_random_cells(2, n_methods=4), list("dcba"), seed=2, n_resamples=50)

    metric = automatic_judge_scores("judge", judge, list("abcde"))
    (row,) = rows(agreement(human_scores(people), metric, methods=list("abcde")))

    assert metric.values[0] == judge.strengths[3]
    assert row.left_out == ["e"]
    assert row.coefficients["kendall_tau_b"].value < 0
    assert row.coefficients["kendall_tau_b"].interval is not None


def test_an_undetermined_ranking_makes_every_metric_undetermined() -> None:
    cells = make_cells(first=[0], second=[1], outcome=[0])
    nowhere = rank_methods(cells, ["a", "b"], seed=1)
    somewhere = rank_methods(make_random_cells(1, n_methods=2), ["a", "b"], seed=1, n_resamples=0)

    no_people = agreement(human_scores(nowhere), make_metric(values=np.arange(2.0)), methods=["a", "b"])
    no_judge = agreement(
        human_scores(somewhere), automatic_judge_scores("j", nowhere, ["a", "b"]), methods=["a", "b"]
    )

    assert no_people.undetermined is not None
    assert "2 groups" in (no_people.metrics[0].undetermined or "")
    assert "2 groups" in (no_judge.metrics[0].undetermined or "")
    assert no_judge.undetermined is None


def test_llmfao_automatic_judges_agree_with_the_crowd_as_the_reference_says(
    shared_data: Path, shared_reference: Path
) -> None:
    reference = json.loads((shared_reference / "llmfao_ranking.json").read_text(encoding="utf-8"))
    rankings = {}
    for seed, name in enumerate(["crowd", "gpt3-crowd", "gpt4-crowd"]):
        cells, names = read_llmfao(shared_data, name)
        rankings[name] = rank_methods(cells, names, seed=seed, n_resamples=200)
    crowd = rankings.pop("crowd")

    found = rows(
        agreement(
            human_scores(crowd),
            *(automatic_judge_scores(name, ranking, crowd.names) for name, ranking in rankings.items()),
            methods=crowd.names,
        )
    )

    for row in found:
        expected = reference[row.name]["agreement_with_crowd"]
        assert row.n_methods == expected["n"]
        for coefficient in ("kendall_tau_b", "spearman", "pearson"):
            assert row.coefficients[coefficient].value == pytest.approx(expected[coefficient], abs=1e-6)
            assert row.coefficients[coefficient].interval is not None
            assert row.coefficients[coefficient].p <= 0.001
            if coefficient != "kendall_tau_b":
                assert row.coefficients[coefficient].p_from == NullOrders("random orders", 999)
    assert found[0].n_resamples_without_answer == 0
    assert found[1].n_resamples_without_answer > 0


@pytest.mark.parametrize(("metric", "expected"), [("LC AlpacaEval 2.0", 0.975), ("AlpacaEval 2.0", 0.931)])
def test_alpaca_eval_with_blanks_against_a_human_column(
    shared_data: Path, metric: str, expected: float
) -> None:
    with (shared_data / "alpaca_eval" / "benchmarks.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    elo, scores = (
        np.array([float(row[column]) if row[column] else np.nan for row in table])
        for column in ("Arena Elo\n[Feb 2, 2024]", metric)
    )

    (row,) = rows(
        agreement(HumanScores(elo), make_metric(metric, scores), methods=[line["Model"] for line in table])
    )

    assert row.coefficients["spearman"].value == pytest.approx(expected, abs=5e-4)
    assert row.coefficients["spearman"].interval is None
    assert row.n_methods == int((~np.isnan(elo) & ~np.isnan(scores)).sum())
    assert row.n_methods + len(row.left_out) == len(table)
