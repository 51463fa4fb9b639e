from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from hlv.core.stored_results import plain
from hlv.stats.pairwise.comparisons import FIRST, SECOND, Cells, make_cells, pair_counts
from hlv.stats.pairwise.rank_centrality import win_rate
from hlv.stats.pairwise.ranking import Ranking, rank_methods, ranks_from_strengths
from hlv.stats.pairwise.ranking_models import RankingModel
from hlv.stats.resampling.chunks import run_in_sequence
from tests.stats.boards import make_random_cells, read_llmfao

NAMES = ["ant", "bee", "cat", "dog", "eel"]
KEYS = {
    "methods", "model", "ties", "tie_parameter", "n_judgments", "n_judges", "n_items", "seed", "n_resamples",
    "n_resamples_without_answer", "interval_method", "resampling_unit", "undetermined", "unconnected",
    "inseparable", "notes",
}  # fmt: skip


def ranked(cells: Cells, names: list[str] = NAMES, **options: Any) -> Ranking:
    return rank_methods(cells, names, **{"seed": 1, "n_resamples": 200} | options)


def as_json(ranking: Ranking) -> dict[str, Any]:
    """The stored form, by way of strict JSON."""
    content = json.loads(json.dumps(plain(ranking.summary()), allow_nan=False))
    assert set(content) >= KEYS
    assert isinstance(content, dict)
    return content


def undefeated() -> Cells:
    return make_cells(first=[0, 0, 1, 1], second=[1, 2, 2, 2], outcome=[0, 0, 0, 1], judge=[1, 2, 1, 2])


def test_methods_come_strongest_first_with_intervals_around_them() -> None:
    content = as_json(ranked(make_random_cells(1, n_judgments=3000)))

    methods = content["methods"]
    assert [method["rank"] for method in methods] == [1, 2, 3, 4, 5]
    assert [method["name"] for method in methods] == NAMES
    assert sum(method["strength"] for method in methods) == pytest.approx(0, abs=1e-12)
    for method in methods:
        low, high = method["interval"]
        assert low < method["strength"] < high
        assert method["rank_interval"][0] <= method["rank"] <= method["rank_interval"][1]
        assert len(method["bootstrap_interval"]) == 2
    assert sum(method["n_judgments"] for method in methods) == 2 * content["n_judgments"]
    assert content["resampling_unit"] == "both"
    assert "two-way" in content["interval_method"]
    assert content["undetermined"] is None


def test_separated_methods_are_in_no_set_together() -> None:
    ranking = ranked(make_random_cells(1, spread=2.0, n_judgments=3000))
    content = as_json(ranking)

    sets = [set(group) for group in content["inseparable"]]
    interval = {method["name"]: method["rank_interval"] for method in content["methods"]}
    assert interval["ant"][1] < interval["eel"][0]
    assert not any({"ant", "eel"} <= group for group in sets)
    assert all(len(group) > 1 for group in sets)


def test_without_an_answer_the_sentence_and_the_groups_are_the_answer() -> None:
    content = as_json(ranked(undefeated(), ["top", "mid", "low"]))
    assert content["undetermined"].endswith("or the win rate.")

    assert "2 groups" in content["undetermined"]
    assert content["unconnected"] == [["top"], ["mid", "low"]]
    assert content["joins"] == [["mid", "top"]]
    for method in content["methods"]:
        assert method["strength"] is None
        assert method["interval"] is None
        assert method["rank"] is None
        assert method["rank_interval"] is None
    assert content["n_resamples"] == 0
    assert content["n_judgments"] == 4


@pytest.mark.parametrize("model", ["bradley-terry", "rank-centrality", "win-rate"])
def test_no_judgments_and_one_method_are_undetermined(model: str) -> None:
    nothing = make_cells(first=[], second=[], outcome=[])

    assert (
        ranked(nothing, model=model).undetermined
        == "There are no judgments yet. Have people judge, or import judgments."
    )
    assert "at least two" in (ranked(nothing, ["alone"], model=model).undetermined or "")
    assert "no methods" in (ranked(nothing, [], model=model).undetermined or "")


