"""A researcher opens a campaign, two judges work through it by keyboard, and the ranking changes accordingly."""

from __future__ import annotations

from django.utils import timezone
from playwright.sync_api import Page, expect

from annotations.models import Study
from hlv.demo.load import load_demonstration
from metaeval.models import Campaign, Exposure, Judgment, Protocol, Ranking
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.services.preregistration import preregister
from tests.journeys.looks import EVERY_LOOK, Open, Visit, faults, wait_for
from tests.journeys.test_judging import IS_STORED
from tests.making import make_participant
from tests.metaeval.making import make_board

# Of the demonstration's, as the judges of this journey like them.
METHODS = ("Soft labels", "JSD loss", "Majority vote", "Prompted LLM")


def judge_by_taste(page: Page, *, turned: bool) -> None:
    """For the method that stands earlier in METHODS, by keys alone; `turned`: of the first and the last, the last.

    A real judge sees which is better; here the outputs are simulated, and so is the judge's taste.
    """
    shown = Exposure.objects.select_related("comparison__low", "comparison__high").get(
        uuid=page.url.rstrip("/").rpartition("/")[2]
    )
    low, high = shown.comparison.low.name, shown.comparison.high.name
    extremes = turned and {low, high} == {METHODS[0], METHODS[-1]}
    low_is_better = (METHODS.index(low) < METHODS.index(high)) != extremes
    page.keyboard.press("KeyF" if low_is_better == shown.low_is_left else "KeyJ")
    page.keyboard.press("Digit4")


def save(page: Page) -> None:
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)
    wait_for(page, IS_STORED)


def plan_on_the_page(page: Page, study: Study) -> Campaign:
    """All pairs of four methods on two texts: twelve comparisons, each by two judges."""
    page.goto(f"/studies/{study.uuid}/campaigns/")
    page.get_by_role("link", name="Plan a campaign").click()
    page.get_by_label("Name").fill("Nearer to the law")
    page.get_by_label("Question to the judges").fill("Which is nearer to the law?")
    page.get_by_label("Which methods meet").select_option("all of them, across base models")
    for name in METHODS:
        page.get_by_label(name, exact=True).check()
    page.get_by_label("Texts for each pair").fill("2")
    page.get_by_label("Judges of each comparison").fill("2")
    page.get_by_label("Offer a break after so many verdicts").fill("9")
    page.get_by_role("button", name="Preview the cost").click()
    expect(page.locator("#cost")).to_contain_text("24")
    assert study.campaigns.count() == 1
    page.get_by_role("button", name="Store the campaign").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nearer to the law")
    page.get_by_role("link", name="Preview as a judge").click()
    expect(page.locator(".output")).to_have_count(2)
    page.go_back()
    page.get_by_role("button", name="Open for judging").click()
    expect(page.locator("main")).to_contain_text("open")
    return study.campaigns.get(name="Nearer to the law")


def judge_all(page: Page, campaign: Campaign, *, offline_at: int | None) -> None:
    """Twelve pairs by keyboard alone, the break in between included."""
    page.goto(f"/campaigns/{campaign.uuid}/judge/")
    places = set()
    for turn in range(12):
        if turn == 9:
            expect(page.get_by_role("heading", level=1)).to_have_text("Time for a break?")
            page.keyboard.press("Enter")
        page.wait_for_url("**/exposures/**")
        box = page.locator(".verdict-buttons").bounding_box()
        assert box is not None
        places.add((box["x"], box["y"]))
        judge_by_taste(page, turned=offline_at is None)
        if turn == offline_at:
            page.context.set_offline(True)
            page.keyboard.press("Enter")
            expect(page.locator("#saved")).to_contain_text("1 not yet saved")
            before = page.url
            page.context.set_offline(False)
            page.wait_for_url(lambda url, before=before: url != before)
            continue
        save(page)
    assert len(places) == 1, "the buttons stay where they are, however long text and outputs"
    expect(page.get_by_role("heading", level=1)).to_have_text("You are done")


