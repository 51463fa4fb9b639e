"""A researcher opens a campaign, two judges work through it by keyboard, and the ranking changes accordingly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotations import jobs
from annotations.models import Participant, Study, User
from metaeval.models import Campaign, Exposure, Judgment, Protocol, Ranking
from tests.journeys.looks import EVERY_LOOK, Visit, faults
from tests.making import make_items, make_methods, make_output, make_participant, make_study
from tests.metaeval.making import make_board

Open = Callable[..., Page]
# Better methods give more to the label that fits.
METHODS = ("worst", "third", "second", "best")


@pytest.fixture
def open_page(open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None]) -> Open:
    def opened(person: Participant, **options: Any) -> Page:
        page = open_browser(**options)
        assert person.user is not None
        sign_in(page, person.user)
        return page

    return opened


def make_ready() -> Study:
    """Four methods on four texts, each of another length, with outputs of one to three labels."""
    study = make_study(labels=("housing", "contract", "family"))
    methods = make_methods(study, METHODS)
    for number in range(4):
        (item,) = make_items(study, 1, text="The landlord keeps my deposit.\n\n" * (1 + 6 * number))
        for place, method in enumerate(methods):
            shares = [0.2 + 0.2 * place + 0.01 * number, 0.3 * (number > 0), 0.2 * (number > 2)]
            make_output(method, item, shares)
    return study


def judge_as_one_sees_it(page: Page) -> None:
    """For the side with more housing; by keys alone."""
    a, b = (
        float(
            page.locator(".option").nth(side).locator("li", has_text="housing").locator(".value").inner_text()
        )
        for side in (0, 1)
    )
    # Now and then the worse one, so that no method wins everything.
    better_is_a = (a > b) != (int(page.url[-5], 16) % 5 == 0)
    page.keyboard.press("KeyF" if better_is_a else "KeyJ")
    page.keyboard.press("Digit4")


def save(page: Page) -> None:
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)


def test_a_campaign_goes_from_its_plan_to_a_ranking(open_page: Open) -> None:
    study = make_ready()
    researcher = open_page(make_participant(study, "researcher"))
    judges = [make_participant(study, "judge") for _ in range(2)]

    researcher.goto(f"/studies/{study.uuid}/campaigns/")
    researcher.get_by_role("link", name="Plan a campaign").click()
    researcher.get_by_label("Name").fill("accuracy")
    researcher.get_by_label("Question to the judges").fill("Which is nearer to the law?")
    researcher.get_by_label("Judges of each comparison").fill("2")
    researcher.get_by_label("Verdicts of each judge").fill("20")
    researcher.get_by_label("Offer a break after so many verdicts").fill("15")
    researcher.get_by_role("button", name="What would it cost?").click()
    expect(researcher.locator("#cost")).to_contain_text("48")
    assert not Campaign.objects.exists()
    researcher.get_by_role("button", name="Store the plan").click()
    expect(researcher.get_by_role("heading", level=1)).to_have_text("accuracy")
    researcher.get_by_role("link", name="See a pair as a judge would").click()
    expect(researcher.locator(".option")).to_have_count(2)
    researcher.go_back()
    researcher.get_by_role("button", name="Open it to the judges").click()
    expect(researcher.locator("main")).to_contain_text("open")
    campaign = Campaign.objects.get()

    for number, judge in enumerate(judges):
        page = open_page(judge, viewport={"width": 1280, "height": 800})
        page.goto(f"/studies/{study.uuid}/judge/")
        places = set()
        for turn in range(20):
            if turn == 15:
                expect(page.get_by_role("heading", level=1)).to_have_text("Time for a break?")
                page.keyboard.press("Enter")
            page.wait_for_url("**/exposures/**")
            box = page.locator(".four").bounding_box()
            assert box is not None
            places.add((box["x"], box["y"]))
            judge_as_one_sees_it(page)
            if number == 1 and turn == 7:
                page.context.set_offline(True)
                page.keyboard.press("Enter")
                expect(page.locator("#saved")).to_contain_text("1 not yet saved")
                before = page.url
                page.context.set_offline(False)
                page.wait_for_url(lambda url, before=before: url != before)
                continue
            save(page)
        assert len(places) == 1, "the buttons stay where they are, however long text and outputs"
        expect(page.get_by_role("heading", level=1)).to_have_text("Your quota is reached")
    assert Judgment.objects.count() == 40

    researcher.goto(f"/campaigns/{campaign.uuid}/results/")
    expect(researcher.locator("main")).not_to_contain_text("best")
    job = jobs.run_now(
        jobs.create(kind="ranking", study=study, params={"campaign": str(campaign.uuid), "n_resamples": 50})
    )
    assert job.state == "done", job.reason
    found = Ranking.objects.get().result["methods"]
    assert max(found, key=lambda row: row["strength"])["name"] == "best"
    researcher.reload()
    expect(researcher.locator("main")).to_contain_text("best")
    researcher.goto(f"/campaigns/{campaign.uuid}/audit/")
    expect(researcher.locator("main")).to_contain_text("40")
    expect(researcher.locator("main table").first.locator("strong")).to_have_count(0)


def test_a_judge_labels_by_keys_before_the_outputs_and_without_a_network(open_page: Open) -> None:
    campaign = make_board(n_items=1)
    Protocol.objects.create(campaign=campaign, labels_first="each-pair")
    page = open_page(make_participant(campaign.study, "judge"))
    page.goto(f"/campaigns/{campaign.uuid}/judge/")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("say that none applies")
    page.keyboard.press("KeyT")
    page.keyboard.press(campaign.study.labels.get(key="family").shortcut)
    expect(page.locator("[name=none]")).not_to_be_checked()
    assert page.locator(".option").count() == 0
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#saved")).to_contain_text("1 not yet saved")
    page.context.set_offline(False)
    expect(page.locator(".option")).to_have_count(2)
    labelling = Exposure.objects.get().labelling
    assert [one.label.key for one in labelling.chosen.all()] == ["family"]
    page.keyboard.press("KeyM")
    expect(page.locator("#marks")).to_have_attribute("open", "")
    page.keyboard.press("KeyF")
    save(page)
    assert Judgment.objects.get().verdict == "left"


def test_labels_come_first_without_javascript_too(open_page: Open) -> None:
    campaign = make_board(n_items=1)
    Protocol.objects.create(campaign=campaign, labels_first="each-pair")
    page = open_page(make_participant(campaign.study, "judge"), java_script_enabled=False)
    page.goto(f"/campaigns/{campaign.uuid}/judge/")
    page.get_by_role("checkbox", name="housing").check()
    page.get_by_role("button", name="Show the outputs").click()
    expect(page.locator(".option")).to_have_count(2)


@EVERY_LOOK
def test_no_page_of_a_campaign_has_barriers_or_runs_sideways(open_page: Open, visit: Visit) -> None:
    campaign = make_board(n_items=2, judges_per_comparison=1)
    Protocol.objects.create(
        campaign=campaign, labels_first="each-pair", explanation="Only *accuracy* counts."
    )
    study = campaign.study
    judge, researcher = make_participant(study, "judge"), make_participant(study, "researcher")
    page = open_page(judge, locale=visit.locale)
    pages = [(page, f"/campaigns/{campaign.uuid}/judge/"), (page, f"/campaigns/{campaign.uuid}/feedback/")]
    page.goto(pages[0][1])
    desk = open_page(researcher, locale=visit.locale)
    wished = (
        "name=a&meeting=within&judges_per_comparison=1&repeat_percent=10&labels_first=never&identical=ask"
    )
    wished += "&label_order=mean&threshold=0.05&outputs_as=plain&break_every=5&seed=0"
    pages += [
        (desk, f"/studies/{study.uuid}/campaigns/"),
        (desk, f"/studies/{study.uuid}/campaigns/new/?{wished}"),
        *(
            (desk, f"/campaigns/{campaign.uuid}/{name}")
            for name in ("", "preview/", "comparisons/", "audit/")
        ),
    ]
    for shown, address in pages:
        shown.goto(address)
        assert faults(shown, visit) == []
