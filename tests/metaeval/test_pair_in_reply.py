"""The next pair is reserved and sent ahead; without it, the reply to a verdict has it where its page asks for it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from metaeval.models import Campaign, Exposure, Judgment, Output, Protocol, Run
from metaeval.selectors.audit import audit
from metaeval.services.judging import SubmittedVerdict, record_judgment
from metaeval.services.presentation import next_exposure
from tests.making import make_campaign, make_comparisons, make_exposure, make_participant
from tests.metaeval.judging_pages import address, client_of
from tests.metaeval.making import make_board, make_shown
from tests.metaeval.test_blindness import make_secret_board, secrets, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def send_for_pair(client: Client, shown: Exposure, **given: Any) -> Any:
    body = json.dumps({"client_key": str(uuid4()), "verdict": "left", **given})
    return client.post(f"/api/exposures/{shown.uuid}/judgments/?pair", body, content_type="application/json")


def report(client: Client, shown: Exposure, *have: str) -> Any:
    """As a page does that shows this pair."""
    body = json.dumps({"have": have})
    return client.post(f"{address(shown)}next/", body, content_type="application/json")


def without_keys(html: str) -> str:
    html = re.sub(r'csrfmiddlewaretoken" value="\w+"', "token", html)
    return re.sub(r'client_key" value="[0-9a-f-]+"', "key", html)


def test_the_reply_has_the_pair_that_the_redirect_leads_to_and_a_page_reports_it_shown() -> None:
    shown = make_shown()
    client = client_of(shown)
    reply = send_for_pair(client, shown)
    assert reply.status_code == 201
    pair = reply.json()["pair"]
    following = Exposure.objects.get(done_at__isnull=True)
    assert pair["address"] == address(following)
    assert following.shown_at is None
    assert report(client, following).json()["state"] == "open"
    following.refresh_from_db()
    assert following.shown_at is not None
    onward = client.get(f"/campaigns/{shown.comparison.campaign.uuid}/judge/")
    assert onward["Location"] == pair["address"]
    # The judged one, this one, and the one ahead.
    assert Exposure.objects.count() == 3


def test_the_reply_shows_what_the_page_of_the_pair_shows() -> None:
    shown = make_shown()
    client = client_of(shown)
    pair = send_for_pair(client, shown).json()["pair"]
    page = client.get(pair["address"]).content.decode()
    assert without_keys(pair["html"]).strip() in without_keys(page)
    assert f"<title>{pair['title']}</title>" in page
    following = Exposure.objects.get(done_at__isnull=True)
    assert "Yours <b>1</b> of 6" in report(client, following).json()["head"]


def test_fields_of_the_reply_are_a_closed_list() -> None:
    shown = make_shown()
    reply = send_for_pair(client_of(shown), shown).json()
    assert set(reply) == {"sentence", "stored", "next", "revise", "pair"}
    assert set(reply["pair"]) == {"place", "address", "title", "html", "seconds"}


def test_a_reply_without_the_question_shows_no_pair() -> None:
    shown = make_shown()
    body = json.dumps({"client_key": str(uuid4()), "verdict": "left"})
    path = f"/api/exposures/{shown.uuid}/judgments/"
    reply = client_of(shown).post(path, body, content_type="application/json").json()
    assert "pair" not in reply
    assert not Exposure.objects.filter(done_at__isnull=True).exists()


def test_a_repeat_whose_reply_was_lost_has_the_same_pair() -> None:
    shown = make_shown()
    client, key = client_of(shown), str(uuid4())
    first, repeat = (send_for_pair(client, shown, client_key=key) for _ in range(2))
    assert [first.status_code, repeat.status_code] == [201, 200]
    assert first.json()["pair"]["address"] == repeat.json()["pair"]["address"]
    assert without_keys(first.json()["pair"]["html"]) == without_keys(repeat.json()["pair"]["html"])
    assert Judgment.objects.count() == 1


def test_a_refused_verdict_and_a_conflict_bring_no_pair() -> None:
    shown = make_shown()
    client = client_of(shown)
    assert "pair" not in send_for_pair(client, shown, verdict="tie").json()
    send_for_pair(client, shown)
    conflict = send_for_pair(client, shown, verdict="right")
    assert conflict.status_code == 409
    assert "pair" not in conflict.json()


def test_a_revision_leads_on_to_the_pair_in_hand() -> None:
    shown = make_shown()
    client = client_of(shown)
    first = send_for_pair(client, shown).json()
    revised = send_for_pair(client, shown, verdict="both", replaces=first["stored"]["uuid"]).json()
    assert revised["pair"]["address"] == first["pair"]["address"]


def test_a_break_labels_and_the_end_are_pages_of_their_own() -> None:
    tiring = make_board(n_items=1)
    Protocol.objects.create(campaign=tiring, break_every=1)
    labels_first = make_board(n_items=1)
    Protocol.objects.create(campaign=labels_first, labels_first="each-pair")
    stopped = make_board(n_items=1)
    for campaign in (tiring, labels_first, stopped):
        shown = make_shown(campaign)
        client = client_of(shown)
        if campaign == labels_first:
            client.post(f"{address(shown)}labels/", {"client_key": str(uuid4()), "none": "on"})
        if campaign == stopped:
            Campaign.objects.filter(pk=campaign.pk).update(state="paused")
        reply = send_for_pair(client, shown)
        assert reply.status_code == 201
        assert reply.json()["pair"] is None


def test_after_the_last_pair_there_is_none() -> None:
    campaign = make_board(n_items=1)
    shown = make_shown(campaign)
    client = client_of(shown)
    for n_left in (2, 1, 0):
        pair = send_for_pair(client, shown).json()["pair"]
        assert (pair is not None) == (n_left > 0)
        if pair is not None:
            shown = make_exposure(shown.participant, campaign)


def test_a_pair_that_was_taken_back_is_explained_on_the_page_that_follows() -> None:
    campaign = make_board()
    first = make_shown(campaign)
    client = client_of(first)
    send_for_pair(client, first)
    second = make_exposure(first.participant, campaign)
    report(client, second)
    # Another run of one of its methods says something else.
    another = Run.objects.create(method=second.comparison.low, name="another")
    said = np.array([0.5, 0.5, 0.1]).tobytes()
    Output.objects.create(run=another, item=second.comparison.item, probabilities=said)
    revised = send_for_pair(client, first, verdict="both", replaces=str(Judgment.objects.get().uuid)).json()
    assert revised["pair"] is None
    page = client.get(revised["next"], follow=True).content.decode()
    assert "it was taken back" in page


def test_a_reply_tells_no_method_from_the_first_pair_to_the_last() -> None:
    # The board's own campaign asks for labels, on pages of their own.
    study = make_secret_board().study
    campaign = make_campaign(study, "tone", judges_per_comparison=9)
    make_comparisons(campaign, list(study.items.all()), list(study.methods.all()))
    Protocol.objects.create(campaign=campaign, repeat_share=0.5)
    shown: Exposure = make_shown(campaign)
    client, read = client_of(shown), []
    while True:
        reply = send_for_pair(client, shown)
        read.append(words_of(reply))
        if reply.json()["pair"] is None:
            break
        shown = make_exposure(shown.participant, campaign)
        assert reply.json()["pair"]["address"] == address(shown)
    assert len(read) > 6, "repeats come too"
    known = secrets()
    assert [secret for words in read for secret in known if secret in words] == []
    assert "no-store" in reply["Cache-Control"]


def test_the_pair_ahead_is_what_its_page_shows_once_the_one_before_is_judged() -> None:
    shown = make_shown()
    client = client_of(shown)
    reply = report(client, shown).json()
    assert set(reply) == {"state", "head", "texts", "order", "more"}
    (ahead,) = reply["texts"]
    assert set(ahead) == {"place", "address", "title", "html", "seconds"}
    assert reply["order"] == [{"place": ahead["place"], "seconds": ahead["seconds"]}]
    send_for_pair(client, shown)
    page = client.get(ahead["address"]).content.decode()
    assert without_keys(ahead["html"]).strip() in without_keys(page)
    assert f"<title>{ahead['title']}</title>" in page


def test_a_pair_sent_ahead_and_never_shown_returns_to_its_judge_unchanged() -> None:
    shown = make_shown(make_board(judges_per_comparison=9))
    client = client_of(shown)
    report(client, shown)
    reserved = Exposure.objects.get(shown_at__isnull=True)
    assert report(client, shown, str(reserved.uuid)).json()["texts"] == []
    for moment in (None, timezone.now() + timedelta(hours=3)):
        if moment is not None:
            # Its lease ran out, and another judge's request gave it back.
            next_exposure(
                make_participant(shown.participant.study, "judge"), shown.comparison.campaign, now=moment
            )
            assert Exposure.objects.get(pk=reserved.pk).returned_at is not None
        while isinstance(found := next_exposure(shown.participant, shown.comparison.campaign), Exposure):
            if found.pk == reserved.pk:
                break
            record_judgment(exposure=found, client_key=uuid4(), submitted=SubmittedVerdict("left"))
        assert isinstance(found, Exposure)
        same = ("pk", "low_is_left", "sequence", "left_hash", "right_hash", "shown_at")
        assert [getattr(found, name) for name in same] == [getattr(reserved, name) for name in same]


def test_the_pair_on_the_screen_is_the_one_in_hand_while_another_is_ahead() -> None:
    shown = make_shown()
    report(client_of(shown), shown)
    assert Exposure.objects.filter(shown_at__isnull=True).count() == 1
    assert next_exposure(shown.participant, shown.comparison.campaign) == shown


def test_nothing_is_sent_ahead_of_a_break_labels_a_quota_or_after_a_pause() -> None:
    boards = [make_board(n_items=2) for _ in range(4)]
    tiring, labels_first, limited, paused = boards
    Protocol.objects.create(campaign=tiring, break_every=1)
    Protocol.objects.create(campaign=labels_first, labels_first="each-pair")
    Protocol.objects.create(campaign=limited, quota=1)
    for campaign in boards:
        shown = make_shown(campaign)
        client = client_of(shown)
        if campaign == labels_first:
            assert report(client, shown).json()["texts"] == []
            shown.refresh_from_db()
            assert shown.shown_at is None, "its labels are asked first"
            client.post(f"{address(shown)}labels/", {"client_key": str(uuid4()), "none": "on"})
        if campaign == paused:
            Campaign.objects.filter(pk=campaign.pk).update(state="paused")
        reply = report(client, shown).json()
        assert (reply["texts"], reply["order"]) == ([], [])
        assert reply["state"] == ("paused" if campaign == paused else "open")
        shown.refresh_from_db()
        assert (shown.shown_at is None) == (campaign == paused)


def test_a_pair_whose_outputs_changed_before_it_was_shown_does_not_count_as_shown() -> None:
    shown = make_shown()
    another = Run.objects.create(method=shown.comparison.low, name="another")
    said = np.array([0.5, 0.5, 0.1]).tobytes()
    Output.objects.create(run=another, item=shown.comparison.item, probabilities=said)
    assert report(client_of(shown), shown).json()["state"] == "changed"
    shown.refresh_from_db()
    assert shown.shown_at is None


def test_a_verdict_that_arrives_before_the_report_says_that_the_pair_was_shown() -> None:
    shown = make_shown()
    send_for_pair(client_of(shown), shown)
    shown.refresh_from_db()
    assert shown.shown_at == Judgment.objects.get().submitted_at


def test_what_is_sent_ahead_tells_no_method_from_the_first_pair_to_the_last() -> None:
    study = make_secret_board().study
    campaign = make_campaign(study, "tone", judges_per_comparison=9)
    make_comparisons(campaign, list(study.items.all()), list(study.methods.all()))
    Protocol.objects.create(campaign=campaign, repeat_share=0.5)
    judge = make_participant(study, "judge")
    client, read = client_of(make_exposure(judge, campaign)), []
    while isinstance(shown := next_exposure(judge, campaign), Exposure):
        read.append(words_of(report(client, shown)))
        send_for_pair(client, shown)
    assert sum('"texts": [{' in words for words in read) >= 6
    known = secrets()
    assert [secret for words in read for secret in known if secret in words] == []
    assert "no-store" in report(client, make_shown(campaign))["Cache-Control"]
    assert audit(campaign).n_against_the_rule == 0


def test_the_reply_costs_the_same_few_queries_however_many_pairs_there_are(
    django_assert_max_num_queries: Any,
) -> None:
    shown = make_shown(make_board(n_items=12))
    client = client_of(shown)
    send_for_pair(client, shown)
    shown = make_exposure(shown.participant, shown.comparison.campaign)
    assert shown.lease_until > timezone.now()
    with django_assert_max_num_queries(50):
        send_for_pair(client, shown)
