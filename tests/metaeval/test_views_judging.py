"""The judging pages as a browser without JavaScript uses them, and the address that scripts use."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from metaeval.models import Campaign, Comparison, Exposure, Judgment, Protocol
from metaeval.services.judging import SubmittedVerdict, record_judgment
from tests.making import (
    make_campaign,
    make_comparison,
    make_exposure,
    make_participant,
    make_person,
    make_study,
)
from tests.metaeval.judging_pages import address, client_of, filled, judge_all, send
from tests.metaeval.making import make_board, make_shown, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_one_campaign_leads_straight_to_a_pair_and_stays_there_on_refresh() -> None:
    campaign = make_board()
    judge = make_participant(campaign.study, "judge")
    client = signed_in(judge)
    first = client.get(f"/studies/{campaign.study.uuid}/judge/", follow=True)
    again = client.get(f"/campaigns/{campaign.uuid}/judge/", follow=True)
    assert first.redirect_chain[-1] == again.redirect_chain[-1]
    assert "The landlord keeps my deposit." in first.content.decode()
    assert Exposure.objects.get().shown_at is not None


def test_of_several_campaigns_one_is_chosen_and_imported_ones_are_not_offered() -> None:
    campaign = make_board()
    study = campaign.study
    item, methods = study.items.get(position=1), list(study.methods.all())
    second = make_campaign(study, "tone", question="Which is kinder?")
    make_comparison(second, item, methods[0], methods[1])
    imported = make_campaign(study, "from elsewhere")
    Comparison.objects.create(
        campaign=imported, item=None, low=methods[0], high=methods[1], mode=Comparison.Mode.IMPORTED
    )
    page = signed_in(make_participant(study, "judge")).get(f"/studies/{study.uuid}/judge/").content.decode()
    assert "Which is kinder?" in page
    assert "0 of 6 pairs" in page
    assert "from elsewhere" not in page


def test_many_campaigns_cost_a_judge_as_many_queries_as_two() -> None:
    campaign = make_board()
    study, judge = campaign.study, make_participant(campaign.study, "judge")
    item, methods = study.items.get(position=1), list(study.methods.all())
    client, costs = signed_in(judge), []
    for n_more in (1, 6):
        for number in range(n_more):
            another = make_campaign(study, f"question {n_more} {number}")
            make_comparison(another, item, methods[0], methods[1])
        for page in ("/studies/", f"/studies/{study.uuid}/", f"/studies/{study.uuid}/judge/"):
            with CaptureQueriesContext(connection) as asked:
                client.get(page)
            costs.append(len(asked))
    assert costs[:3] == costs[3:]


def test_a_study_without_pairs_says_so() -> None:
    study = make_study()
    page = signed_in(make_participant(study, "judge")).get(f"/studies/{study.uuid}/judge/")
    assert "No pairs to judge yet" in page.content.decode()


@pytest.mark.parametrize("verdict", ["left", "right", "both", "neither"])
def test_a_plain_form_stores_the_verdict_with_its_confidence_and_goes_on(verdict: str) -> None:
    shown = make_shown()
    response = client_of(shown).post(address(shown), filled(verdict=verdict, confidence="4"))
    assert response.status_code == 302
    assert response["Location"] == f"/campaigns/{shown.comparison.campaign.uuid}/judge/"
    stored = Judgment.objects.get()
    assert (stored.verdict, stored.confidence) == (verdict, 0.8)
    assert stored.low_is_left == shown.low_is_left


def test_who_cannot_judge_says_why_and_gives_no_confidence() -> None:
    shown = make_shown()
    client = client_of(shown)
    silent = client.post(address(shown), filled(verdict="cannot", confidence="3"), follow=True)
    assert "why you cannot judge" in silent.content.decode()
    client.post(address(shown), filled(verdict="cannot", confidence="3", reason="I know the case."))
    stored = Judgment.objects.get()
    assert (stored.verdict, stored.confidence, stored.reason) == ("cannot", None, "I know the case.")


@pytest.mark.parametrize(
    "entered",
    [
        {},
        {"verdict": "tie"},
        {"verdict": "best"},
        {"verdict": "left", "confidence": "6"},
        {"verdict": "left", "replaces": "x"},
    ],
)
def test_a_malformed_verdict_is_refused_in_words_and_nothing_is_stored(entered: dict[str, str]) -> None:
    shown = make_shown()
    response = client_of(shown).post(address(shown), filled(**entered), follow=True)
    assert response.redirect_chain == [(f"{address(shown)}#error", 302)]
    assert 'role="alert"' in response.content.decode()
    assert not Judgment.objects.exists()


def test_the_same_form_sent_twice_is_one_verdict() -> None:
    shown = make_shown()
    client, form = client_of(shown), filled(verdict="left")
    assert [client.post(address(shown), form).status_code for _ in range(3)] == [302, 302, 302]
    assert Judgment.objects.count() == 1


def test_nothing_is_chosen_when_a_pair_opens() -> None:
    shown = make_shown()
    page = client_of(shown).get(address(shown)).content.decode()
    form = page.split('id="verdict-form"')[1]
    assert "checked" not in form.split("</form>")[0]


def test_a_second_tab_is_offered_to_revise_what_is_stored() -> None:
    shown = make_shown()
    client = client_of(shown)
    client.post(address(shown), filled(verdict="left", confidence="5"))
    late = client.post(address(shown), filled(verdict="both", confidence="2"))
    # A page that answers a POST could neither be gone back to nor loaded anew.
    assert late.status_code == 302
    client.get(late["Location"])
    page = client.get(late["Location"]).content.decode()
    assert "A better" in page
    assert "Both good" in page
    offered = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.split("Your new answer")[1]))
    assert client.post(address(shown), offered).status_code == 302
    newest = Judgment.objects.get(replaced_by__isnull=True)
    assert (newest.verdict, newest.confidence, newest.replaces and newest.replaces.verdict) == (
        "both",
        0.4,
        "left",
    )


def test_one_can_go_back_to_the_pair_before_and_its_verdict() -> None:
    shown = make_shown()
    client = client_of(shown)
    client.post(address(shown), filled(verdict="neither", confidence="2"))
    following = client.get(f"/campaigns/{shown.comparison.campaign.uuid}/judge/", follow=True)
    assert f'id="previous" href="{address(shown)}"' in following.content.decode()
    before = client.get(address(shown)).content.decode()
    assert re.search(r'value="neither"[^>]*checked', before)
    assert "Save this revision" in before


def test_a_refused_form_is_shown_once_with_what_was_entered() -> None:
    shown = make_shown()
    client = client_of(shown)
    client.post(address(shown), filled(confidence="4", reason="a <b>bold</b> reason"))
    page = client.get(address(shown)).content.decode()
    assert re.search(r'name="confidence" value="4"[^>]* checked', page)
    assert "a &lt;b&gt;bold&lt;/b&gt; reason" in page
    assert 'role="alert"' not in client.get(address(shown)).content.decode()


def test_pausing_takes_no_pair_and_offers_to_go_on() -> None:
    campaign = make_board()
    judge = make_participant(campaign.study, "judge")
    page = signed_in(judge).get(f"/campaigns/{campaign.uuid}/judge/?paused").content.decode()
    assert "Paused" in page
    assert "Continue judging" in page
    assert not Exposure.objects.exists()


def test_judges_are_told_what_an_output_is_and_hear_of_no_campaign() -> None:
    shown = make_shown()
    client = client_of(shown)
    page = client.get(address(shown)).content.decode()
    assert (
        "Each output is one method&#x27;s estimate" in page or "Each output is one method's estimate" in page
    )
    study = shown.comparison.campaign.study
    for words in (page, client.get(f"/studies/{study.uuid}/").content.decode()):
        assert "Campaign" not in words


def test_done_is_another_message_than_nothing_right_now() -> None:
    campaign = make_board(n_items=1, judges_per_comparison=1)
    first = make_shown(campaign)
    other = signed_in(make_participant(campaign.study, "judge"))
    # The other judge reserves what is left, so the first has to wait.
    for _ in range(2):
        held = other.get(f"/campaigns/{campaign.uuid}/judge/", follow=True)
        taken = Exposure.objects.exclude(participant=first.participant).order_by("-pk")[0]
        if _ == 0:
            record_judgment(exposure=taken, client_key=uuid4(), submitted=SubmittedVerdict("left"))
    assert held.status_code == 200
    record_judgment(exposure=first, client_key=uuid4(), submitted=SubmittedVerdict("left"))
    waiting = client_of(first).get(f"/campaigns/{campaign.uuid}/judge/").content.decode()
    assert "Nothing for you right now" in waiting
    assert "Come back at" in waiting
    record_judgment(exposure=taken, client_key=uuid4(), submitted=SubmittedVerdict("left"))
    assert "You are done" in client_of(first).get(f"/campaigns/{campaign.uuid}/judge/").content.decode()


@pytest.mark.parametrize(
    ("state", "words"), [("paused", "Judging is paused"), ("closed", "Judging is closed")]
)
def test_a_campaign_that_rests_says_so(state: str, words: str) -> None:
    campaign = make_board()
    Campaign.objects.update(state=state)
    judge = make_participant(campaign.study, "judge")
    assert words in signed_in(judge).get(f"/campaigns/{campaign.uuid}/judge/").content.decode()


def test_a_judge_for_whom_nothing_was_left_is_not_thanked_for_work() -> None:
    campaign = make_board(n_items=1, judges_per_comparison=1)
    judge_all(make_shown(campaign), campaign)
    late = signed_in(make_participant(campaign.study, "judge"))
    assert "No pairs left for you" in late.get(f"/campaigns/{campaign.uuid}/judge/").content.decode()


def test_a_pair_given_back_can_still_be_judged_and_is_marked_where_others_took_its_places() -> None:
    shown = make_shown()
    Exposure.objects.update(returned_at=timezone.now() - timedelta(minutes=5))
    Comparison.objects.update(seats_taken=shown.comparison.campaign.judges_per_comparison)
    assert client_of(shown).post(address(shown), filled(verdict="left")).status_code == 302
    assert Judgment.objects.get().surplus


def test_another_judges_pair_is_not_there() -> None:
    shown = make_shown()
    colleague = signed_in(make_participant(shown.comparison.campaign.study, "judge"))
    assert colleague.get(address(shown)).status_code == 404
    assert colleague.post(address(shown), filled(verdict="left")).status_code == 404
    assert send(colleague, shown, {"verdict": "left"}).status_code == 404
    assert not Judgment.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("annotator", 403), ("researcher", 403), ("owner", 403), ("", 404)]
)
def test_only_judges_judge(role: str, status: int) -> None:
    campaign = make_board()
    person = make_participant(campaign.study, role) if role else make_person()
    client = signed_in(person)
    for page in (f"/studies/{campaign.study.uuid}/judge/", f"/campaigns/{campaign.uuid}/judge/"):
        assert client.get(page).status_code == status
    assert not Exposure.objects.exists()


def test_pages_take_only_their_verbs_and_know_what_exists() -> None:
    shown = make_shown()
    client, campaign = client_of(shown), shown.comparison.campaign
    assert client.post(f"/studies/{campaign.study.uuid}/judge/").status_code == 405
    assert client.post(f"/campaigns/{campaign.uuid}/judge/").status_code == 405
    assert client.delete(address(shown)).status_code == 405
    assert client.get(f"/api/exposures/{shown.uuid}/judgments/").status_code == 405
    for missing in (f"/campaigns/{uuid4()}/judge/", f"/exposures/{uuid4()}/", f"/studies/{uuid4()}/judge/"):
        assert client.get(missing).status_code == 404
    assert client.post(address(shown), filled(verdict="left", replaces=str(uuid4()))).status_code == 404


def test_what_is_said_of_simulated_people_stands_on_the_page() -> None:
    shown = make_shown(make_board(notice="The people of this study are simulated."))
    assert "The people of this study are simulated." in client_of(shown).get(address(shown)).content.decode()


def test_a_page_costs_the_same_few_queries_however_many_pairs_there_are(
    django_assert_max_num_queries: Any,
) -> None:
    shown = make_shown(make_board(n_items=12))
    client = client_of(shown)
    client.get(address(shown))
    with django_assert_max_num_queries(22):
        client.get(address(shown))


def test_a_break_is_offered_once_after_so_many_verdicts() -> None:
    campaign = make_board(n_items=2, judges_per_comparison=1)
    Protocol.objects.create(campaign=campaign, break_every=2)
    shown = make_shown(campaign)
    client, onward = client_of(shown), f"/campaigns/{campaign.uuid}/judge/"
    client.post(address(shown), filled(verdict="left"))
    assert client.get(onward).status_code == 302
    second = make_exposure(shown.participant, campaign)
    client.post(address(second), filled(verdict="left"))
    assert "Time for a break?" in client.get(onward).content.decode()
    assert client.get(f"{onward}?on").status_code == 302
    Exposure.objects.update(done_at=timezone.now() - timedelta(hours=1))
    assert client.get(onward).status_code == 302, "whoever comes back later has rested"


def test_the_way_back_leads_to_the_pair_before_which_keeps_its_number() -> None:
    campaign = make_board()
    first = make_shown(campaign)
    client = client_of(first)
    client.post(address(first), filled(verdict="left"))
    second = make_exposure(first.participant, campaign)
    page = client.get(address(second)).content.decode()
    assert f'href="{address(first)}"' in page
    assert "<title>Pair 2 of 6 " in page
    client.post(address(second), filled(verdict="left"))
    assert "<title>Pair 1 of 6 " in client.get(address(first)).content.decode()
    assert "<title>Pair 2 of 6 " in client.get(address(second)).content.decode()
    assert "Previous text" not in page, "that is a word of the annotating page"
