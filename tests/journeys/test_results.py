"""A researcher reads results in a real browser, and asks for new ones."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Job, User
from metaeval.models import Campaign
from tests.journeys.looks import EVERY_LOOK, Open, Visit, barriers, faults, in_language, wait_for
from tests.making import make_participant
from tests.metaeval.making import (
    make_agreement_snapshot,
    make_board,
    make_differences,
    make_judge_report,
    make_ranking_snapshot,
    make_sensitivity,
)


def make_results() -> tuple[Campaign, User]:
    campaign = make_board(notice="These people are simulated.")
    make_agreement_snapshot(make_ranking_snapshot(campaign, drawn=True), drawn=True, **make_differences())
    make_judge_report(campaign)
    researcher = make_participant(campaign.study, "researcher").user
    assert researcher is not None
    return campaign, researcher


def drawn_sources(page: Page) -> list[str]:
    """Which file each figure shows, once it is really there."""
    wait_for(page, "[...document.querySelectorAll('figure img')].every((img) => img.complete)")
    return list(
        page.locator("figure img").evaluate_all(
            "(all) => all.map((img) => img.naturalWidth && img.currentSrc)"
        )
    )


# What of the picture must show to be a figure and not only its edge.
LEAST_OF_A_FIGURE = 120


@pytest.mark.parametrize(
    ("width", "height", "locale"), [(1280, 900, "en"), (390, 844, "en"), (1280, 900, "ar")]
)
def test_the_first_screen_has_the_headline_its_certainty_and_the_figure(
    open_page: Open, width: int, height: int, locale: str
) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher, viewport={"width": width, "height": height}, locale=locale)
    page.goto(f"/campaigns/{campaign.uuid}/results/")
    drawn_sources(page)

    def edges(selector: str) -> tuple[float, float]:
        box = page.locator(selector).first.bounding_box()
        assert box is not None, selector
        return box["y"], box["y"] + box["height"]

    for selector in ("h1.headline", ".certainty"):
        top, bottom = edges(selector)
        assert top >= 0, selector
        assert bottom <= height, selector
    assert edges("#figure-1 figure img")[0] <= height - LEAST_OF_A_FIGURE
    expect(page.locator("#figure-1")).to_contain_text(in_language(locale, "Metrics against the experts"))


def test_each_entry_of_the_contents_opens_its_fold_without_javascript(open_page: Open) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher, java_script_enabled=False)
    page.goto(f"/campaigns/{campaign.uuid}/results/")
    entries = page.get_by_role("navigation", name="Contents").get_by_role("link")
    assert entries.all_inner_texts() == [
        *("What the data show", "What remains unclear", "Ranking", "Scores", "Number of annotators"),
        *("Noise ceiling", "Sensitivity analysis", "Judges", "Labels", "Provenance"),
    ]
    for entry in entries.all():
        chapter = page.locator(entry.get_attribute("href") or "")
        expect(chapter).to_be_hidden()
        entry.click()
        expect(chapter).to_be_visible()


def test_paper_has_every_fold(open_page: Open) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher, java_script_enabled=False)
    page.goto(f"/campaigns/{campaign.uuid}/results/")
    page.emulate_media(media="print")
    for chapter in page.locator(".chapter").all():
        expect(chapter).to_be_visible()


def test_figures_show_themselves_in_the_reader_s_theme_and_width(open_page: Open) -> None:
    campaign, researcher = make_results()
    address = f"/campaigns/{campaign.uuid}/results/"
    seen = set()
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            page = open_page(researcher, color_scheme=scheme, viewport={"width": width, "height": 800})
            page.goto(address)
            sources = drawn_sources(page)
            assert len(sources) == 5
            assert all(sources), "a figure did not load"
            seen.update(sources)
    assert len(seen) == 20


# Figures are drawn with letters of at least 12 px.
SMALLEST_DRAWN_PX = 12
SMALLEST_READ_PX = 11


def test_letters_of_figures_stay_readable_at_every_width_opened_or_resized(open_page: Open) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher)
    page.goto(f"/campaigns/{campaign.uuid}/results/")
    lead = page.locator("#figure-1 figure img")

    def shown() -> tuple[str, float]:
        wait_for(page, "document.querySelector('#figure-1 figure img').complete")
        source, scale = lead.evaluate("(img) => [img.currentSrc, img.width / img.naturalWidth]")
        assert scale * SMALLEST_DRAWN_PX >= SMALLEST_READ_PX, page.viewport_size
        return source, round(lead.evaluate("(img) => img.naturalWidth"))

    for width, drawn_width in ((1280, 816), (881, 816), (880, 358), (641, 358), (390, 358)):
        page.set_viewport_size({"width": width, "height": 844})
        wait_for(page, f"document.querySelector('#figure-1 figure img').naturalWidth === {drawn_width}")
        resized = shown()
        page.reload()
        assert shown() == resized


def test_the_data_of_a_figure_open_and_its_files_are_saved(open_page: Open) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher)
    page.goto(f"/studies/{campaign.study.uuid}/results/")
    figure = page.locator("#figure-1")
    figure.get_by_text("Data").first.click()
    expect(figure.get_by_role("rowheader", name="soft f1")).to_be_visible()
    for words in ("SVG", "PNG", "PDF", "CSV"):
        with page.expect_download() as download:
            figure.get_by_role("link", name=words).click()
        assert download.value.suggested_filename.endswith(words.lower())


def test_a_point_says_what_it_is_to_mouse_and_keyboard_and_leads_to_its_texts(open_page: Open) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher, viewport={"width": 390, "height": 800})
    page.goto(f"/campaigns/{campaign.uuid}/results/#figure-2")
    figure = page.locator("#figure-2")
    points, tip = figure.locator(".point"), figure.locator(".tip")
    points.nth(1).locator("path").first.hover()
    expect(tip).to_contain_text("strength")
    assert barriers(page) == []
    page.keyboard.press("Tab")
    points.first.focus()
    page.keyboard.press("ArrowDown")
    expect(points.nth(1)).to_be_focused()
    said = points.nth(1).get_attribute("aria-label") or ""
    head, rest = said.split(": ")
    assert tip.locator("span").all_inner_texts() == [head, *rest.split("; ")]
    assert "95 % interval" in rest
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    # Of the drawing nothing stands in the page but outlines and their places.
    held = figure.locator(".points *").evaluate_all(
        "(all) => all.map((one) => [one.localName, ...one.getAttributeNames()])"
    )
    assert {names[0] for names in held} == {"a", "g", "path", "line"}
    assert {name for names in held for name in names[1:]} <= {
        *("class", "href", "aria-label", "tabindex", "transform", "d", "x2", "y2")
    }
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/studies/{campaign.study.uuid}/texts/?one=*")
    assert f"one={quote_plus(head)}" in page.url


def test_a_method_is_highlighted_in_all_figures(open_page: Open) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher)
    page.goto(f"/campaigns/{campaign.uuid}/results/#figure-2")
    page.locator("#figure-2 .point").first.focus()
    for figure in ("#figure-2", "#who-beats-whom", "#strength-against-score"):
        expect(page.locator(f"{figure} .ring > *").first).to_be_attached()
    page.keyboard.press("Tab")
    expect(page.locator(".ring > *")).to_have_count(0)


def test_computing_anew_leads_to_the_job(open_page: Open) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher, java_script_enabled=False)
    page.goto(f"/campaigns/{campaign.uuid}/results/")
    page.get_by_role("button", name="Recompute", exact=True).click()
    page.wait_for_url("**/jobs/**")
    assert Job.objects.get().kind == "metaeval"


def test_a_printed_dashboard_has_no_buttons_and_keeps_its_figures(open_page: Open) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher, color_scheme="dark")
    page.goto(f"/campaigns/{campaign.uuid}/results/")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Recompute", exact=True)).to_be_hidden()
    expect(page.locator("figure img").first).to_be_visible()


@EVERY_LOOK
def test_no_page_of_results_has_barriers_or_runs_sideways(open_page: Open, visit: Visit) -> None:
    campaign, researcher = make_results()
    page = open_page(researcher, locale=visit.locale)
    empty = make_board()
    impossible = make_board()
    make_ranking_snapshot(
        impossible,
        undetermined="The methods fall into 2 groups.",
        unconnected=[["a"], ["ب"]],
        joins=[["a", "ب"]],
    )
    for other in (empty, impossible):
        make_participant(other.study, "owner", user=researcher)
    make_sensitivity(campaign)
    first, second = campaign.rankings.get(), make_ranking_snapshot(campaign, notes=["another"])
    for address in (
        *(f"/campaigns/{shown.uuid}/results/" for shown in (campaign, empty, impossible)),
        f"/rankings/{first.uuid}/?one=JSD+loss&metric=po_jsd",
        f"/campaigns/{campaign.uuid}/runs/?first={first.uuid}&second={second.uuid}",
        f"/campaigns/{campaign.uuid}/results/metric-ranks/?snapshot={first.uuid}",
    ):
        page.goto(address)
        assert faults(page, visit, unfold="details") == []
