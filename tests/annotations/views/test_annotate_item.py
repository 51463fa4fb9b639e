"""The annotating pages as a browser without JavaScript uses them, and the address that scripts use."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from annotations.answer_versions import certainty_words
from annotations.models import Annotation, Assignment, Participant, Study
from annotations.services.annotating import Answer, record_annotation
from annotations.services.studies import publish_guideline
from tests.annotations.annotating_pages import filled, make_annotator, send, signed_in
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_annotating_leads_to_the_seat_and_stays_there_on_refresh() -> None:
    lawyer = make_annotator()
    client = signed_in(lawyer)
    first = client.get(f"/studies/{lawyer.study.uuid}/annotate/")
    assert first.status_code == 302
    assert client.get(f"/studies/{lawyer.study.uuid}/annotate/")["Location"] == first["Location"]
    page = client.get(first["Location"])
    assert page.status_code == 200
    assert "The landlord keeps my deposit." in page.content.decode()
    assert make_seat(lawyer).shown_at is not None


def test_a_plain_form_stores_labels_with_certainty_and_goes_on() -> None:
    lawyer = make_annotator()
    publish_guideline(lawyer.study, text="Read all of it.")
    seat = make_seat(lawyer)
    entered = filled(**{"label-0": "4", "label-2": "0", "reason": "para. 1", "guideline_version": "1"})
    response = signed_in(lawyer).post(f"/seats/{seat.uuid}/", entered)
    assert response["Location"] == f"/studies/{lawyer.study.uuid}/annotate/"
    stored = Annotation.objects.get()
    assert {(row.label.key, row.chosen, row.certainty) for row in stored.labels.all()} == {
        ("housing", True, 0.8),
        ("family", False, 1.0),
    }
    assert (stored.reason, stored.guideline and stored.guideline.version) == ("para. 1", 1)


def test_a_form_sent_twice_stores_one_answer() -> None:
    lawyer = make_annotator()
    client, seat, entered = signed_in(lawyer), make_seat(lawyer), filled(**{"label-0": "4"})
    answers = [client.post(f"/seats/{seat.uuid}/", entered) for _ in range(2)]
    assert [response.status_code for response in answers] == [302, 302]
    assert Annotation.objects.count() == 1


def test_what_was_entered_is_still_there_after_a_mistake() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    entered = filled(**{"label-1": "3", "no_label_applies": "on", "reason": "a <b>bold</b> reason"})
    client = signed_in(lawyer)
    response = client.post(f"/seats/{seat.uuid}/", entered, follow=True)
    page = response.content.decode()
    # A page that answers a POST could not be gone back to.
    assert response.redirect_chain == [(f"/seats/{seat.uuid}/#error", 302)]
    assert "You chose a label and “No label applies”" in page
    assert re.search(r'name="label-1" value="3"[^>]* checked', page)
    assert re.search(r'name="no_label_applies"[^>]* checked', page)
    assert "a &lt;b&gt;bold&lt;/b&gt; reason" in page
    assert entered["client_key"] in page
    assert not Annotation.objects.exists()
    assert (
        "You chose a label and “No label applies”" not in client.get(f"/seats/{seat.uuid}/").content.decode()
    )


def test_an_answer_to_an_answered_text_is_offered_as_a_revision() -> None:
    lawyer = make_annotator()
    client, seat = signed_in(lawyer), make_seat(lawyer)
    client.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "5"}))
    entered = filled(**{"label-1": "2", "reason": "second thoughts"})
    clash = client.post(f"/seats/{seat.uuid}/", entered, follow=True)
    # A page that answers a POST could neither be gone back to nor loaded anew.
    ((address, _status),) = clash.redirect_chain
    page = client.get(address).content.decode()
    assert "Your new answer" in page
    assert Annotation.objects.count() == 1
    offered = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    assert offered["label-1"] == "2"
    assert client.post(f"/seats/{seat.uuid}/", offered).status_code == 302
    first, second = Annotation.objects.order_by("pk")
    assert second.replaces == first
    assert second.reason == "second thoughts"
    assert "Your new answer" not in client.get(address).content.decode()


def test_an_answered_text_opens_with_the_answer_that_stands() -> None:
    lawyer = make_annotator()
    client, seat = signed_in(lawyer), make_seat(lawyer)
    client.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "2", "guideline_unclear": "on"}))
    page = client.get(f"/seats/{seat.uuid}/").content.decode()
    assert "Saving replaces it" in page
    assert re.search(r'name="label-0" value="2"[^>]* checked', page)
    assert re.search(r'name="guideline_unclear"[^>]* checked', page)
    assert f'name="replaces" value="{Annotation.objects.get().uuid}"' in page


def test_one_label_studies_have_one_choice_for_the_whole_page() -> None:
    lawyer = make_annotator(task=Study.Task.ORDINAL, labels=("low", "middle", "high"))
    client, seat = signed_in(lawyer), make_seat(lawyer)
    page = client.get(f"/seats/{seat.uuid}/").content.decode()
    assert set(re.findall(r'type="radio" name="([^"]+)"', page)) == {
        "choice",
        "reading-size",
        "reading-lines",
        "theme",
    }
    assert page.count('name="choice" value="" aria-label') == 3
    assert len(re.findall(r'name="choice"[^>]* checked', page)) == 1
    client.post(f"/seats/{seat.uuid}/", filled(choice="1:3"))
    (row,) = Annotation.objects.get().labels.all()
    assert (row.label.key, row.certainty) == ("middle", 0.6)


def test_without_certainty_labels_are_only_chosen_or_ruled_out() -> None:
    lawyer = make_annotator(asks_certainty=False)
    seat = make_seat(lawyer)
    signed_in(lawyer).post(f"/seats/{seat.uuid}/", filled(**{"label-0": "yes", "label-1": "0"}))
    assert {(row.label.key, row.chosen, row.certainty) for row in Annotation.objects.get().labels.all()} == {
        ("housing", True, None),
        ("contract", False, None),
    }


def test_a_skip_stores_its_reason_and_no_labels() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    signed_in(lawyer).post(f"/seats/{seat.uuid}/", filled(**{"label-0": "5", "skip": "conflict"}))
    stored = Annotation.objects.get()
    assert (stored.skipped, stored.reason, stored.labels.count()) == (True, "conflict", 0)


def test_skipping_for_another_reason_wants_it_written() -> None:
    lawyer = make_annotator()
    client, seat = signed_in(lawyer), make_seat(lawyer)
    response = client.post(f"/seats/{seat.uuid}/", filled(skip="other"), follow=True)
    assert "Write under “Reason” why you skip this text" in response.content.decode()
    client.post(f"/seats/{seat.uuid}/", filled(skip="other", reason="I wrote this request."))
    assert Annotation.objects.get().reason == "I wrote this request."


def test_an_unknown_step_is_refused() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    for entered in (filled(**{"label-0": "9"}), {"label-0": "3"}):
        response = signed_in(lawyer).post(f"/seats/{seat.uuid}/", entered, follow=True)
        assert 'role="alert"' in response.content.decode()
    assert not Annotation.objects.exists()


def test_done_nothing_now_and_nothing_assigned_are_said_differently() -> None:
    study = make_study(answers_wanted=1)
    make_items(study, 1)
    one, two = make_participant(study), make_participant(study)
    seat = make_seat(one)
    address = f"/studies/{study.uuid}/annotate/"
    assert "Come back at" in signed_in(two).get(address).content.decode()
    record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(no_label_applies=True))
    assert "You are done" in signed_in(one).get(address).content.decode()
    assert "No text is assigned to you" in signed_in(two).get(address).content.decode()


def test_a_quota_that_is_reached_is_another_message_than_done() -> None:
    lawyer = make_annotator()
    Participant.objects.update(quota=1)
    client, address = signed_in(lawyer), f"/studies/{lawyer.study.uuid}/annotate/"
    client.post(f"/seats/{make_seat(lawyer).uuid}/", filled(**{"label-0": "5"}))
    page = client.get(address).content.decode()
    assert "Your quota is reached" in page
    assert "You are done" not in page


def test_paused_and_closed_studies_say_so() -> None:
    lawyer = make_annotator()
    for state, words in ((Study.State.PAUSED, "is paused"), (Study.State.CLOSED, "is closed")):
        Study.objects.update(state=state)
        assert words in signed_in(lawyer).get(f"/studies/{lawyer.study.uuid}/annotate/").content.decode()


def test_who_is_no_annotator_is_told_so() -> None:
    study = make_study()
    owner = make_participant(study, "owner")
    response = signed_in(owner).get(f"/studies/{study.uuid}/annotate/")
    assert response.status_code == 403
    assert "You are not assigned to annotate in this study." in response.content.decode()


def test_another_persons_seat_is_not_there() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    other = signed_in(make_participant(lawyer.study))
    assert other.get(f"/seats/{seat.uuid}/").status_code == 404
    assert other.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "5"})).status_code == 404
    assert send(other, seat, {"no_label_applies": True}).status_code == 404
    assert not Annotation.objects.exists()


def test_another_persons_answer_cannot_be_revised() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    outcome = record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(no_label_applies=True))
    assert outcome.row is not None
    other = make_participant(lawyer.study)
    theirs = make_seat(other)
    sent = send(signed_in(other), theirs, {"no_label_applies": True, "replaces": str(outcome.row.uuid)})
    assert sent.status_code == 404


def test_a_text_is_shown_as_paragraphs_and_never_as_html() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    seat.item.texts.update(text="First <script>alert(1)</script>\nstill first\n\nثانيًا (ref. AG-2291)")
    page = signed_in(lawyer).get(f"/seats/{seat.uuid}/").content.decode()
    assert "<script>alert" not in page
    assert len(re.findall(r'<p dir="auto"><span class="para-no" aria-hidden="true">\d', page)) == 2


def test_pages_carry_nothing_inline() -> None:
    lawyer = make_annotator(notice="These people are simulated.")
    page = signed_in(lawyer).get(f"/seats/{make_seat(lawyer).uuid}/").content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", page)
    for script in re.findall(r"<script[^>]*>", page):
        assert 'type="application/json"' in script or 'src="/static/' in script
    assert "These people are simulated." in page


def test_my_answers_show_what_stands_and_only_ones_own() -> None:
    lawyer = make_annotator()
    client = signed_in(lawyer)
    seat = make_seat(lawyer)
    client.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "4", "reason": "mine alone"}))
    address = f"/studies/{lawyer.study.uuid}/answers/"
    page = client.get(address).content.decode()
    assert "housing" in page
    assert "4 of 5, confident" in page
    assert "80 %" not in page
    assert "mine alone" in page
    assert "mine alone" not in signed_in(make_participant(lawyer.study)).get(address).content.decode()


@pytest.mark.parametrize(
    ("certainty", "words"),
    [
        (0.2, "1 of 5, guess"),
        (0.6000000000000001, "3 of 5, likely"),
        (1.0, "5 of 5, certain"),
        (0.37, "0.37"),
        (0.0, "0"),
        (None, ""),
    ],
)
def test_a_certainty_is_said_as_the_step_that_was_pressed(certainty: float | None, words: str) -> None:
    assert certainty_words(certainty) == words


def test_a_time_of_another_day_is_said_as_a_day() -> None:
    lawyer = make_annotator()
    client, seat = signed_in(lawyer), make_seat(lawyer)
    address = f"/studies/{lawyer.study.uuid}/annotate/"

    def saved() -> str:
        page = client.get(address, follow=True).content.decode()
        found = re.search(r'id="saved-words">(.*?)</bdi>', page)
        return found.group(1) if found else "nothing is said"

    assert saved() == ""
    client.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "5"}))
    zone = ZoneInfo(lawyer.study.time_zone)
    now = timezone.now().astimezone(zone)
    for moment, words in (
        (now, f"Saved {now:%H:%M}"),
        (datetime(2024, 10, 22, 20, 33, tzinfo=zone), "Last saved 22 Oct 2024"),
    ):
        Assignment.objects.filter(pk=seat.pk).update(done_at=moment)
        assert saved() == words


def test_a_page_of_thirty_answers_costs_as_many_queries_as_one_of_three(
    django_assert_max_num_queries: Any,
) -> None:
    study = make_study()
    make_items(study, 40)
    lawyer = make_participant(study)
    for _ in range(35):
        record_annotation(
            assignment=make_seat(lawyer), client_key=uuid4(), answer=Answer(chosen={"housing": 0.4})
        )
    client = signed_in(lawyer)
    with django_assert_max_num_queries(20):
        page = client.get(f"/studies/{study.uuid}/answers/").content.decode()
    assert page.count("Revise") == 30
    assert "Page 1 of 2" in page
