"""The next pair is sent ahead, or comes with the reply to a verdict, and replaces the judged one within the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from annotations.services.people import make_sign_in_link
from metaeval.models import Campaign, Exposure, Judgment, Output, Protocol, Run
from metaeval.selectors.audit import audit
from tests.journeys.looks import Open, wait_for
from tests.journeys.test_annotation_page import own_chromium
from tests.journeys.test_judging import begin, make_judge, press, save_and_wait, verdicts
from tests.making import make_campaign, make_comparisons, make_items, make_methods, make_study
from tests.metaeval.making import make_board

MARK = "document.body.dataset.first = 'yes'"
IS_SAME_DOCUMENT = "document.body.dataset.first === 'yes'"


def test_the_next_pair_replaces_the_judged_one_and_is_announced(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign), viewport={"width": 900, "height": 500})
    begin(page, campaign)
    page.evaluate(MARK)
    page.evaluate("scrollTo(0, 300)")
    press(page, "KeyF", "Digit5")
    save_and_wait(page)
    assert page.evaluate(IS_SAME_DOCUMENT)
    following = Exposure.objects.order_by("sequence")[1]
    assert page.url.endswith(f"/exposures/{following.uuid}/")
    expect(page).to_have_title(f"Pair 2 of 6 · {campaign.study.name} · HLV")
    expect(page.get_by_role("main", name="Pair 2 of 6")).to_be_focused()
    expect(page.locator(".progress-meters")).to_contain_text("Yours 1 of 6")
    expect(page.locator("#saved")).to_contain_text("Saved ")
    expect(page.locator("[name=verdict]:checked")).to_have_count(0)
    assert page.evaluate("scrollY") == 0
    for _ in range(5):
        press(page, "KeyG")
        save_and_wait(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are done")
    assert verdicts() == [("left", 1.0), *[("both", None)] * 5]


def test_back_and_forward_show_pairs_at_their_own_addresses(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    page.evaluate(MARK)
    first = page.url
    press(page, "KeyF", "Digit5")
    save_and_wait(page)
    second = page.url
    page.go_back()
    expect(page.get_by_text("Saving replaces it")).to_be_visible()
    assert page.url == first
    expect(page).to_have_title(f"Pair 1 of 6 · {campaign.study.name} · HLV")
    expect(page.locator("[name=verdict][value=left]")).to_be_checked()
    # A change that is begun and left is said on the pair that follows.
    press(page, "KeyG")
    page.go_forward()
    expect(page.get_by_role("alert")).to_contain_text("Your change to Pair 1 is not saved yet")
    assert page.url == second
    expect(page.locator("[name=verdict]:checked")).to_have_count(0)
    page.go_back()
    expect(page.locator("[name=verdict][value=both]")).to_be_checked()
    save_and_wait(page)
    assert page.url == second
    assert page.evaluate(IS_SAME_DOCUMENT)
    assert Judgment.objects.get(replaced_by__isnull=True).verdict == "both"


def wait_for_pair_ahead(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-prefetched", "1")


def test_without_a_connection_the_pair_ahead_is_judged_and_both_verdicts_arrive(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    page.evaluate(MARK)
    wait_for_pair_ahead(page)
    page.context.set_offline(True)
    for n_waiting, keys in enumerate((("KeyF", "Enter"), ("KeyJ", "Digit1", "Enter")), start=1):
        before = page.url
        press(page, *keys)
        expect(page.locator("#saved")).to_contain_text(f"{n_waiting} not yet saved")
    # No pair is ahead of the second one, so keys are not for it.
    press(page, "KeyG", "Digit5")
    page.context.set_offline(False)
    page.wait_for_url(lambda url: url != before)
    assert page.evaluate(IS_SAME_DOCUMENT)
    expect(page.locator("[name=verdict]:checked")).to_have_count(0)
    expect(page.locator("#saved")).to_contain_text("Saved ")
    press(page, "KeyH", "Digit2")
    save_and_wait(page)
    assert verdicts() == [("left", None), ("right", 0.2), ("neither", 0.4)]


def test_a_pair_ahead_is_left_when_judging_was_paused_meanwhile(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    wait_for_pair_ahead(page)
    Campaign.objects.update(state="paused")
    press(page, "KeyF", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("paused")
    assert verdicts() == [("left", None)]
    assert Exposure.objects.filter(shown_at__isnull=True).count() == 1


def test_a_break_comes_before_the_next_pair(open_page: Open) -> None:
    campaign = make_board()
    Protocol.objects.create(campaign=campaign, break_every=1)
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    press(page, "KeyF")
    save_and_wait(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Time for a break?")


def make_long_outputs(text: str) -> Campaign:
    study = make_study()
    items, methods = (
        make_items(study, 3, text="The landlord keeps my deposit. " * 100),
        make_methods(study, ("one", "other")),
    )
    for n_times, method in enumerate(methods, start=200):
        run = Run.objects.create(method=method)
        Output.objects.bulk_create(Output(run=run, item=item, text=text * 2 * n_times) for item in items)
    campaign = make_campaign(study)
    make_comparisons(campaign, items, methods)
    return campaign


SIZES = pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
LARGEST_BAR = 0.12


@SIZES
@pytest.mark.parametrize("words", ["The landlord must repay the deposit. ", "يجب على المالك إعادة التأمين. "])
def test_both_names_and_a_low_verdict_bar_stay_in_sight_beside_long_outputs(
    open_page: Open, width: int, height: int, words: str
) -> None:
    campaign = make_long_outputs(words)
    page = open_page(make_judge(campaign), viewport={"width": width, "height": height})
    begin(page, campaign)
    page.locator(".pair").evaluate("(pair) => pair.scrollIntoView()")
    page.mouse.move(width * 0.6, height / 2)
    page.mouse.wheel(0, 900)
    for _turn in range(2):
        for name in page.locator(".output h2").all():
            box = name.bounding_box()
            assert box is not None
            assert 0 <= box["y"] < height * 0.7
        bar = page.locator(".verdict-bar").bounding_box()
        assert bar is not None
        assert bar["height"] <= LARGEST_BAR * height
        assert bar["y"] + bar["height"] <= height
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # The same with the buttons of a pair that follows another.
        press(page, "KeyF")
        save_and_wait(page)
        page.locator(".pair").evaluate("(pair) => pair.scrollIntoView()")


@SIZES
def test_the_wide_view_folds_the_text_and_is_kept_from_pair_to_pair(
    open_page: Open, width: int, height: int
) -> None:
    campaign = make_long_outputs("The landlord must repay the deposit. ")
    page = open_page(make_judge(campaign), viewport={"width": width, "height": height})
    begin(page, campaign)
    press(page, "KeyW", "KeyF")
    for _pair in range(2):
        text, outputs = page.locator("#text").bounding_box(), page.locator(".pair").bounding_box()
        assert text is not None
        assert outputs is not None
        assert text["height"] < height / 4
        assert outputs["width"] > width * 0.9
        if _pair == 0:
            save_and_wait(page)
    expect(page.locator("[name=verdict]:checked")).to_have_count(0)


def test_outputs_scroll_together_by_the_share_read_or_separately(open_page: Open) -> None:
    campaign = make_long_outputs("The landlord must repay the deposit. ")
    page = open_page(make_judge(campaign), viewport={"width": 390, "height": 844})
    begin(page, campaign)
    first, second = page.locator(".output").all()
    end = "(one) => { one.scrollTop = one.scrollHeight; }"
    share = "(one) => one.scrollTop / (one.scrollHeight - one.clientHeight)"
    first.evaluate(end)
    wait_for(page, "document.querySelectorAll('.output')[1].scrollTop > 0")
    assert second.evaluate(share) > 0.99
    press(page, "KeyS")
    second.evaluate("(one) => new Promise((done) => { one.onscroll = done; one.scrollTop = 0; })")
    assert first.evaluate(share) > 0.99


def test_a_pair_that_appeared_as_the_browser_was_killed_is_no_presentation_and_comes_back_unchanged(
    transactional_db: None,
    address: str,
    browser: Browser,
    tmp_path: Path,
    wait_until: Callable[..., None],
) -> None:
    campaign = make_board()
    judge = make_judge(campaign)

    def signed_in(page: Page) -> Page:
        link = make_sign_in_link(judge)
        page.goto(link if link.startswith("http") else f"{address}{link}")
        page.locator("main form button").first.click()
        page.wait_for_url("**/studies/")
        return page

    def start(page: Page) -> None:
        page.goto(f"{address}/studies/{campaign.study.uuid}/judge/")
        page.wait_for_url("**/exposures/**")

    lost: list[Route] = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(route)

    with own_chromium(browser, tmp_path / "profile") as (own, _process):
        page = signed_in(own.contexts[0].new_page())
        start(page)
        wait_for_pair_ahead(page)
        before = page.url
        # The server stores the verdict; its reply does not arrive before the end, so nothing is reported.
        page.context.route("**/api/**", lose)
        press(page, "KeyF", "Digit5", "Enter")
        page.wait_for_url(lambda url: url != before)
        wait_until(lambda: bool(page.wait_for_timeout(50) or lost))
    stored = Exposure.objects.get(done_at__isnull=True)
    assert stored.shown_at is None
    assert audit(campaign).n_exposures == 1
    with own_chromium(browser, tmp_path / "profile") as (own, _process):
        page = signed_in(own.contexts[0].new_page())
        start(page)
        assert page.url.endswith(f"/exposures/{stored.uuid}/")
        expect(page.locator("[name=verdict]:checked")).to_have_count(0)
        page.wait_for_load_state("networkidle")
    again = Exposure.objects.get(pk=stored.pk)
    sides = ("pk", "low_is_left", "left_hash", "right_hash", "sequence")
    assert [getattr(again, name) for name in sides] == [getattr(stored, name) for name in sides]
    assert verdicts() == [("left", 1.0)]
