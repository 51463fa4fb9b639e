"""The tables of a dashboard: as a page shows them, and as files for programs."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from hlv.core.stored_results import load
from metaeval.findings.ranking_tables import neighbours_table, ranking_table
from metaeval.findings.result_tables import (
    agreement_table,
)
from metaeval.findings.score_tables import error_rates_table, scores_table
from metaeval.models import Campaign
from metaeval.results.scoring import ScoringResult
from tests.making import make_participant
from tests.metaeval.making import (
    agreement_result,
    make_agreement_snapshot,
    make_board,
    make_ranking_snapshot,
    metric,
    ranking_result,
    signed_in,
    stored_ranking,
)

BOOTSTRAP = "bootstrap, percentiles of 1000 resamples, 95%"


def test_a_remark_that_was_cut_ends_with_its_last_whole_sentence() -> None:
    whole = "2139 judgments; " + "Very wide intervals for A (2.1). ".ljust(470, "x") + "B (2.1).; "
    cut = (whole + "666 of 5000 resamples have no ranking of their own.")[:500]
    rule = "Resampling interval of both sides: ...; 666 without a ranking of their own were solved with a weak prior."
    row = metric(
        "gpt4", 0.5, remark=cut, n_resamples=5000, n_resamples_without_answer=666, interval_rule=rule
    )
    (shown,) = agreement_table(agreement_result(row)).rows
    assert shown.remark.endswith(
        "B (2.1). 666 of 5,000 resamples determine no ranking; they use a weak prior (precision 0.1)"
    )
    assert "666 of 5 " not in shown.remark


def test_every_number_of_the_tables_stands_with_its_interval_or_says_it_has_none() -> None:
    tables = [agreement_table(agreement_result()), ranking_table(ranking_result())]
    cells = [cell for table in tables for row in table.shown_in("page").rows for cell in row.cells]
    counted = {"9", "40"}
    for cell in cells:
        bare = cell.words in counted or cell.words.startswith((".", "<"))
        assert bare or cell.reason or (cell.low and cell.high) or cell.note


def test_a_metric_without_an_interval_says_why_though_it_was_resampled() -> None:
    tau = {"value": 0.5, "interval": None, "p": 0.01}
    row = metric(
        "m", 0.5, kendall_tau_b=tau, n_resamples=1000, interval_rule="No interval: a score is infinite."
    )
    table = agreement_table(agreement_result(row))
    assert table.rows[0].remark == "no interval: a score is infinite"
    assert "Without interval" not in table.note
    row |= {"n_resamples": 0}
    assert "Without interval: there is nothing to resample" in agreement_table(agreement_result(row)).note


def test_the_scores_stand_in_the_experts_order() -> None:
    result = {"methods": ["a", "b"], "metrics": [{"name": "m", "scores": [{"method": "a", "value": 1.0}]}]}
    assert [row.head for row in scores_table(load(ScoringResult, result), order=["b", "a"]).rows] == [
        "b",
        "a",
    ]


def test_scores_have_digits_enough_to_show_what_their_order_rests_on() -> None:
    def shown(*values: tuple[float, float, float]) -> list[tuple[str, str, str]]:
        scores = [
            {"method": str(n), "value": value, "interval": [low, high]}
            for n, (value, low, high) in enumerate(values)
        ]
        result = {
            "methods": [row["method"] for row in scores],
            "metrics": [{"name": "m", "scores": scores}],
        }
        return [
            (cell.words, cell.low, cell.high)
            for row in scores_table(load(ScoringResult, result), order=[]).rows
            for cell in row.cells
        ]

    assert shown((0.91, 0.9, 0.93), (0.85, 0.8, 0.9)) == [("0.91", "0.90", "0.93"), ("0.85", "0.80", "0.90")]
    assert shown((0.9812, 0.97, 0.99), (0.9789, 0.96, 0.99))[0] == ("0.981", "0.970", "0.990")
    assert shown((0.98, 0.9791, 0.9814)) == [("0.980", "0.979", "0.981")]
    # What is one value stays at two digits; what only rounding parts is not told at any length.
    assert shown((0.5, 0.4, 0.6), (0.5, 0.4, 0.6))[0][0] == "0.50"
    assert shown((0.5, 0.4, 0.6), (0.5 + 1e-12, 0.4, 0.6))[0][0] == "0.50"
    assert shown((0.5, 0.4, 0.6), (0.500000001, 0.4, 0.6))[0][0] == "0.50000"


def test_a_ranking_by_win_rate_speaks_of_win_rates_and_gives_them_no_sign() -> None:
    table = ranking_table(ranking_result(model="win-rate"))
    assert table.heads[1] == "Win rate"
    assert table.rows[0].cells[0].words == "0.80"


def test_few_judges_have_a_second_interval_that_says_what_it_claims() -> None:
    given = {
        "n_judges": 5,
        "unit": "items",
        "interval_method": "CR3 by item, t(J_eff - 1), 95%",
        "matters": True,
    }
    methods = [
        row
        | {
            "interval_given_judges": [row["strength"] - 0.1, row["strength"] + 0.1],
            "rank_interval_given_judges": [row["rank"], row["rank"]],
        }
        for row in stored_ranking()["methods"]
    ]
    result = ranking_result(given_judges=given, methods=methods)

    table, without = ranking_table(result), ranking_table(ranking_result())

    assert table.heads == [
        "Method",
        "Strength",
        "Rank",
        "Strength, these judges",
        "Rank, these judges",
        "Judgments",
    ]
    strength, rank = table.rows[0].cells[2:4]
    assert (strength.low, strength.high) == ("+0.70", "+0.90")
    assert (rank.words, rank.low, rank.high) == ("1", "1", "1")
    assert "for the 5 judges as given" in table.note
    assert "not valid for other judges" in table.note
    assert without.heads == ["Method", "Strength", "Rank", "Judgments"]


def test_the_origin_of_the_intervals_stands_under_the_ranking() -> None:
    analytic = ranking_table(ranking_result(interval_method="CR3, judges, t(J_eff - 1), 95%"))
    assert analytic.note == "The intervals are analytic: CR3, judges, t(J_eff - 1), 95%."
    assert "bootstrap intervals" in ranking_table(ranking_result(interval_method=BOOTSTRAP)).note


def test_neighbours_stand_with_what_is_still_needed_to_tell_them_apart() -> None:
    near = {
        "above": "A",
        "below": "B",
        "difference": 0.4,
        "interval": [-0.1, 0.9],
        "simultaneous_interval": [-0.5, 1.3],
        "adjusted_p": 0.12,
        "share_of_resamples": 0.93,
        "still_needed": {"judgments": 1200, "judges": 9},
        "best_comparison": ["A", "C"],
    }
    far = {name: near[name] for name in ("above", "difference", "interval")} | {"below": "C"}
    table = neighbours_table(ranking_result(differences=[near, far]))
    assert table is not None
    (row,) = table.rows
    assert row.head == "A above B"
    assert [cell.words for cell in row.cells] == [
        *("+0.40", "−0.50 to +1.30", ".120", "93%", "1,200"),
    ]
    assert row.cells[4].note == "from 9 more judges"
    assert row.remark == "compare next: A and C"
    assert "more powerful than Bonferroni" not in table.note
    assert "More than 100 times the current judgments is not feasible" in table.note
    # At 1,000 judgments.
    table = neighbours_table(
        ranking_result(
            differences=[near | {"still_needed": {"judgments": 100_001, "judges": 9}}], n_judgments=1000
        )
    )
    assert table is not None
    assert (table.rows[0].cells[4].words, table.rows[0].cells[4].note) == ("not feasible", "")
    # Holm separates where Bonferroni's interval holds 0: the page says why, and asks for nothing more.
    apart = near | {"adjusted_p": 0.049, "simultaneous_interval": [-0.08, 2.13], "best_comparison": None}
    table = neighbours_table(ranking_result(differences=[apart]))
    assert table is not None
    assert table.rows[0].cells[4].words == "none"
    assert "more powerful than Bonferroni" in table.note
    assert neighbours_table(ranking_result()) is None, "an earlier version stored no differences"


def test_error_rates_stand_by_annotator_under_their_mean() -> None:
    result = {
        "methods": ["a", "b"],
        "annotators": {
            "n_annotators": 2,
            "mean": [{"value": 0.25, "interval": [0.1, 0.4]}, {"value": 0.35, "interval": [0.2, 0.5]}],
            "rows": [{"annotator": "Annotator 7", "n_items": 30, "error_rates": [0.2, 0.3]}],
        },
    }
    table = error_rates_table(load(ScoringResult, result), order=["b", "a"])
    assert table is not None
    assert table.heads[2:] == ["b", "a"], "as the experts have them"
    assert [row.head for row in table.rows] == ["Mean over 2 annotators", "Annotator 7"]
    assert [cell.words for cell in table.rows[0].cells] == ["–", "0.35", "0.25"]
    assert [cell.words for cell in table.rows[1].cells] == ["30", "0.30", "0.20"]
    assert error_rates_table(ScoringResult(methods=["a"])) is None, "labels that came as counts"


# ---- files --------------------------------------------------------------------------------------------


def table_of(campaign: Campaign, name: str) -> list[dict[str, str]]:
    response = make_client(campaign).get(f"/campaigns/{campaign.uuid}/results/{name}.csv")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def make_client(campaign: Campaign) -> Client:
    return signed_in(make_participant(campaign.study, "researcher"))


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_ranking_as_a_file_keeps_every_digit_and_says_where_it_comes_from() -> None:
    campaign = make_board()
    methods = stored_ranking()["methods"]
    methods[0] |= {"strength": 1 / 3, "interval": [0.1 + 0.2, 1e-7]}
    methods[2]["name"] = "=HYPERLINK(1)"
    snapshot = make_ranking_snapshot(campaign, methods=methods, interval_method=BOOTSTRAP)
    first, _, last = table_of(campaign, "ranking")
    assert float(first["strength"]) == 1 / 3
    assert float(first["interval_low"]) == 0.1 + 0.2
    assert first["interval_method"] == BOOTSTRAP
    assert (first["snapshot"], first["seed"]) == (str(snapshot.uuid), "36")
    assert (first["code_version"], first["as_of"][-1]) == ("hlv 0.1.0", "Z")
    assert (last["method"], last["strength"]) == ("'=HYPERLINK(1)", repr(methods[2]["strength"]))
    assert list(first)[:4] == ["snapshot", "as_of", "seed", "code_version"]
    assert all(name.isidentifier() and name == name.lower() for name in first)


@pytest.mark.django_db
def test_what_is_undetermined_is_an_empty_cell_with_its_reason() -> None:
    campaign = make_board()
    methods: list[dict[str, Any]] = stored_ranking()["methods"]
    for method in methods:
        method |= {"strength": None, "interval": None, "rank": None, "rank_interval": None}
    ranked = make_ranking_snapshot(campaign, methods=methods, undetermined="The methods fall into 2 groups.")
    partly = metric("half", 0.5, pearson={"value": None, "undetermined": "The scores are constant."})
    make_agreement_snapshot(ranked, metric("flat", None), partly)
    first = table_of(campaign, "ranking")[0]
    assert (first["strength"], first["undetermined"]) == ("", "The methods fall into 2 groups.")
    reasons = {
        (row["metric"], row["statistic"]): row["undetermined"]
        for row in table_of(campaign, "metric-agreement")
        if row["value"] == ""
    }
    assert reasons.pop(("half", "pearson")) == "The scores are constant."
    assert set(reasons.values()) == {"All methods have the same score."}
    assert len(reasons) == 4


@pytest.mark.django_db
def test_scores_as_a_file_stand_a_row_for_each_metric_and_method() -> None:
    campaign = make_board()
    make_agreement_snapshot(make_ranking_snapshot(campaign))
    rows = table_of(campaign, "scores")
    assert [row["method"] for row in rows] == ["JSD loss", "Soft labels", "Majority vote"]
    assert {(row["metric"], row["value"], row["interval_high"]) for row in rows} == {
        ("soft_f1", "0.5", "0.6")
    }


@pytest.mark.django_db
def test_a_table_that_is_not_there_is_404() -> None:
    campaign = make_board()
    client = make_client(campaign)
    for table in ("ranking", "metric-agreement", "scores", "secrets"):
        assert client.get(f"/campaigns/{campaign.uuid}/results/{table}.csv").status_code == 404
