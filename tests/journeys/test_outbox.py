"""What waits for the network in a real browser: all of it arrives once, and nothing holds up the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotations.models import Annotation, Assignment, Participant, User
from annotations.services.annotating import Answer, record_annotation
from hlv.context_processors import account_key
from tests.journeys.lawyers import wait_for_texts_ahead
from tests.making import make_items, make_participant, make_study

KEEP = """(entry) => new Promise((resolve) => {
  const opened = indexedDB.open("hlv-outbox", 1);
  opened.onsuccess = () => {
    const writing = opened.result.transaction("answers", "readwrite");
    writing.objectStore("answers").put(entry);
    writing.oncomplete = resolve;
  };
})"""
N_OFFLINE = 10


def make_seats(n_seats: int) -> list[Assignment]:
    """One lawyer who holds several seats."""
    study = make_study()
    lawyer = make_participant(study)
    until = timezone.now() + timedelta(hours=1)
    return [
        Assignment.objects.create(item=item, participant=lawyer, lease_until=until)
        for item in make_items(study, n_seats)
    ]


def signed_in(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None], lawyer: Participant
) -> Page:
    page = open_browser()
    assert lawyer.user is not None
    sign_in(page, lawyer.user)
    return page


def unsendable(seat: Assignment, address: str, **payload: Any) -> dict[str, Any]:
    """What an earlier page left behind, older than all that is given now."""
    key = str(uuid4())
    payload = {"client_key": key, "submitted_at": "2020-01-01T00:00:00.000Z", **payload}
    assert seat.participant.user is not None
    return {
        "key": key,
        "account": account_key(seat.participant.user),
        "seat": str(uuid4()),
        "address": address,
        "next": "/",
        "payload": payload,
    }


def test_ten_texts_go_on_without_a_network_and_each_answer_is_delivered_once(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None], wait_until: Callable[..., None]
) -> None:
    study = make_study()
    make_items(study, 30)
    page = signed_in(open_browser, sign_in, make_participant(study))
    page.goto(f"/studies/{study.uuid}/annotate/")
    wait_for_texts_ahead(page, N_OFFLINE)
    assert Assignment.objects.count() == 1 + N_OFFLINE
    assert Assignment.objects.filter(shown_at__isnull=False).count() == 1, "what is ahead was not shown"
    page.context.set_offline(True)
    for n_given in range(1, 1 + N_OFFLINE):
        for code in ("KeyQ", "Digit4", "Enter"):
            page.keyboard.press(code)
        expect(page.locator("#saved")).to_contain_text(f"{n_given} not yet saved")
    # The last of them is the end of what is here, and that is said.
    page.keyboard.press("KeyQ")
    page.keyboard.press("Digit4")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No more texts can be loaded")
    expect(page.get_by_role("alert")).to_contain_text(f"({N_OFFLINE + 1} not yet saved)")
    assert not Annotation.objects.exists()
    # Closed, and the browser with it: what waits is sent from any page of the same person.
    page.context.set_offline(False)
    page.context.new_page().goto("/studies/")
    wait_until(lambda: Annotation.objects.count() == N_OFFLINE + 1)
    assert len(set(Annotation.objects.values_list("assignment", flat=True))) == N_OFFLINE + 1
    assert Assignment.objects.filter(shown_at__isnull=False, done_at__isnull=False).count() == N_OFFLINE + 1


def test_answers_that_wait_in_several_tabs_are_each_delivered_once(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None], wait_until: Callable[..., None]
) -> None:
    seats = make_seats(3)
    first = signed_in(open_browser, sign_in, seats[0].participant)
    pages = [first, *(first.context.new_page() for _ in seats[1:])]
    for page, seat in zip(pages, seats, strict=True):
        page.goto(f"/seats/{seat.uuid}/")
        page.wait_for_load_state("networkidle")
    first.context.set_offline(True)
    for page in pages:
        page.bring_to_front()
        for code in ("KeyQ", "Digit4", "Enter"):
            page.keyboard.press(code)
        expect(page.locator("#saved")).to_contain_text("not yet saved")
    # Every tab sends all that waits: each answer arrives several times and is one row.
    first.context.set_offline(False)
    wait_until(lambda: Annotation.objects.count() == 3)
    for page in pages:
        expect(page.get_by_text("not yet saved")).to_have_count(0)
    assert sorted(Annotation.objects.values_list("assignment", flat=True)) == sorted(s.pk for s in seats)


@pytest.mark.parametrize(("fault", "left"), [("gone", 1), ("refused", 0)])
def test_what_the_server_never_takes_is_shown_and_holds_up_nothing(
    open_browser: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    wait_until: Callable[..., None],
    fault: str,
    left: int,
) -> None:
    seat, other = make_seats(2)
    page = signed_in(open_browser, sign_in, seat.participant)
    page.goto(f"/seats/{seat.uuid}/")
    where = uuid4() if fault == "gone" else other.uuid
    page.evaluate(KEEP, unsendable(seat, f"/api/seats/{where}/answers/"))
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("alert")).to_contain_text("One answer was refused and is not stored:")
    expect(page.locator("#saved")).to_contain_text("1 not yet saved" if left else "")
    before = page.url
    for code in ("KeyQ", "Digit4", "Enter"):
        page.keyboard.press(code)
    page.wait_for_url(lambda url: url != before)
    wait_until(Annotation.objects.exists)
    assert Annotation.objects.get().assignment == seat
    # SentenceValue once; what may be taken some day is kept and counted.
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("#saved")).to_contain_text("1 not yet saved" if left else "Saved")


def test_what_waited_and_comes_too_late_is_told_on_any_page_and_waits_beside_what_stands(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    (seat,) = make_seats(1)
    page = signed_in(open_browser, sign_in, seat.participant)
    record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(chosen={"housing": 0.8}))
    late = unsendable(seat, f"/api/seats/{seat.uuid}/answers/", chosen={"family": 1})
    given = {"chosen": [["label-2", "5"]], "written": [["reason", "para. 1"]]}
    here = {"person": str(seat.participant.uuid), "seat": str(seat.uuid), "name": "Text 1", "given": given}
    page.evaluate(KEEP, late | here)
    page.reload()
    expect(page.locator("#outbox")).to_contain_text("Text 1 already had an answer")
    page.get_by_role("link", name="Show the stored answer").click()
    expect(page.locator("[name=label-0][value='4']")).to_be_checked()
    page.get_by_role("button", name="Use my later answer").click()
    expect(page.locator("[name=label-2][value='5']")).to_be_checked()
    expect(page.locator("#reason")).to_have_value("para. 1")
    assert Annotation.objects.count() == 1


def test_a_database_of_the_browser_that_fails_loses_no_answer(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    (seat,) = make_seats(1)
    page = signed_in(open_browser, sign_in, seat.participant)
    page.goto(f"/seats/{seat.uuid}/")
    for method in ("put", "getAll"):
        page.evaluate(
            f"() => {{ IDBObjectStore.prototype.{method} = () => {{ throw new Error('no room'); }}; }}"
        )
    page.evaluate("dispatchEvent(new Event('online'))")
    for code in ("KeyQ", "Digit4", "Enter"):
        page.keyboard.press(code)
    page.wait_for_url("**/annotate/")
    assert Annotation.objects.get().assignment == seat
