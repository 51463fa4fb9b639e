"""A researcher sets a study up, from its name to its first answer, and a lawyer comes in by a link."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from annotations import jobs
from annotations.models import Job, Study, User
from annotations.services.invitations import Terms, invite, withdraw_invitation
from annotations.services.studies import NewLabel, add_participant, create_study, publish_guideline
from annotations.services.study_settings import clone_study, set_state
from tests.journeys.looks import EVERY_LOOK, Visit, faults, in_language
from tests.making import make_items, make_person

REQUESTS = "nr;Brief\nr-1;The landlord keeps my deposit.\nr-2;زوجي لا يدفع النفقة.\nr-3;They want money I never owed.\n"
PASSWORD = "quiet-harbour-41"


def make_founder() -> User:
    founder = make_person("Lin Okafor")
    founder.may_create_studies = True
    founder.save()
    return founder


def import_requests(page: Page, path: Path) -> None:
    """From the overview: look at the file, say which column is what, import, and watch it done."""
    path.write_text(REQUESTS, encoding="utf-8")
    page.get_by_role("link", name=re.compile("Set up.*Texts")).click()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("separator: semicolon")).to_be_visible()
    page.get_by_label("Id of the text").select_option("nr")
    page.get_by_label("Text", exact=True).select_option("Brief")
    page.get_by_role("button", name="Dry run").click()
    page.wait_for_url("**/jobs/**")
    assert jobs.run_now(Job.objects.latest("pk")).state == Job.State.DONE
    expect(page.get_by_text("Nothing was stored")).to_be_visible()
    page.get_by_role("link", name="Continue to the import").click()
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/jobs/**")
    assert jobs.run_now(Job.objects.latest("pk")).state == Job.State.DONE
    # The page follows its job by itself, and is then at rest.
    expect(page.locator("#job-moving[hx-get]")).to_have_count(0)
    page.get_by_role("link", name="Back to the study").click()


def join(lawyer: Page, link: str) -> None:
    lawyer.goto(link)
    lawyer.get_by_label("Your name").fill("Ana Ruiz")
    lawyer.get_by_label("Password", exact=True).fill(PASSWORD)
    lawyer.get_by_label("Password again").fill(PASSWORD)
    lawyer.get_by_role("button", name="Accept the invitation").click()
    expect(lawyer.get_by_text("Welcome. You take part as annotator.")).to_be_visible()


def test_a_study_is_set_up_and_its_first_lawyer_annotates(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None], tmp_path: Path
) -> None:
    page, lawyer = open_browser(), open_browser()
    sign_in(page, make_founder())
    page.get_by_role("link", name="New study").click()
    page.get_by_label("Name", exact=True).first.fill("Areas of law, 2026")
    expect(page.get_by_label("Short name")).to_have_value("areas-of-law-2026")
    page.get_by_label("Question above every text").fill("Which areas does it touch?")
    for place, name in enumerate(("Housing", "أسرة", "Debt", "Tax", "Labour")):
        if place == 4:
            page.get_by_role("button", name="More rows").click()
        row = page.locator("[data-row]").nth(place)
        row.get_by_label("Name", exact=True).fill(name)
    page.locator("[data-row]").first.get_by_label("Colour").select_option("blue")
    page.get_by_label("Answers wanted for each text").fill("2")
    page.get_by_label("Which text comes next").select_option("balanced by group")
    page.get_by_role("button", name="Create the study").last.click()
    study = Study.objects.get(slug="areas-of-law-2026")
    assert [label.name for label in study.labels.all()] == ["Housing", "أسرة", "Debt", "Tax", "Labour"]

    page.get_by_role("link", name=re.compile("Set up.*Guideline")).click()
    page.get_by_label("Text", exact=True).fill("# Read it all\n\nChoose *every* area.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Read it all")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1 is published")).to_be_visible()

    page.get_by_role("link", name="Overview").click()
    import_requests(page, tmp_path / "requests.csv")
    assert study.items.count() == 3

    page.get_by_role("link", name=re.compile("Set up.*People")).click()
    page.get_by_label("Name").fill("ana@example.org\nthe colleague from Aden")
    page.get_by_label("Group").fill("bar")
    page.get_by_label("Quota").fill("2")
    page.get_by_role("button", name="Create links").click()
    link = page.locator(".new-links code").first.inner_text()
    join(lawyer, link)

    page.get_by_role("link", name="Assignment preview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("4 answers would be missing")
    page.get_by_role("link", name="With invited people").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 answers would be missing")
    expect(page.get_by_role("row", name="the colleague from Aden")).to_contain_text("2")

    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The study is paused")).to_be_visible()
    lawyer.reload()
    expect(lawyer.get_by_text("Annotating is paused")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    lawyer.reload()
    lawyer.get_by_role("link", name="Start annotating").click()
    expect(lawyer.get_by_text("The landlord keeps my deposit.")).to_be_visible()
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.get_by_role("row", name="Ana Ruiz")).to_contain_text("bar")


@EVERY_LOOK
def test_no_page_of_setting_up_has_barriers_or_runs_sideways(
    open_browser: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    visit: Visit,
) -> None:
    founder = make_founder()
    study = create_study(
        slug="areas",
        name="Areas of law",
        task="multilabel",
        owner=founder,
        labels=[NewLabel("Housing", colour="#0072b2"), NewLabel("أسرة", description="زواج وطلاق")],
        description="What lawyers see in requests.",
    )
    publish_guideline(study, text="Choose one.", by=founder)
    publish_guideline(study, text="# Read\n\nChoose *every* area.\n\n> اقرأ الطلب كله.", by=founder)
    make_items(study, 4)
    lawyer = add_participant(study, user=make_person(), role="annotator", group="bar", quota=3, by=founder)
    gone, gone_link = invite(study, terms=Terms("judge"), by=founder, note="x" * 180)
    withdraw_invitation(gone, by=founder)
    _open, link = invite(study, terms=Terms("annotator", "academia", 5), by=founder, email="new@example.org")
    other, _job = clone_study(study, slug="other", name="Other", with_items=False, by=founder)
    set_state(other, state="paused", by=founder)
    page, stranger = open_browser(locale=visit.locale), open_browser(locale=visit.locale)
    sign_in(page, founder)

    def check(at: Page) -> None:
        assert faults(at, visit, unfold="details.fold") == []

    of_study = ("settings", "labels", "clone", "people", "assignment", "guideline", "guideline/difference")
    for path in (
        "/studies/",
        "/studies/new/",
        f"/studies/{other.uuid}/",
        *(f"/studies/{study.uuid}/{name}/" for name in of_study),
        f"/studies/{study.uuid}/assignment/?invited=1",
        f"/participants/{lawyer.uuid}/",
        link,
    ):
        page.goto(path)
        check(page)
    page.goto("/studies/new/")
    page.get_by_role("button", name=in_language(visit.locale, "Create the study")).last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.goto(f"/studies/{study.uuid}/invitations/")
    page.get_by_label(in_language(visit.locale, "Name")).fill("somebody else")
    page.get_by_role("button", name=in_language(visit.locale, "Create links")).click()
    expect(page.locator(".new-links code")).to_be_visible()
    check(page)
    page.goto(f"/studies/{study.uuid}/guideline/edit/")
    page.get_by_role("button", name=in_language(visit.locale, "Preview")).click()
    check(page)
    for path in (gone_link, link):
        stranger.goto(path)
        check(stranger)


def test_a_study_is_made_and_an_invitation_accepted_without_javascript(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None]
) -> None:
    page = open_browser(java_script_enabled=False)
    sign_in(page, make_founder())
    page.goto("/studies/new/")
    page.get_by_label("Name", exact=True).first.fill("Tenancy")
    page.locator("[data-row]").nth(0).get_by_label("Name", exact=True).fill("yes")
    page.get_by_role("button", name="More rows").click()
    expect(page.locator("[data-row]")).to_have_count(8)
    page.locator("[data-row]").nth(7).get_by_label("Name", exact=True).fill("no")
    page.get_by_role("button", name="Create the study").last.click()
    study = Study.objects.get(slug="tenancy")
    assert list(study.labels.values_list("key", flat=True)) == ["yes", "no"]
    page.goto(f"/studies/{study.uuid}/invitations/")
    page.get_by_label("Name").fill("ana@example.org")
    page.get_by_role("button", name="Create links").click()
    lawyer = open_browser(java_script_enabled=False)
    join(lawyer, page.locator(".new-links code").inner_text())
    assert study.participants.filter(role="annotator", user__email="ana@example.org").exists()
