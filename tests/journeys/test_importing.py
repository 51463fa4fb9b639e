"""A researcher brings a file in a real browser, without JavaScript too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from annotations import jobs
from annotations.models import Annotation, Job, Study, User
from tests.journeys.looks import EVERY_LOOK, Visit, faults, in_language
from tests.making import make_import, make_items, make_participant, make_study

LABELS = "item,annotator,label\nitem-1,w,yes\nitem-2,w,لا\n"


def make_ready() -> tuple[Study, User]:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "لا"))
    make_items(study, 3)
    make_import(study)
    researcher = make_participant(study, "researcher").user
    assert researcher is not None
    return study, researcher


def bring(
    page: Page, study: Study, *paths: Path, by: str, kind: str = "annotations", locale: str = "en"
) -> None:
    page.goto(f"/studies/{study.uuid}/import/")
    page.get_by_label(in_language(locale, "What the file holds")).select_option(kind)
    page.locator("input[type=file]").set_input_files(paths)
    page.get_by_role("button", name=in_language(locale, by)).click()


def test_a_file_is_looked_at_imported_and_withdrawn_without_javascript(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None], tmp_path: Path
) -> None:
    study, researcher = make_ready()
    (tmp_path / "labels.csv").write_text(LABELS, encoding="utf-8")
    page = open_browser(java_script_enabled=False)
    sign_in(page, researcher)
    bring(page, study, tmp_path / "labels.csv", by="Preview")
    expect(page.get_by_role("cell", name="لا")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/jobs/**")
    assert jobs.run_now(Job.objects.get()).state == Job.State.DONE
    assert Annotation.objects.count() == 2
    page.reload()
    expect(page.get_by_text("2 annotations added")).to_be_visible()
    page.get_by_role("link", name="Back to the study").click()
    row = page.get_by_role("row").filter(has_text="labels.csv").filter(has_text="Withdraw")
    row.locator("summary").click()
    row.get_by_label("Why").fill("an older version")
    row.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("labels.csv is withdrawn")).to_be_visible()
    # Files of one import are chosen together.
    (tmp_path / "metadata.csv").write_text("id,optionA,optionB\n70,ReL,MV\n", encoding="utf-8")
    text = '{"id": "70", "text": "My landlord.", "optionA": [], "optionB": []}\n'
    (tmp_path / "input.jsonl").write_text(text, encoding="utf-8")
    paths = [tmp_path / "metadata.csv", tmp_path / "input.jsonl"]
    bring(page, study, *paths, kind="items", by="Preview")
    expect(page.get_by_role("heading", name="input.jsonl, metadata.csv")).to_be_visible()
    expect(page.get_by_role("cell", name="My landlord.")).to_be_visible()


@EVERY_LOOK
def test_no_page_of_an_import_has_barriers_or_runs_sideways(
    open_browser: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    tmp_path: Path,
    visit: Visit,
) -> None:
    study, researcher = make_ready()
    page = open_browser(locale=visit.locale)
    sign_in(page, researcher)

    def check() -> None:
        assert faults(page, visit, unfold="details.fold") == []

    page.goto(f"/studies/{study.uuid}/")
    check()
    page.goto(f"/studies/{study.uuid}/import/")
    check()
    (tmp_path / "labels.csv").write_text(LABELS + f"item-9,w,{'x' * 300}\n", encoding="utf-8")
    bring(page, study, tmp_path / "labels.csv", by="Preview", locale=visit.locale)
    page.wait_for_url("**/uploads/**")
    check()
    page.get_by_label(in_language(visit.locale, "Columns by name")).fill("item")
    page.get_by_role("button", name=in_language(visit.locale, "Import"), exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    check()
    bring(page, study, tmp_path / "labels.csv", by="Import now", locale=visit.locale)
    page.wait_for_url("**/jobs/**")
    check()
    assert jobs.run_now(Job.objects.get()).state == Job.State.FAILED
    expect(page.get_by_role("table")).to_be_visible()
    check()
