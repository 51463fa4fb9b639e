"""`hlv rank`: what it prints, stores and refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hlv.core.rendering.terminal import terminal_table
from hlv.core.stored_results import load, plain
from hlv.stats.pairwise.ranking import rank_methods
from metaeval.findings.ranking_tables import other_models_table, ranking_table
from metaeval.models import Campaign, Ranking
from metaeval.results.ranking import RankingResult, read_ranking
from tests.hlv.result_commands import hlv, make_judged
from tests.making import (
    make_imported_judgment,
)
from tests.stats.pairwise.test_fixed_judges import cells_of, make_judgments

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


@pytest.mark.both_databases
def test_rank_prints_the_shape_that_programs_rely_on() -> None:
    make_judged()
    code, out, _ = hlv("rank", "judged", "--n-resamples=20", "--seed=4", "--json")
    result: dict[str, Any] = json.loads(out)
    assert code == 0
    assert {
        "methods", "model", "ties", "tie_parameter", "n_judgments", "n_judges", "seed", "n_resamples",
        "undetermined", "unconnected", "inseparable",
    } <= result.keys()  # fmt: skip
    assert {"name", "strength", "interval", "rank", "rank_interval", "n_judgments"} <= result["methods"][
        0
    ].keys()
    assert (result["seed"], result["n_resamples"], result["n_judgments"]) == (4, 20, 12)


def test_rank_says_whether_cannot_judge_has_to_do_with_the_methods() -> None:
    make_judged()
    campaign = Campaign.objects.get()
    alpha, beta, _ = campaign.study.methods.all()
    for judge in campaign.study.participants.filter(role="judge"):
        make_imported_judgment(campaign, winner=alpha, loser=beta, judge=judge, cannot=True)
    said = " ".join(hlv("rank", "judged", "--n-resamples=20")[1].split())
    words = "“Cannot judge”: 3 of 15 verdicts, most with beta (33.3%)"
    assert words in said
    found = Ranking.objects.get().result["checks"]["cannot_judge"]
    # of two judgments of this pair and three of others each judge could not make one of the pair
    assert found["by_method"][1] == {"method": "beta", "n": 3, "n_verdicts": 9, "share": 3 / 9}
    assert found["p"] is not None
    page = other_models_table(read_ranking(Ranking.objects.get()))
    assert page is not None
    assert words in page.note, "the page has the same table"


@pytest.mark.both_databases
def test_rank_without_an_answer_stores_it_prints_it_and_exits_with_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_judged(connected=False)
    code, out, err = hlv("rank", "judged", "--json")
    result = json.loads(out)
    assert code == 1
    assert result["undetermined"] in err
    assert "alpha" in result["undetermined"]
    assert result["unconnected"] == [["alpha"], ["beta"], ["gamma"]]
    assert Ranking.objects.get().undetermined == result["undetermined"]


def test_a_prior_that_was_asked_for_gives_an_answer_and_is_named() -> None:
    make_judged(connected=False)
    code, out, _ = hlv("rank", "judged", "--ridge=0.5", "--n-resamples=20", "--json")
    result = json.loads(out)
    assert (code, result["ridge"], result["undetermined"]) == (0, 0.5, None)
    assert any("prior" in note for note in result["notes"])


def test_the_ranking_names_its_estimate_and_its_interval() -> None:
    make_judged()
    out = hlv("rank", "judged", "--n-resamples=20", "--resample=judgments")[1]
    assert "The intervals are analytic: from robust standard errors (CR3)" in out
    assert "Strength" in out
    assert "Bootstrap interval" in out
    out = hlv("rank", "judged", "--n-resamples=20", "--resample=judgments", "--model=win-rate")[1]
    assert "The intervals are bootstrap intervals" in out
    assert "Win rate" in out
    assert "Strength" not in out


def test_intervals_of_these_judges_stand_beside_the_default_where_judges_are_few() -> None:
    drawn = make_judgments(7)
    names = [f"m{place}" for place in range(10)]
    few = plain(rank_methods(cells_of(drawn), names, n_resamples=0, seed=1).summary())
    many = few | {"given_judges": few["given_judges"] | {"matters": False}}

    found = terminal_table(ranking_table(load(RankingResult, few)))
    without = terminal_table(ranking_table(load(RankingResult, many)))

    heads = [str(column.header) for column in found.columns]
    assert heads[3:6] == ["Strength, these judges", "Rank, these judges", "Judgments"]
    first = few["methods"][0]["rank_interval_given_judges"]
    assert next(iter(found.columns[4].cells)) == f"1 ({first[0]} to {first[1]})"
    assert "Strength, these judges" not in [str(column.header) for column in without.columns]


def test_a_table_of_dropped_ties_says_how_many_judgments_entered_the_fit() -> None:
    make_judged()
    campaign = Campaign.objects.get()
    alpha, beta, _ = campaign.study.methods.all()
    judge = campaign.study.participants.filter(role="judge")[0]
    for _ in range(2):
        make_imported_judgment(campaign, winner=alpha, loser=beta, judge=judge, tie=True)
    said = " ".join(hlv("rank", "judged", "--ties=drop", "--n-resamples=0")[1].split())
    assert "14 judgments of 3 judges, 12 of them in the fit" in said
    assert "2 ties are left out." in said
    assert "in the fit" not in hlv("rank", "judged", "--n-resamples=0")[1]


def test_a_rule_for_ties_is_sent_to_its_model() -> None:
    make_judged()
    said = hlv("rank", "judged", "--ties=denominator")[2]
    assert "'denominator' belongs to the model rank-centrality; bradley-terry knows half, davidson," in said
