"""A researcher watches a round in a real browser, and deals with a remark."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from playwright.sync_api import Page, expect

from annotations.models import Annotation, Settlement, User
from tests.annotations.rounds import Round, make_report, make_round
from tests.journeys.looks import EVERY_LOOK, Visit, faults, wait_for

SignIn = Callable[[Page, User], None]


def make_watched() -> Round:
    made = make_round(text="يحتفظ المالك بتأمين شقتي.\n\nThe landlord keeps my deposit.")
    make_report(made.study, drawn=True)
    return made


def person(made: Round) -> User:
    assert made.owner.user is not None
    return made.owner.user


def test_from_progress_to_a_remark_its_text_and_back(
    open_browser: Callable[..., Page], sign_in: SignIn
) -> None:
    made = make_watched()
    # All of it as plain forms and links.
    page = open_browser(java_script_enabled=False)
    sign_in(page, person(made))
    page.goto(reverse("study", args=[made.study.uuid]))
    page.get_by_role("link", name="Progress", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Every text has enough answers.")
    page.get_by_role("link", name="All remarks").click()
    expect(page.get_by_text("Which guideline holds?")).to_be_visible()
    page.get_by_role("button", name="Resolved").click()
    expect(page.get_by_text("No remark matches this filter.")).to_be_visible()
    assert Settlement.objects.get().annotation == Annotation.objects.get(guideline_unclear=True)
    page.get_by_role("link", name="Resolved", exact=True).click()
    page.get_by_role("link", name="Text ").first.click()
    expect(page.get_by_role("heading", name="Label distribution")).to_be_visible()
    expect(page.get_by_text("Annotator 3", exact=True)).to_be_visible()


def test_a_printed_round_keeps_its_figures_and_loses_its_buttons(
    open_browser: Callable[..., Page], sign_in: SignIn
) -> None:
    made = make_watched()
    page = open_browser(color_scheme="dark")
    sign_in(page, person(made))
    page.goto(reverse("progress", args=[made.study.uuid]))
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Recompute")).to_be_hidden()
    expect(page.locator("svg.columns")).to_be_visible()
    # Another drawing is fetched for paper.
    wait_for(
        page,
        "[...document.querySelectorAll('figure img')].filter((img) => img.naturalWidth > 0).length === 3",
    )


@EVERY_LOOK
def test_no_page_of_watching_has_barriers_or_runs_sideways(
    open_browser: Callable[..., Page], sign_in: SignIn, visit: Visit
) -> None:
    made, bare = make_watched(), make_round(n_items=1)
    page = open_browser(locale=visit.locale)
    divided = made.study.items.filter(annotations__guideline_unclear=True)[0]
    for shown, route, key in (
        (made, "progress", made.study.uuid),
        (made, "watched-texts", made.study.uuid),
        (made, "remarks", made.study.uuid),
        (made, "watched-item", divided.uuid),
        (bare, "progress", bare.study.uuid),
    ):
        if page.url == "about:blank" or shown is bare:
            page.context.clear_cookies()
            sign_in(page, person(shown))
        page.goto(reverse(route, args=[key]))
        assert faults(page, visit, unfold="details") == []
