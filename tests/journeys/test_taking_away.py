"""From a finished campaign to a downloaded bundle, and from its numbers to the texts, in a real browser."""

from __future__ import annotations

import csv
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import expect

from annotations import jobs
from annotations.models import Job, User
from metaeval.models import Campaign
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.services.preregistration import preregister
from tests.hlv.commands import run
from tests.hlv.test_texts import make_divided
from tests.journeys.looks import EVERY_LOOK, Open, Visit, faults
from tests.making import make_participant
from tests.metaeval.making import make_agreement_snapshot, make_differences, make_ranking_snapshot


def make_finished() -> tuple[Campaign, User]:
    campaign = make_divided()
    preregister(
        campaign,
        PlannedAnalysis(metrics=("po_jsd",), exclusions=("Verdicts under two seconds. دون ثانيتين",)),
        by=None,
    )
    make_agreement_snapshot(make_ranking_snapshot(campaign, drawn=True), drawn=True, **make_differences())
    owner = make_participant(campaign.study, "owner").user
    assert owner is not None
    return campaign, owner


@pytest.mark.both_databases
def test_a_finished_campaign_leads_to_a_downloaded_bundle(open_page: Open, tmp_path: Path) -> None:
    campaign, owner = make_finished()
    page = open_page(owner)
    page.goto(f"/campaigns/{campaign.uuid}/results/")
    page.get_by_role("link", name="Report", exact=True).click()
    expect(page.get_by_role("heading", name="Preregistration: planned and added")).to_be_visible()
    page.goto(f"/campaigns/{campaign.uuid}/results/#ranking")
    with page.expect_download() as shown:
        page.locator('a[href*="/ranking.csv"]').first.click()
    page.get_by_role("link", name="Export").click()
    page.get_by_role("button", name="Create the bundle").click()
    page.wait_for_url("**/jobs/**")
    assert jobs.run_now(Job.objects.get(kind="bundle")).state == Job.State.DONE
    # The page follows its job by itself.
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the bundle").click()
    download.value.save_as(tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        assert archive.testzip() is None
        held = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
    rows = [row[4:] for row in csv.reader(StringIO(Path(shown.value.path()).read_text(encoding="utf-8")))]
    assert rows == list(csv.reader(StringIO(held["rankings.csv"].decode())))
    job = Job.objects.get(kind="bundle")
    run("export", campaign.study.slug, tmp_path / "told.zip", "--as-of", job.params["as_of"])
    assert (tmp_path / "told.zip").read_bytes() == (tmp_path / "bundle.zip").read_bytes()
    figures = {name: drawn for name, drawn in held.items() if name.startswith("figures/")}
    assert {name.rsplit(".", 1)[1] for name in figures} == {"svg", "png", "pdf"}
    for number, (name, drawn) in enumerate(sorted(figures.items())):
        if name.endswith(".pdf"):
            assert drawn.startswith(b"%PDF-")
            assert drawn.rstrip().endswith(b"%%EOF")
            continue
        # Opened by itself, as whoever unpacks the bundle does.
        path = tmp_path / f"{number}{Path(name).suffix}"
        path.write_bytes(drawn)
        page.goto(path.as_uri())
        size = page.evaluate(
            "(document.querySelector('img, svg') || document.documentElement).getBoundingClientRect().width"
        )
        assert size > 100, name


@EVERY_LOOK
def test_no_page_from_a_number_to_a_paper_has_barriers_or_runs_sideways(
    open_page: Open, visit: Visit
) -> None:
    campaign, owner = make_finished()
    study = campaign.study
    jobs.run_now(jobs.create(kind="texts", study=study, params={}))
    page = open_page(owner, locale=visit.locale)
    item = study.items.order_by("position")[0]
    for address in (
        f"/campaigns/{campaign.uuid}/plan/",
        f"/campaigns/{campaign.uuid}/report/",
        f"/studies/{study.uuid}/bundle/",
        f"/studies/{study.uuid}/texts/",
        f"/items/{item.uuid}/",
    ):
        page.goto(address)
        assert faults(page, visit, unfold="details") == []


def test_a_printed_report_keeps_its_tables_on_the_page(open_page: Open) -> None:
    campaign, owner = make_finished()
    page = open_page(owner, viewport={"width": 720, "height": 1000})
    page.goto(f"/campaigns/{campaign.uuid}/report/")
    page.emulate_media(media="print")
    expect(page.locator("figure img").first).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
