"""The next text in the reply to an answer, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Annotation, User
from tests.journeys.lawyers import wait_for_texts_ahead
from tests.making import make_items, make_participant, make_study

N_ANSWERS = 14


@pytest.mark.django_db(transaction=True)
def test_texts_without_their_form_are_shown_whole_and_answered_each_for_itself(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    study = make_study()
    for number in range(1, 41):
        make_items(study, 1, text=f"Case {number} is about a deposit.")
    lawyer = make_participant(study)
    assert lawyer.user is not None
    page = open_browser()
    sign_in(page, lawyer.user)
    page.goto(f"/studies/{study.uuid}/annotate/")
    wait_for_texts_ahead(page, 10)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    for number in range(1, N_ANSWERS + 1):
        expect(page.locator(".case")).to_contain_text(f"Case {number} is")
        expect(page.locator(".text-number")).to_have_text(f"Text no. {number} of the study")
        page.keyboard.press("KeyT")
        with page.expect_response(lambda response: response.url.split("?")[0].endswith("/answers/")) as sent:
            page.keyboard.press("Enter")
        assert sent.value.status == 201
        expect(page.locator("#saved-words")).to_contain_text("Saved ")
    # Ten were there with their forms; those after them came with answers, and none was asked for in another request.
    assert not [path for path in asked if path.endswith("/following/")]
    expect(page.locator(".progress-meters b").first).to_have_text(str(N_ANSWERS))
    answered = Annotation.objects.order_by("pk").values_list("item__position", flat=True)
    assert list(answered) == list(range(N_ANSWERS))
    assert (
        page.locator("#previous-text").get_attribute("href")
        == urlsplit(
            f"/seats/{Annotation.objects.order_by('-pk')[0].assignment.uuid}/"  # type: ignore[union-attr]
        ).path
    )
    page.locator("#previous-text").click()
    expect(page.locator(".case")).to_contain_text(f"Case {N_ANSWERS} is")