def test_all_ties_share_the_first_rank() -> None:
    cells = make_cells(
        first=[0, 1, 0] * 4, second=[1, 2, 2] * 4, outcome=[2] * 12, judge=np.repeat([0, 1, 2, 3], 3).tolist()
    )

    content = as_json(ranked(cells, ["a", "b", "c"]))

    assert [method["rank"] for method in content["methods"]] == [1, 1, 1]
    assert [method["strength"] for method in content["methods"]] == [0, 0, 0]
    # Nobody differs, so how much people vary is not known, and nothing is said of what is separated.
    assert [method["rank_interval"] for method in content["methods"]] == [None] * 3
    assert content["inseparable"] == []
    assert any("agree exactly" in note and "no methods are reported" in note for note in content["notes"])
    assert "Use ties as half" in (ranked(cells, ["a", "b", "c"], ties="davidson").undetermined or "")


@pytest.mark.parametrize("model", ["bradley-terry", "rank-centrality"])
def test_equal_methods_are_not_called_separated_where_one_judge_outweighs_all_others(
    model: RankingModel,
) -> None:
    """Whose taste alone would be the order: the resamples, which draw that judge or not, are no evidence."""
    tastes = np.random.default_rng(4).normal(0, 0.6, (10, 3))
    for seed in range(15):
        rng = np.random.default_rng(seed)
        judge = rng.choice(10, size=1000, p=[0.85] + [0.15 / 9] * 9)
        first = rng.integers(3, size=1000)
        second = (first + rng.integers(1, 3, size=1000)) % 3
        better = rng.random(1000) < 1 / (1 + np.exp(tastes[judge, second] - tastes[judge, first]))
        cells = make_cells(first=first, second=second, outcome=np.where(better, 0, 1), judge=judge)
        found = rank_methods(cells, list("abc"), model=model, n_resamples=100, seed=seed)
        assert found.separation is None
        assert found.best_rank is None
        if model == "bradley-terry":
            assert any("effectively 1." in note for note in found.notes)


def test_the_same_seed_gives_the_same_ranking_to_the_last_bit() -> None:
    cells = make_random_cells(2)

    assert as_json(ranked(cells, seed=5)) == as_json(ranked(cells, seed=5))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_grouping_cells_changes_nothing_but_the_last_digit(seed: int) -> None:
    cells = make_random_cells(seed)
    columns = np.stack([cells.first, cells.second, cells.outcome, cells.judge, cells.item])
    unique, count = np.unique(columns, axis=1, return_counts=True)
    grouped = make_cells(
        first=unique[0], second=unique[1], outcome=unique[2], judge=unique[3], item=unique[4], count=count
    )

    one, other = ranked(cells, n_resamples=20), ranked(grouped, n_resamples=20)

    np.testing.assert_allclose(one.strengths, other.strengths, atol=1e-12)
    np.testing.assert_allclose(one.low, other.low, rtol=1e-8)
    assert one.resamples is not None
    assert other.resamples is not None
    np.testing.assert_allclose(one.resamples.strengths, other.resamples.strengths, atol=1e-8)


def test_the_tie_parameter_and_its_model_are_named() -> None:
    cells = make_random_cells(3)

    assert as_json(ranked(cells, ties="davidson"))["tie_parameter"] > 0
    assert as_json(ranked(cells, ties="rao-kupper"))["tie_parameter"] > 1
    assert as_json(ranked(cells))["tie_parameter"] is None


def test_many_ties_are_said_and_as_what_they_count() -> None:
    said = "ties, counted as half a win each"
    assert any(said in note for note in ranked(make_random_cells(3, share_of_ties=0.3)).notes)
    assert not any(said in note for note in ranked(make_random_cells(3, share_of_ties=0.02)).notes)


def test_dropped_ties_were_judged_and_did_not_enter_the_fit() -> None:
    cells = make_random_cells(3, n_judgments=5000, share_of_ties=0.3)
    dropped, halved = (
        as_json(ranked(cells, ties="drop", n_resamples=0)),
        as_json(ranked(cells, n_resamples=0)),
    )
    assert dropped["n_judgments"] == halved["n_judgments"] == halved["n_judgments_in_fit"] == 5000
    assert dropped["n_judgments_in_fit"] == 5000 - dropped["n_ties"]
    assert f"{dropped['n_ties']:,} ties are left out." in dropped["notes"]


def test_a_tie_model_without_ties_says_that_only_wins_count() -> None:
    ranking = ranked(make_random_cells(3, share_of_ties=0), ties="davidson")

    assert ranking.tie_parameter == 0.0
    assert any("boundary" in note for note in ranking.notes)


