"""The judges on the page of results: what stands there, how it is asked for, and that no judge sees it."""

from __future__ import annotations

import csv
import re
from typing import Any

import pytest
from django.test import Client

from annotations.models import Job
from metaeval.models import Campaign
from tests.making import make_participant, make_person
from tests.metaeval.making import (
    judge_row,
    make_board,
    make_judge_report,
    make_ranking_snapshot,
    signed_in,
)

pytestmark = pytest.mark.django_db


def make_researcher(campaign: Campaign) -> Client:
    return signed_in(make_participant(campaign.study, "researcher"))


def results(client: Client, campaign: Campaign) -> str:
    response = client.get(f"/campaigns/{campaign.uuid}/results/")
    assert response.status_code == 200
    return response.content.decode()


def ask_for_judges(client: Client, campaign: Campaign, what: str = "judges") -> Any:
    return client.post(f"/studies/{campaign.study.uuid}/compute/", {"campaign": campaign.uuid, "what": what})


def test_the_page_says_who_stands_out_and_has_every_judge_in_a_table() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign)
    make_judge_report(campaign)
    page = results(make_researcher(campaign), campaign)
    assert "1 of 2 judges has unusual results: \u2068Judge 2 (erratic, prefers the left)\u2069." in page
    for words in (
        "Judge 1",
        "of 6 repeats",
        "0.47",
        "21.4",
        "1,000 resamples of texts",
        "Automatic judges are left out",
    ):
        assert words in page
    assert page.count("<tbody>") >= 2


def test_no_flag_is_said_too_and_names_are_text() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign)
    triads = {"n_circular": 3, "n_complete": 12, "share": 0.25}
    make_judge_report(campaign, judge_row(1, triads=triads), judge_row(2, judge="<script>alert(1)</script>"))
    page = results(make_researcher(campaign), campaign)
    assert "None of 2 judges has unusual results." in page
    assert "<script>alert" not in page
    assert re.search(r"0\.25(<[^>]*>|\s)*of 12<", page), "circular triads, of those that are whole"


def test_what_is_not_determined_is_a_dash_with_its_reason() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign)
    row = judge_row(
        1, consensus={"undetermined": "All verdicts of this judge are ties."}, median_seconds=None
    )
    del row["reliability"]
    make_judge_report(
        campaign, row, undetermined="There is one judge.", sections_undetermined={"reliability": "One judge."}
    )
    page = results(make_researcher(campaign), campaign)
    for words in (
        "There is one judge.",
        "Infit, Judge 1: All verdicts of this judge are ties.",
        "One judge.",
        "no times were stored",
    ):
        assert words in page


def test_asking_for_the_judges_is_a_job_beside_that_of_the_results() -> None:
    campaign = make_board()
    client = make_researcher(campaign)
    first, again = ask_for_judges(client, campaign), ask_for_judges(client, campaign)
    ask_for_judges(client, campaign, "")
    assert list(Job.objects.order_by("pk").values_list("kind", flat=True)) == ["judges", "metaeval"]
    assert first["Location"] == again["Location"]
    assert ask_for_judges(client, campaign, "import").status_code == 400
    job = Job.objects.get(kind="judges")
    assert f"/jobs/{job.uuid}/" in results(client, campaign)


def test_the_table_of_judges_is_a_file() -> None:
    campaign = make_board()
    client, address = make_researcher(campaign), f"/campaigns/{campaign.uuid}/results/judges.csv"
    assert client.get(address).status_code == 404
    report = make_judge_report(campaign)
    rows = list(csv.DictReader(client.get(address).content.decode().splitlines()))
    assert [row["judge"] for row in rows] == ["Judge 1", "Judge 2"]
    assert (rows[0]["snapshot"], rows[0]["left_share"], rows[0]["circular_triads"]) == (
        str(report.uuid),
        "0.47",
        "",
    )
    assert rows[1]["flags"] == "erratic left"
    assert rows[0]["undetermined"] == "triads: This judge decided all three pairs of no three methods."


@pytest.mark.parametrize("roles", [["judge"], ["owner", "judge"], ["annotator"]])
def test_no_judge_and_no_annotator_sees_the_judges(roles: list[str]) -> None:
    campaign = make_board()
    make_judge_report(campaign)
    person = make_person()
    for role in roles:
        make_participant(campaign.study, role, user=person)
    client = signed_in(person)
    assert client.get(f"/campaigns/{campaign.uuid}/results/").status_code == 403
    assert client.get(f"/campaigns/{campaign.uuid}/results/judges.csv").status_code == 403
    assert ask_for_judges(client, campaign).status_code == 403
    assert not Job.objects.exists()
