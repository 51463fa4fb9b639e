"""From labels to a campaign of trained methods, on the pages alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from metaeval.models import Campaign, Comparison, Training
from tests.journeys.looks import EVERY_LOOK, Open, Visit, faults
from tests.making import make_participant
from tests.metaeval.making_training import make_split_study, make_training

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_methods_are_trained_compared_and_given_to_judges(
    open_page: Open, celery_worker_process: object
) -> None:
    study = make_split_study()
    page = open_page(make_participant(study, "researcher"))
    page.goto(f"/studies/{study.uuid}/")
    page.get_by_role("link", name="Methods", exact=True).click()
    page.get_by_role("link", name="Train methods").click()
    for name in ("SL", "MV", "LA-mean"):
        page.locator(f"[name=methods][value={name}]").check()
    page.get_by_label("Runs", exact=True).fill("2")
    page.get_by_role("button", name="Dry run").click()
    expect(page.locator("#plan")).to_contain_text("3 methods, 2 runs each")
    expect(page.locator("#plan")).to_contain_text("LA-mean is the same as SL")
    assert not Training.objects.exists()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Show the table of methods").click()
    expect(page.locator("table").first).to_contain_text("Train mean")
    page.get_by_role("button", name="Make a campaign of these").click()
    page.get_by_label("Name", exact=True).fill("SL or MV")
    page.get_by_role("button", name="Preview the cost").click()
    expect(page.locator("#cost")).to_contain_text("12")
    page.get_by_role("button", name="Store the campaign").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("SL or MV")
    compared = Comparison.objects.filter(campaign=Campaign.objects.get())
    assert {name for pair in compared.values_list("low__name", "high__name") for name in pair} == {"SL", "MV"}
    assert {item.metadata["split"] for item in study.items.filter(comparisons__in=compared)} == {"test"}


@EVERY_LOOK
def test_no_page_of_training_has_barriers_or_runs_sideways(open_page: Open, visit: Visit) -> None:
    study = make_split_study(n_texts=20)
    training = make_training(study)
    page = open_page(make_participant(study, "researcher"), locale=visit.locale)
    wished = "features=char&split=split&folds=10&runs=2&select=none&hidden=0&partition=1&seed=1"
    for address in (
        f"/studies/{study.uuid}/methods/",
        f"/studies/{study.uuid}/methods/train/?{wished}",
        f"/trainings/{training.uuid}/",
    ):
        page.goto(address)
        assert faults(page, visit, unfold="details") == [], address