def test_a_prior_gives_the_undefeated_a_strength_and_marks_the_intervals() -> None:
    content = as_json(ranked(undefeated(), ["top", "mid", "low"], ridge=0.5))

    assert content["methods"][0]["name"] == "top"
    assert content["ridge"] == 0.5
    assert any("not calibrated" in note for note in content["notes"])
    assert content["interval_method"].endswith("; with a prior, not calibrated")


def test_only_a_fit_with_a_prior_is_said_to_have_one() -> None:
    content = as_json(ranked(make_random_cells(3), ridge=0.0))

    assert content["interval_method"].startswith("CR3")
    assert "prior" not in content["interval_method"]
    assert not any("calibrated" in note for note in content["notes"])


def test_a_difference_that_only_the_prior_informs_has_no_analytic_interval() -> None:
    cells = make_cells(
        first=[0] * 4, second=[1] * 4, outcome=[0, 1, 0, 1], count=[3, 1, 1, 3], judge=[0, 0, 1, 1]
    )

    content = as_json(ranked(cells, ["a", "b", "unseen", "unheard"], ridge=0.5, resample="judgments"))

    assert any("only from the prior" in note for note in content["notes"])
    assert "bootstrap" in content["interval_method"]


def test_where_one_judge_holds_the_board_together_there_is_no_analytic_interval() -> None:
    cells = make_cells(
        first=[0, 0, 0, 0, 1, 1],
        second=[1, 1, 1, 1, 2, 2],
        outcome=[0, 1, 0, 1, 0, 1],
        judge=[0, 0, 1, 1, 1, 1],
    )

    content = as_json(ranked(cells, ["a", "b", "c"]))

    assert content["methods"][0]["strength"] is not None
    assert content["methods"][0]["interval"] is None
    assert content["methods"][0]["rank_interval"] is None
    assert content["interval_method"] is None
    assert content["n_resamples_without_answer"] > 0
    notes = " ".join(content["notes"])
    assert "Without one judge the comparisons no longer connect all methods" in notes
    assert "not estimable" in notes


@pytest.mark.parametrize("model", ["rank-centrality", "win-rate"])
def test_other_models_take_their_intervals_from_the_bootstrap(model: str) -> None:
    content = as_json(ranked(make_random_cells(4, n_judgments=3000), model=model))

    assert content["interval_method"].startswith("bootstrap")
    assert [method["name"] for method in content["methods"]] == NAMES
    for method in content["methods"]:
        assert method["interval"] == method["bootstrap_interval"]
        assert method["rank_interval"] is not None
    assert content["scale"] != "natural log odds, sum 0"


@pytest.mark.parametrize("model", ["rank-centrality", "win-rate"])
@pytest.mark.parametrize(
    ("unit", "n_units"),
    [
        # judges of 60, 30, 20 and 10 judgments, items of 52, 38 and 30; the fewer of both
        ("judges", 120**2 / (60**2 + 30**2 + 20**2 + 10**2)),
        ("items", 120**2 / (52**2 + 38**2 + 30**2)),
        ("both", 120**2 / (52**2 + 38**2 + 30**2)),
        ("judgments", 120),
    ],
)
def test_other_models_are_tested_with_the_spread_of_resamples_and_a_t_of_the_effective_judges(
    model: Any, unit: Any, n_units: float
) -> None:
    cells = make_cells(
        first=[0] * 8,
        second=[1] * 8,
        outcome=[FIRST, SECOND] * 4,
        count=[40, 20, 18, 12, 8, 12, 9, 1],
        judge=[0, 0, 1, 1, 2, 2, 3, 3],
        item=[0, 1, 1, 0, 2, 2, 2, 2],
    )

    found = rank_methods(cells, ["a", "b"], model=model, resample=unit, n_resamples=100, seed=0)

    drawn = found.resamples.strengths[~found.resamples.without_answer] @ [1, -1]  # type: ignore[union-attr]
    ratio = (found.strengths[0] - found.strengths[1]) / np.std(drawn, ddof=1)
    p = 2 * student.sf(ratio, n_units - 1)
    assert found.separation is not None
    np.testing.assert_allclose(found.separation.adjusted_p, [[np.nan, p], [p, np.nan]], rtol=1e-9)