def test_a_campaign_on_the_demonstration_goes_from_its_plan_to_a_ranking(
    open_page: Open, celery_worker_process: object
) -> None:
    study = load_demonstration()
    researcher = open_page(study.participants.get(role="owner"))
    campaign = plan_on_the_page(researcher, study)
    # A hundredth of what is drawn without a plan.
    preregister(campaign, PlannedAnalysis(metrics=("po_jsd",), n_resamples=400), by=None)
    ranks = researcher.locator("main")
    researcher.goto(f"/campaigns/{campaign.uuid}/results/")
    expect(ranks).not_to_contain_text(METHODS[0])

    judges = study.participants.filter(role="judge").order_by("number")[:2]
    for judge, offline_at in zip(judges, (None, 7), strict=True):
        judge_all(open_page(judge, viewport={"width": 1280, "height": 800}), campaign, offline_at=offline_at)
    assert Judgment.objects.filter(comparison__campaign=campaign).count() == 24

    researcher.reload()
    researcher.get_by_role("button", name="Compute").first.click()
    expect(researcher.get_by_role("heading", name="Done")).to_be_visible(timeout=60_000)
    researcher.goto(f"/campaigns/{campaign.uuid}/results/")
    expect(ranks).to_contain_text(METHODS[0])
    found = Ranking.objects.get(campaign=campaign).result["methods"]
    by_rank = sorted(found, key=lambda row: -row["strength"])
    assert [row["name"] for row in by_rank] == list(METHODS)
    researcher.goto(f"/campaigns/{campaign.uuid}/audit/")
    expect(researcher.locator("main")).to_contain_text("24")
    expect(researcher.locator("main table").first.locator("strong")).to_have_count(0)


def test_a_judge_labels_by_keys_before_the_outputs_and_without_a_network(open_page: Open) -> None:
    campaign = make_board(n_items=1)
    Protocol.objects.create(campaign=campaign, labels_first="each-pair")
    page = open_page(make_participant(campaign.study, "judge"))
    page.goto(f"/campaigns/{campaign.uuid}/judge/")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("or “No label applies”")
    page.keyboard.press("KeyT")
    page.keyboard.press(campaign.study.labels.get(key="family").shortcut)
    expect(page.locator("[name=none]")).not_to_be_checked()
    assert page.locator(".output").count() == 0
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#saved")).to_contain_text("1 not yet saved")
    page.context.set_offline(False)
    expect(page.locator(".output")).to_have_count(2)
    labelling = Exposure.objects.get(labelling__isnull=False).labelling
    assert [one.label.key for one in labelling.chosen.all()] == ["family"]
    # The page is there before its scripts are.
    page.wait_for_load_state("load")
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
    expect(page.locator(".output")).to_have_count(2)


@EVERY_LOOK
def test_no_page_of_a_campaign_has_barriers_or_runs_sideways(open_page: Open, visit: Visit) -> None:
    campaign = make_board(n_items=2, judges_per_comparison=1)
    Protocol.objects.create(
        campaign=campaign, labels_first="each-pair", explanation="Only *accuracy* counts."
    )
    study = campaign.study
    judge, researcher = make_participant(study, "judge"), make_participant(study, "researcher")
    page = open_page(judge, locale=visit.locale)
    pages = [(page, f"/campaigns/{campaign.uuid}/{name}") for name in ("judge/", "feedback/", "judgments/")]
    page.goto(pages[0][1])
    shown = Exposure.objects.earliest("sequence")
    Judgment.objects.create(
        exposure=shown,
        comparison=shown.comparison,
        participant=judge,
        verdict="cannot",
        reason="Too short.",
        low_is_left=shown.low_is_left,
        submitted_at=timezone.now(),
    )
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
    for opened, address in pages:
        opened.goto(address)
        assert faults(opened, visit) == [], address
