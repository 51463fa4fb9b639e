"""What the page of results shows of each base model, and where base models never met."""

from __future__ import annotations

import csv

import pytest

from metaeval.findings.result_tables import group_section
from metaeval.models import Campaign, MetricAgreement
from metaeval.results.metric_agreement import read_agreement
from tests.making import make_participant
from tests.metaeval.grouped import make_grouped
from tests.metaeval.judged import run
from tests.metaeval.making import agreement_result, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def page_of(campaign: Campaign, page: str = "results/", **asked: str) -> str:
    client = signed_in(make_participant(campaign.study, "researcher"))
    response = client.get(f"/campaigns/{campaign.uuid}/{page}", asked)
    assert response.status_code == 200
    return response.content.decode()


def compared(campaign: Campaign, **params: object) -> None:
    assert run(campaign, "metaeval", n_resamples=30, seed=3, **params).state == "done"


def test_base_models_that_never_met_are_shown_one_by_one_and_lead_to_their_rankings() -> None:
    campaign = make_grouped(met=False)
    compared(campaign)
    page = page_of(campaign)
    assert "These judgments do not determine a ranking yet." in page
    assert "Rank one base model: choose \u2068small\u2069 and \u2068large\u2069 under “Base model”." in page
    assert page.index("Within \u2068small\u2069") < page.index("Within \u2068large\u2069")
    assert "Mean of \u2068small\u2069 and \u2068large\u2069 over the methods that all of them have" in page
    assert "Each group has its own ranking" in page
    compared(campaign, base_model="small")
    small = page_of(campaign, base_model="small")
    assert "do not determine a ranking" not in small
    assert "Selection:" in small
    assert "Within each base model" not in small


def test_base_models_on_one_scale_are_shown_beside_all_methods_and_in_the_report() -> None:
    campaign = make_grouped(met=True)
    compared(campaign)
    for page in (page_of(campaign), page_of(campaign, "report/")):
        assert "Within \u2068large\u2069" in page
        assert "Mean over base models" in page
        assert "from the ranking of all" in page
        assert "Rank one base model" not in page


def test_each_base_model_is_a_table_with_every_measure_and_what_lacks_is_said() -> None:
    compared(make_grouped(met=False, automatic=True))
    section = group_section(read_agreement(MetricAgreement.objects.get()))
    assert section is not None
    assert [title for title, _ in section.tables] == [
        "Within \u2068small\u2069",
        "Within \u2068large\u2069",
        "Mean over base models",
    ]
    small, large, mean = (table for _, table in section.tables)
    assert {"τ-b", "p", "Spearman", "Pearson", "Soft pairwise accuracy", "Methods"} <= set(small.heads)
    rows = {row.head: row for row in large.rows}
    assert rows.keys() == {"everywhere", "small only", "program"}
    assert "Only 0 methods" in rows["small only"].remark
    lacking = next(row for row in mean.rows if row.head == "small only")
    assert "large: some method has no score" in lacking.remark
    assert "Soft pairwise accuracy" not in mean.heads
    assert "Add methods" in small.note
    assert "permutes these methods in the same way for all base models" in mean.note


def test_the_table_of_base_models_is_a_file() -> None:
    campaign = make_grouped(met=False)
    compared(campaign)
    address = "results/metric-groups.csv"
    page = page_of(campaign)
    assert "metric-groups" in page
    rows = list(csv.DictReader(page_of(campaign, address).splitlines()))
    assert {(row["over"], row["group"]) for row in rows} == {
        ("group", "small"),
        ("group", "large"),
        ("mean", ""),
    }
    (row,) = (
        row
        for row in rows
        if (row["group"], row["metric"], row["statistic"]) == ("small", "everywhere", "kendall_tau_b")
    )
    assert float(row["value"]) == pytest.approx(1)
    assert (row["n_methods"], row["n_judges"], row["seed"]) == ("4", "4", "3")


def test_snapshots_from_before_and_methods_of_one_base_model_show_no_groups() -> None:
    assert group_section(agreement_result()) is None
    before = {"undetermined": None, "groups": ["small", "large"], "methods": [], "metrics": [], "notes": []}
    assert group_section(agreement_result(groups=before)) is None