def test_a_win_rate_stays_a_share() -> None:
    cells = make_random_cells(4)

    ranking = ranked(cells, model="win-rate")

    np.testing.assert_allclose(ranking.strengths, win_rate(*pair_counts(cells, 5)))


def test_without_resamples_the_analytic_interval_stays() -> None:
    content = as_json(ranked(make_random_cells(5), n_resamples=0))

    assert content["methods"][0]["interval"] is not None
    assert content["methods"][0]["bootstrap_interval"] is None
    assert content["n_resamples"] == 0
    assert (
        as_json(ranked(make_random_cells(5), n_resamples=0, model="win-rate"))["methods"][0]["interval"]
        is None
    )


def test_unknown_judges_and_items_fall_back_to_bare_judgments_and_say_so() -> None:
    content = as_json(ranked(make_random_cells(6, known=False)))

    assert content["resampling_unit"] == "judgments"
    assert content["n_judges"] == 0
    assert any("single judgments" in note for note in content["notes"])


def test_progress_counts_chunks_to_the_last() -> None:
    seen: list[tuple[int, int]] = []

    ranked(
        make_random_cells(7),
        n_resamples=250,
        run=lambda work: run_in_sequence(work, lambda done, total: seen.append((done, total))),
    )

    assert seen[0] == (1, 3)
    assert seen[-1] == (3, 3)


def test_equal_strengths_share_the_better_rank_in_spite_of_rounding() -> None:
    assert ranks_from_strengths(np.array([0.5, 0.1 + 0.2, 0.3, -1.0])).tolist() == [1, 2, 2, 4]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "elo"}, "unknown model"),
        ({"ties": "ignore"}, "unknown ties rule"),
        ({"resample": "pairs"}, "cannot resample"),
        ({"ridge": -1.0}, "precision"),
        (
            {"model": "win-rate", "ties": "davidson"},
            "belongs to the model bradley-terry; win-rate knows half, drop",
        ),
        ({"model": "rank-centrality", "ties": "rao-kupper"}, "rank-centrality knows half, drop, denominator"),
        ({"ties": "denominator"}, "belongs to the model rank-centrality; bradley-terry knows half, davidson"),
        ({"model": "rank-centrality", "ridge": 1.0}, "takes no prior"),
        ({"n_resamples": -1}, "negative"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ranked(make_random_cells(1), **options)


def test_intervals_that_rest_on_few_judges_are_named_with_how_many() -> None:
    # Judges with 4, 8 and 4 judgments are effectively 1 / (1/16 + 1/4 + 1/16) = 2.67 judges.
    three = make_cells(
        first=[0] * 6,
        second=[1] * 6,
        outcome=[0, 1, 0, 1, 0, 1],
        count=[3, 1, 6, 2, 1, 3],
        judge=[0, 0, 1, 1, 2, 2],
    )
    content = as_json(ranked(three, ["ant", "bee"]))
    assert [method["degrees_of_freedom"] for method in content["methods"]] == pytest.approx([5 / 3, 5 / 3])
    (note,) = [note for note in content["notes"] if "effectively" in note]
    assert "fewer than 4 judges" in note
    assert note.endswith("for ant (2.7), bee (2.7).")

    many = as_json(ranked(make_random_cells(1, n_judgments=3000)))
    assert not any("effectively" in note for note in many["notes"])


def test_llmfao_is_ranked_as_the_reference_says(shared_data: Path, shared_reference: Path) -> None:
    reference = json.loads((shared_reference / "llmfao_ranking.json").read_text(encoding="utf-8"))["crowd"]
    cells, names = read_llmfao(shared_data, "crowd")

    content = as_json(ranked(cells, names, n_resamples=100))

    assert (content["n_judgments"], content["n_judges"], content["n_items"]) == (8931, 124, 13)
    for method in content["methods"]:
        assert method["strength"] == pytest.approx(reference["half_tie_strengths"][method["name"]], abs=1e-6)
        assert method["interval"][0] < method["strength"] < method["interval"][1]


def test_an_automatic_judge_has_items_only_and_resamples_without_an_answer(shared_data: Path) -> None:
    cells, names = read_llmfao(shared_data, "gpt4-crowd")

    content = as_json(ranked(cells, names, n_resamples=300))

    assert content["resampling_unit"] == "items"
    assert content["n_resamples_without_answer"] > 15
    assert "not estimable" in content["bootstrap_rule"]
    assert any("weak prior" in note for note in content["notes"])
