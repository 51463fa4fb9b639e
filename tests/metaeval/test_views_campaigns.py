"""Campaigns as those who run a study see them: planned, foreseen, previewed, opened, listed and audited."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.jobs import run_now
from annotations.models import Job, Participant, Study
from metaeval.models import Campaign, Comparison, Exposure, Judgment, Protocol
from metaeval.selectors.audit import audit
from metaeval.services.campaigns import CampaignSpec, plan_campaign
from metaeval.services.judging import SubmittedLabels, SubmittedVerdict, record_judgment, record_labelling
from metaeval.services.presentation import next_exposure, show_exposure
from tests.making import make_exposure, make_items, make_methods, make_outputs, make_participant, make_study
from tests.metaeval.making import METHODS, make_board, signed_in

pytestmark = pytest.mark.django_db

WISHED = {
    "name": "accuracy",
    "question": "Which is nearer to the law?",
    "meeting": "within",
    "judges_per_comparison": "2",
    "repeat_percent": "10",
    "labels_first": "each-text",
    "identical": "tie",
    "label_order": "study",
    "threshold": "0.1",
    "outputs_as": "plain",
    "offers_marks": "on",
    "break_every": "10",
    "seed": "7",
}


def make_researched(*, n_items: int = 10) -> tuple[Study, Client]:
    study = make_study()
    make_outputs(make_methods(study, METHODS), make_items(study, n_items))
    return study, signed_in(make_participant(study, "researcher"))


def make_judged(**wishes: Any) -> tuple[Campaign, Participant, Client]:
    """A campaign that one judge has done, the last pair still in hand."""
    study, client = make_researched(n_items=5)
    campaign = plan_campaign(study, CampaignSpec(name="accuracy", **wishes), opened=True).campaign
    judge = make_participant(study, "judge")
    while isinstance(exposure := next_exposure(judge, campaign), Exposure):
        if Exposure.objects.filter(comparison__campaign=campaign).count() == 15:
            break
        if wishes.get("labels_first"):
            record_labelling(exposure=exposure, client_key=uuid4(), submitted=SubmittedLabels(()))
        show_exposure(exposure)
        record_judgment(
            exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("left", 0.8, active_ms=21_000)
        )
    return campaign, judge, client


def test_what_a_plan_costs_is_said_before_anything_is_stored() -> None:
    study, client = make_researched()
    with CaptureQueriesContext(connection) as asked:
        page = client.get(f"/studies/{study.uuid}/campaigns/new/", WISHED).content.decode()
    # Read alone (PostgreSQL declares cursors): no transaction that writes and is rolled back, and no lock.
    assert {one["sql"].split()[0] for one in asked} <= {"SELECT", "DECLARE"}
    assert not [one["sql"] for one in asked if "FOR UPDATE" in one["sql"] or "FOR NO KEY" in one["sql"]]
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd><bdi>([\d.,]+)", page))
    assert told == {
        "Methods": "3", "Texts": "10", "Comparisons": "30", "Judgments": "60", "Repeats": "6",
        "Hours of judging": "1.1",
    }  # fmt: skip
    assert (
        "1.1 <small>at 60 seconds per pair (the default: too few judgments were timed); repeats included</small>"
        in page
    )
    assert "Nobody judges in this study yet." in page
    assert not Campaign.objects.exists()


def test_the_address_of_a_cost_holds_the_wishes_and_no_token() -> None:
    study, client = make_researched()
    address = f"/studies/{study.uuid}/campaigns/new/"
    asked = client.post(address, {**WISHED, "look": "1", "csrfmiddlewaretoken": "x" * 64})
    assert asked.status_code == 302
    assert asked["Location"].startswith(f"{address}?name=")
    assert "token" not in asked["Location"]
    assert not Campaign.objects.exists()
    assert 'id="cost"' in client.get(asked["Location"]).content.decode()


def test_a_stored_plan_waits_keeps_what_was_wished_and_is_opened_and_closed() -> None:
    study, client = make_researched()
    stored = client.post(f"/studies/{study.uuid}/campaigns/new/", WISHED)
    campaign = Campaign.objects.get()
    address = f"/campaigns/{campaign.uuid}/"
    assert stored["Location"] == address
    protocol = campaign.protocol
    assert (campaign.state, campaign.threshold, campaign.seed) == ("paused", 0.1, 7)
    page = client.get(address).content.decode()
    # As it was said before it was stored.
    assert "<dt>Repeats</dt><dd><bdi>6 " in page
    # Stored before questions were: what judges read is said here too.
    Campaign.objects.update(question="")
    usual = "Which output says more accurately which labels fit this text?"
    assert usual in client.get(address).content.decode()
    assert (
        "1.1 <small>at 60 seconds per pair (the default: too few judgments were timed); repeats included</small>"
        in page
    )
    assert (protocol.labels_first, protocol.identical, protocol.label_order) == ("each-text", "tie", "study")
    assert (protocol.repeat_share, protocol.break_every, protocol.offers_marks) == (0.1, 10, True)
    for state in ("open", "open", "paused", "closed"):
        page = client.post(f"{address}state/", {"state": state}, follow=True).content.decode()
        assert f"The campaign is now {state}." in page
    assert (
        "open, paused or closed"
        in client.post(f"{address}state/", {"state": "gone"}, follow=True).content.decode()
    )
    # Who planned and opened it stands among the changes of the study, once for each.
    kept = study.changes.filter(what="campaign").order_by("pk")
    assert list(kept.values_list("before", "after")) == [
        ("", "paused"),
        ("paused", "open"),
        ("open", "paused"),
        ("paused", "closed"),
    ]
    researcher = study.participants.get(role="researcher").user
    assert {(change.subject, change.by) for change in kept} == {(campaign.name, researcher)}


def test_all_methods_meet_the_one_that_the_form_names() -> None:
    study, client = make_researched()
    address = f"/studies/{study.uuid}/campaigns/new/"
    both = client.post(address, {**WISHED, "against": METHODS[1], "opponents": "2"}).content.decode()
    assert "leave out the number of opponents" in both
    assert not Campaign.objects.exists()
    client.post(address, {**WISHED, "against": METHODS[1]})
    campaign = Campaign.objects.get()
    assert (campaign.protocol.design, campaign.protocol.against) == ("against", METHODS[1])
    met = {
        frozenset((one.low.name, one.high.name)) for one in campaign.comparisons.select_related("low", "high")
    }
    assert met == {frozenset((METHODS[1], name)) for name in METHODS if name != METHODS[1]}
    page = client.get(f"/campaigns/{campaign.uuid}/").content.decode()
    assert "all against one method" in page
    assert f"<dt>Compared with</dt><dd><bdi>{METHODS[1]}" in page


def test_a_plan_that_was_never_opened_stands_in_no_judges_way() -> None:
    campaign = make_board(n_items=1)
    judge = make_participant(campaign.study, "judge")
    plan_campaign(campaign.study, CampaignSpec(name="later"), opened=False)
    client, address = signed_in(judge), f"/studies/{campaign.study.uuid}/"
    assert client.get(f"{address}judge/")["Location"] == f"/campaigns/{campaign.uuid}/judge/"
    assert "0 of 3 pairs" in client.get(address).content.decode()
    # One that was begun is found where it rests.
    make_exposure(judge, campaign)
    Exposure.objects.update(done_at="2026-11-25T12:00Z")
    Campaign.objects.update(state="paused")
    assert client.get(f"{address}judge/")["Location"] == f"/campaigns/{campaign.uuid}/judge/"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "Give the campaign a name."),
        ({"opponents": "7"}, "This design is not possible"),
        ({"meeting": "group:none"}, "Select a valid choice"),
        ({"repeat_percent": "70"}, "less than or equal to 50"),
        ({"methods": METHODS[0]}, "the only method in its group"),
    ],
)
def test_what_cannot_be_planned_is_said_in_words_and_keeps_what_was_entered(
    changed: dict[str, str], sentence: str
) -> None:
    study, client = make_researched(n_items=1)
    response = client.post(f"/studies/{study.uuid}/campaigns/new/", WISHED | changed)
    page = response.content.decode()
    assert (response.status_code, sentence in page, "Which is nearer to the law?" in page) == (
        400,
        True,
        True,
    )
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(("n_items", "asked"), [(81, 80), (3, 3)])
def test_the_paper_fills_the_form_with_no_more_texts_than_there_are(n_items: int, asked: int) -> None:
    study, client = make_researched(n_items=n_items)
    page = client.get(f"/studies/{study.uuid}/campaigns/new/?preset=paper").content.decode()
    assert re.search(rf'name="items"[^>]*value="{asked}"|value="{asked}"[^>]*name="items"', page)
    assert '<option value="each-pair" selected>' in page


def test_the_form_lets_all_methods_meet_where_one_is_alone_with_its_base_model() -> None:
    study, client = make_researched()
    assert '"across"' not in client.get(f"/studies/{study.uuid}/campaigns/new/").content.decode()
    study.methods.filter(name=METHODS[0]).update(base_model="alone")
    address = f"/studies/{study.uuid}/campaigns/new/"
    page = client.get(address).content.decode()
    assert '<option value="across" selected>' in page
    assert client.get(address, WISHED | {"meeting": "across"}).status_code == 200


def test_without_outputs_a_campaign_cannot_be_planned_and_the_pages_say_where_to_import_them() -> None:
    study = make_study()
    client = signed_in(make_participant(study, "researcher"))
    for page in ("campaigns/", "campaigns/new/"):
        said = client.get(f"/studies/{study.uuid}/{page}").content.decode()
        assert f"/studies/{study.uuid}/import/?kind=outputs" in said


def test_a_preview_shows_a_pair_as_judges_see_it_and_stores_nothing() -> None:
    study, client = make_researched()
    client.post(f"/studies/{study.uuid}/campaigns/new/", WISHED)
    address = f"/campaigns/{Campaign.objects.get().uuid}/preview/"
    first, second = (client.get(address, {"page": number}).content.decode() for number in (1, 2))
    assert first != second
    assert "The landlord keeps my deposit." in first
    assert first.count('class="output"') == 2
    assert "Judges label the text before they see the outputs" in first
    # The buttons too, and none of them does anything.
    assert all(words in first for words in ("A better", "Neither good", "Cannot judge", "Save and next"))
    assert re.search(r'<fieldset class="verdict"[^>]* disabled>', first)
    labelling = client.get(address, {"labels": ""}).content.decode()
    assert re.search(r'<fieldset class="judge-labels"[^>]* disabled>', labelling)
    assert 'class="output"' not in labelling
    assert not [name for name in METHODS if name in first]
    assert not Exposure.objects.exists()


def test_how_sure_a_campaign_would_be_is_simulated_in_its_size_and_shown_beside_its_cost() -> None:
    campaign, _judge, client = make_judged(identical="tie")
    address = f"/campaigns/{campaign.uuid}/"
    assert "not simulated yet" in client.get(address).content.decode()
    asked = {client.post(f"{address}forecast/")["Location"] for _ in range(2)}
    assert len(asked) == 1, "asking twice is asking once"
    job = Job.objects.get(kind="forecast")
    plan = job.params["plan"]
    assert (plan["n_methods"], plan["n_judges"], plan["n_judgments"], plan["n_items"]) == (3, 1, 15, 5)
    job.params["n_simulations"] = 2
    job.save()
    run_now(job, lambda running: None)
    page = client.get(address).content.decode()
    assert "in 2 simulations, in log odds" in page
    assert "the intervals ignore differences between judges" in page


def test_comparisons_are_listed_by_page_filtered_and_taken_away() -> None:
    campaign, _judge, client = make_judged()
    address = f"/campaigns/{campaign.uuid}/comparisons"
    page = client.get(f"{address}/").content.decode()
    assert "15 comparisons" in page
    method = campaign.study.methods.get(name=METHODS[0])
    assert "10 comparisons" in client.get(f"{address}/", {"method": str(method.uuid)}).content.decode()
    assert (
        "No comparison matches this filter."
        in client.get(f"{address}/", {"seats": "unasked"}).content.decode()
    )
    response = client.get(f"{address}.csv", {"method": str(method.uuid)})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert len(rows) == 10
    assert all(METHODS[0] in (row["method"], row["other_method"]) for row in rows)
    assert client.get(f"{address}/", {"method": "all of them"}).status_code == 400


def test_the_audit_finds_a_kept_campaign_whole() -> None:
    campaign, _judge, client = make_judged(repeat_share=0.3, labels_first="each-pair")
    show_exposure(Exposure.objects.get(done_at__isnull=True))
    found = audit(campaign)
    assert (found.n_exposures, found.n_answered, found.n_open) == (15, 14, 1)
    assert (found.n_against_the_rule, found.n_changed, found.n_repeats_not_flipped) == (0, 0, 0)
    assert (found.n_labelled, found.n_labelled_late) == (14, 0)
    assert found.judges[0].largest_difference <= 1
    page = client.get(f"/campaigns/{campaign.uuid}/audit/").content.decode()
    assert "Blinding audit" in page
    assert "<strong>" not in page.split("Rules and violations")[1].split("Sides and order")[0]


def test_a_pair_that_is_reserved_and_was_not_shown_is_no_presentation() -> None:
    campaign, _judge, client = make_judged()
    assert Exposure.objects.get(done_at__isnull=True).shown_at is None
    assert audit(campaign).n_exposures == Exposure.objects.count() - 1
    rows = b"".join(client.get(f"/campaigns/{campaign.uuid}/audit.csv").streaming_content)  # type: ignore[attr-defined]
    assert len(rows.splitlines()) == Exposure.objects.count()


def test_the_audit_names_what_was_broken() -> None:
    campaign, _judge, client = make_judged()
    # Rows of before there were rules: the database lets an exposure be taken away that nobody answered.
    held = Exposure.objects.get(done_at__isnull=True)
    held.shown_at = timezone.now()
    held.delete()
    held.low_is_left, held.left_hash = not held.low_is_left, "0" * 64
    held.save()
    found = audit(campaign)
    assert (found.n_against_the_rule, found.n_changed) == (1, 1)
    page = client.get(f"/campaigns/{campaign.uuid}/audit/").content.decode()
    assert page.count("<strong>1</strong>") == 2


def test_the_file_of_an_audit_has_every_exposure_and_names_no_person() -> None:
    campaign, judge, client = make_judged(labels_first="each-pair")
    show_exposure(Exposure.objects.get(done_at__isnull=True))
    response = client.get(f"/campaigns/{campaign.uuid}/audit.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 15
    assert {row["judge"] for row in rows} == {"Judge 1"}
    assert str(judge.user) not in text
    assert [row["verdict"] for row in rows].count("left") == 14
    assert all(len(row["left_hash"]) == 64 and row["side_by_rule"] == "true" for row in rows), rows[0]


def test_a_judge_was_last_at_work_when_the_verdict_was_given_not_when_it_came() -> None:
    campaign = make_board()
    shown = make_exposure(make_participant(campaign.study, "judge"), campaign)
    Judgment.objects.create(
        exposure=shown,
        comparison=shown.comparison,
        participant=shown.participant,
        verdict="left",
        low_is_left=shown.low_is_left,
        submitted_at="2026-10-31T14:05Z",
    )
    desk = signed_in(make_participant(campaign.study, "researcher"))
    assert "<td>31 Oct 2026, 14:05</td>" in desk.get(f"/campaigns/{campaign.uuid}/").content.decode()


@pytest.mark.parametrize("page", ["", "audit/", "comparisons/"])
def test_a_large_campaign_costs_as_many_queries_as_a_small_one(page: str) -> None:
    costs = []
    for n_items in (2, 8):
        study, client = make_researched(n_items=n_items)
        campaign = plan_campaign(study, CampaignSpec(name="accuracy"), opened=True).campaign
        for _ in range(n_items):
            judge = make_participant(study, "judge")
            exposure = next_exposure(judge, campaign)
            assert isinstance(exposure, Exposure)
            record_judgment(exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("both"))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/campaigns/{campaign.uuid}/{page}").status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]


# ---- a judge's own page, once it is over --------------------------------------------------------------


def test_judges_are_told_of_their_own_judging_once_it_is_over_and_not_before() -> None:
    # One pair of the first two comes again in any case, whatever the hash says.
    campaign, judge, _client = make_judged(repeat_share=0.5)
    mine = signed_in(judge)
    address, pause = f"/campaigns/{campaign.uuid}/feedback/", f"/campaigns/{campaign.uuid}/judge/?paused"
    assert "Not yet" in mine.get(address).content.decode()
    assert address not in mine.get(pause).content.decode()
    Campaign.objects.update(state="closed")
    assert address in mine.get(pause.removesuffix("?paused")).content.decode()
    page = mine.get(address).content.decode()
    assert "<dt>Verdicts</dt><dd>14</dd>" in page
    assert "21 seconds" in page
    assert "100 % were for A" in page
    n_repeats = Judgment.objects.filter(exposure__repeats__isnull=False).count()
    assert n_repeats > 0
    assert "chose the same side" in page
    assert not [name for name in METHODS if name in page]
    other = signed_in(make_participant(campaign.study, "judge")).get(address).content.decode()
    assert "You gave no verdicts on this question." in other


def test_a_campaign_from_files_says_that_nothing_was_planned() -> None:
    study, client = make_researched(n_items=1)
    campaign = Campaign.objects.create(study=study, name="from elsewhere")
    page = client.get(f"/campaigns/{campaign.uuid}/").content.decode()
    assert "All judgments were imported" in page
    # Nobody is asked here.
    assert "Which output" not in page
    assert client.get(f"/campaigns/{campaign.uuid}/preview/").status_code == 404
    assert "Imported judgments only" in client.get(f"/studies/{study.uuid}/campaigns/").content.decode()
    assert not Protocol.objects.exists()
    assert not Comparison.objects.exists()
