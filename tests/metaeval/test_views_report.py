"""The report: what was planned and added, a paragraph made of the snapshots' numbers, files for a paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from hlv.core.rendering.tables import Cell, Table, TableRow
from metaeval.findings.methods_section import methods_paragraph
from metaeval.findings.preregistration_findings import preregistration_findings
from metaeval.models import MetricAgreement, Ranking
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.services.preregistration import preregister
from metaeval.views.report import report_sheets, snapshot_report
from tests.making import make_imported_judgment, make_participant
from tests.metaeval.making import (
    make_agreement_snapshot,
    make_board,
    make_differences,
    make_ranking_snapshot,
    make_sensitivity,
    metric,
    signed_in,
)

pytestmark = pytest.mark.django_db


def make_computed(**ranking: Any) -> tuple[Ranking, MetricAgreement]:
    ranked = make_ranking_snapshot(make_board(), **ranking)
    return ranked, make_agreement_snapshot(ranked, **make_differences())


def numbers_within(stored: object) -> Iterator[str]:
    """Every number of a snapshot, as a sentence may spell it."""
    if isinstance(stored, dict):
        for value in stored.values():
            yield from numbers_within(value)
    elif isinstance(stored, list):
        yield str(len(stored))
        for value in stored:
            yield from numbers_within(value)
    elif isinstance(stored, str):
        yield from re.findall(r"\d+(?:[.,]\d+)*", stored)
    elif isinstance(stored, int | float) and not isinstance(stored, bool):
        yield from (f"{abs(stored):,}", f"{abs(stored):g}", f"{abs(stored):.2f}", f"{abs(stored):.3f}"[1:])


def test_every_number_of_the_paragraph_is_one_of_the_snapshots() -> None:
    ranked, agreed = make_computed(interval_method="CR3, t(J_eff - 1), 95%", n_ties=9, n_both_good=4)
    plan = preregister(ranked.campaign, PlannedAnalysis(metrics=("po_jsd",)), by=None)
    text = " ".join(methods_paragraph(ranked, agreed, plan))
    scoring = agreed.scoring
    assert scoring is not None
    known = {
        *numbers_within([ranked.result, agreed.result, scoring.result, plan.content]),
        *numbers_within([plan.version, plan.n_judgments_before, ranked.seed, agreed.seed]),
        # How many there are of something, the level of every interval, and that of chance.
        *("3", "95", "4", ".05"),
        # The weak prior of resamples without a ranking, which no snapshot holds.
        "0.1",
    }
    for words in (str(ranked.uuid), str(agreed.uuid), plan.digest, "SHA-256", agreed.code_version):
        assert words in text
        text = text.replace(words, "")
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "", text)
    found = re.findall(r"(?<![\w.])\.?\d+(?:[.,]\d+)*", text)
    assert found
    assert [number for number in found if number not in known] == []


def test_another_number_in_a_snapshot_is_another_in_the_paragraph() -> None:
    ranked, agreed = make_computed()
    before = " ".join(methods_paragraph(ranked, agreed, None))
    ranked.result = ranked.result | {"n_judgments": 4321}
    agreed.result = agreed.result | {"n_resamples": 7654}
    after = " ".join(methods_paragraph(ranked, agreed, None))
    assert "4,321" in after.replace(before, "")
    assert "7,654" in after
    assert "4,321" not in before


def test_the_paragraph_and_the_tables_carry_what_a_ranking_notes_of_its_intervals() -> None:
    notes = ["Bare judgments are resampled, which makes intervals too narrow.", "There are only 5 judges."]
    ranked, agreed = make_computed(notes=[*notes, "7 of 1,000 resamples have no ranking of their own."])
    agreed.result["ranking_notes"] = ranked.result["notes"]
    files = snapshot_report(ranked.campaign, ranked, agreed).files()
    for name in ("methods.txt", "methods.tex", "ranking.tex", "metric-agreement.tex"):
        for note in notes:
            assert note in files[name]
    assert files["methods.txt"].count("7 of them without a ranking of their own") == 1
    assert "7 of 1,000" not in files["methods.txt"]


def test_under_a_prior_no_interval_of_the_paragraph_is_called_one_of_95_percent() -> None:
    method = "CR3 by judge, t(J_eff - 1), 95%; with a prior, not calibrated"
    ranked, _agreed = make_computed(ridge=0.5, interval_method=method)
    text = snapshot_report(ranked.campaign, ranked, None).files()["methods.txt"]
    assert "nominally 95 % but not calibrated with a prior)" in text
    assert "effective clusters; with a prior, not calibrated." in text
    assert "(95 % interval" not in text


def test_an_automatic_judge_is_called_one_with_its_judgments_and_what_its_resamples_draw() -> None:
    ranked = make_ranking_snapshot(make_board())
    judged = {"n_judgments": 2139, "resampling_unit": "items", "model": "bradley-terry"}
    program = metric("gpt4", 0.54, origin="automatic judge", judged=judged, n_resamples=5000)
    program |= {"n_resamples_without_answer": 670, "n_resamples_with_prior": 666}
    agreed = make_agreement_snapshot(ranked, program, n_resamples=5000)
    files = snapshot_report(ranked.campaign, ranked, agreed).files()
    for name in ("methods.txt", "metric-agreement.tex"):
        assert "gpt4 is an automatic judge" in files[name]
        assert "2,139 judgments; its bootstrap resamples texts only" in files[name]
        assert "666 of 5,000 resamples determine no ranking; they use a weak prior" in files[name]
        assert "4 of 5,000 resamples have no value and are left out" in files[name]


def test_what_is_cited_has_an_address() -> None:
    ranked, agreed = make_computed()
    text = snapshot_report(ranked.campaign, ranked, agreed).files()["methods.txt"]
    client = signed_in(make_participant(ranked.study, "researcher"))
    (address,) = re.findall(r"/rankings/[0-9a-f-]+/", text)
    assert str(ranked.uuid) in address
    assert client.get(address).status_code == 200
    assert f"metric-agreement snapshot {agreed.uuid}" in text


def test_departures_from_the_plan_and_what_was_added_are_named() -> None:
    campaign = make_board()
    plan = preregister(
        campaign, PlannedAnalysis(metrics=("po_jsd", "soft_macro_f1"), ties="davidson"), by=None
    )
    ranked = make_ranking_snapshot(campaign)
    ranked.parameters = {
        "model": "bradley-terry", "ties": "half", "resample": None, "ridge": 0.0, "seed": 821726560,
        "n_resamples": 5000,
    }  # fmt: skip
    agreed = make_agreement_snapshot(ranked)
    held = preregistration_findings(plan, ranked, agreed)
    assert held is not None
    by_name = {line.what: line for line in held.lines}
    assert by_name["Ties"].departs
    assert not by_name["Ranking model"].departs
    assert (by_name["Seed"].done, by_name["Seed"].departs) == ("821726560", True)
    assert by_name["Resamples"].done == "5,000"
    assert by_name["po jsd"].done == "0.78, 0.58 to 0.88"
    assert (by_name["soft_macro_f1"].done, by_name["soft_macro_f1"].departs) == ("not computed", True)
    assert any("hard f1" in words for words in held.added)
    # all orders, where methods are few, depart from no number of random ones
    agreed.parameters["n_permutations"] = None
    first, *others = agreed.result["metrics"]
    first = first | {"spearman": first["spearman"] | {"p_from": {"kind": "all orders", "n": 362_880}}}
    agreed.result = agreed.result | {"metrics": [first, *others]}
    exact = preregistration_findings(plan, ranked, agreed)
    assert exact is not None
    (line,) = [line for line in exact.lines if line.what == "Permutations"]
    assert (line.done, line.departs) == ("from all 362,880 permutations of the methods", False)


def test_a_plan_of_which_some_answers_were_known_says_so() -> None:
    campaign = make_board()
    winner, loser = campaign.study.methods.all()[:2]
    make_imported_judgment(campaign, winner=winner, loser=loser)
    preregister(campaign, PlannedAnalysis(metrics=("po_jsd",)), by=None)
    make_agreement_snapshot(make_ranking_snapshot(campaign))
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(reverse("campaign-report", args=[campaign.uuid])).content.decode()
    assert "The preregistration was frozen after 1 judgment had been given" in page


def test_a_plan_that_came_after_the_data_does_not_count() -> None:
    ranked, agreed = make_computed()
    preregister(ranked.campaign, PlannedAnalysis(metrics=("po_jsd",)), by=None)
    assert snapshot_report(ranked.campaign, ranked, agreed).plan is None
    client = signed_in(make_participant(ranked.study, "researcher"))
    page = client.get(reverse("campaign-report", args=[ranked.campaign.uuid])).content.decode()
    assert "All analyses are exploratory" in page


def test_the_report_page_shows_the_plan_and_offers_each_file() -> None:
    campaign = make_board()
    plan = preregister(campaign, PlannedAnalysis(metrics=("po_jsd",)), by=None)
    make_agreement_snapshot(make_ranking_snapshot(campaign))
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = reverse("campaign-report", args=[campaign.uuid])
    page = client.get(address).content.decode()
    assert plan.digest in page
    assert "The preregistration was frozen after" not in page
    names = re.findall(rf"{address}([\w.-]+)/", page)
    assert {"methods.txt", "methods.tex", "references.bib", "ranking.tex", "metric-agreement.tex"} <= set(
        names
    )
    for name in names:
        response = client.get(f"{address}{name}/")
        assert response["Content-Disposition"].endswith(f'{name}"')
        assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert client.get(f"{address}passwd/").status_code == 404


def test_a_report_of_one_snapshot_stays_whatever_is_computed_after_it() -> None:
    campaign = make_board()
    first = make_ranking_snapshot(campaign, judge_group="bar")
    make_sensitivity(campaign)
    make_ranking_snapshot(campaign)
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = reverse("campaign-report", args=[campaign.uuid])
    page = client.get(f"{address}?snapshot={first.uuid}").content.decode()
    assert str(first.uuid) in page
    assert "This address always shows this report" in page
    assert "The analysis covers a subset of the campaign: judges of \u2068bar\u2069." in page
    assert "Another method leads under 1 of 1 alternatives" in page
    assert f"methods.tex/?snapshot={first.uuid}" in page
    assert str(first.uuid) in client.get(f"{address}methods.txt/?snapshot={first.uuid}").content.decode()
    assert str(first.uuid) not in client.get(f"{address}methods.txt/").content.decode()
    assert client.get(f"{address}?snapshot=none").status_code == 404


def test_without_a_ranking_there_is_no_report_yet() -> None:
    campaign = make_board()
    client = signed_in(make_participant(campaign.study, "researcher"))
    assert client.get(reverse("campaign-report", args=[campaign.uuid])).status_code == 302
    assert client.get(reverse("report-file", args=[campaign.uuid, "methods.txt"])).status_code == 404


def test_the_report_costs_a_fixed_number_of_queries(django_assert_max_num_queries: Any) -> None:
    campaign = make_board()
    for ties in ("half", "davidson", "rao-kupper"):
        preregister(campaign, PlannedAnalysis(metrics=("po_jsd",), ties=ties), by=None)
    make_agreement_snapshot(make_ranking_snapshot(campaign))
    client = signed_in(make_participant(campaign.study, "researcher"))
    # The last two: what was seen, and the entry in the security log.
    with django_assert_max_num_queries(18):
        client.get(reverse("campaign-report", args=[campaign.uuid]))


def test_a_wide_table_is_printed_in_parts_that_hold_every_cell_once() -> None:
    wide = Table(["Method", *map(str, range(16))], [TableRow("a", [Cell(str(n)) for n in range(16)])])
    parts = report_sheets(wide)
    assert [part.heads[0] for part in parts] == ["Method"] * 3
    assert [head for part in parts for head in part.heads[1:]] == wide.heads[1:]
    assert [cell for part in parts for cell in part.rows[0].cells] == wide.rows[0].cells
    assert all(len(part.heads) == 1 + len(part.rows[0].cells) for part in parts)


def test_a_newest_snapshot_by_other_choices_names_the_one_that_follows_the_defaults() -> None:
    campaign = make_board()
    first = make_ranking_snapshot(campaign, parameters={"resample": None, "n_resamples": 50})
    by = {"resample": "judgments", "ties": "davidson", "ridge": 0.5}
    newest = make_ranking_snapshot(campaign, parameters=by, resampling_unit="judgments")
    text = snapshot_report(campaign, newest, None).files()["methods.txt"]
    summary = (
        "differs from the defaults: ties: modelled, after Davidson instead of half a win for each; bootstrap and intervals "
        "by single judgments instead of judges and texts; a Gaussian prior of precision 0.5 instead of none."
    )
    assert summary in text
    assert f"Snapshot {first.uuid}, page /rankings/{first.uuid}/, follows the defaults." in text
    client = signed_in(make_participant(campaign.study, "researcher"))
    for name in ("campaign-results", "campaign-report"):
        page = client.get(reverse(name, args=[campaign.uuid])).content.decode()
        assert summary in page
        assert "Snapshot 1 follows the defaults." in page


@pytest.mark.parametrize(
    "parameters", [[{}, {"seed": 8}], [{"ties": "davidson"}] * 2, [{}, {"resample": "both"}]]
)
def test_of_choices_that_change_nothing_or_came_first_no_departure_is_told(
    parameters: list[dict[str, Any]],
) -> None:
    campaign = make_board()
    snapshots = [make_ranking_snapshot(campaign, parameters=one) for one in parameters]
    assert snapshot_report(campaign, snapshots[-1], None).departure is None
