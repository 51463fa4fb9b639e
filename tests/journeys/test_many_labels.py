"""Many labels in a real browser: pasted by a researcher, found by keys, summarised and grouped for a lawyer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Annotation, Study
from annotations.services.studies import NewLabel, create_study
from tests.journeys.lawyers import answers_of, begin, press, save_and_wait, wait_for_texts_ahead
from tests.journeys.looks import EVERY_LOOK, PHONE, WIDE, Open, Visit, faults
from tests.making import make_items, make_participant, make_person

AREAS = [
    ("", "Tax"),
    *(("Housing", f"Rent {n}") for n in range(20)),
    *(("Family", f"Care {n}") for n in range(20)),
]


def make_long_study(**fields: str) -> Study:
    labels = [NewLabel(name, group=group) for group, name in AREAS]
    study = create_study(slug="areas", task="multilabel", labels=labels, **fields)
    make_items(study, 3)
    return study


def open_long_study(open_page: Open, *, width: int = WIDE, **fields: str) -> Page:
    study = make_long_study(**fields)
    page = open_page(make_participant(study), viewport={"width": width, "height": 800})
    begin(page, study)
    return page


def test_labels_are_pasted_and_uploaded_before_a_study_is_created(open_page: Open) -> None:
    founder = make_person()
    founder.may_create_studies = True
    founder.save()
    page = open_page(founder)
    page.goto("/studies/new/")
    page.get_by_label("Name", exact=True).first.fill("Areas")
    page.get_by_text("Add many labels at once").click()
    page.get_by_label("Labels, one per line").fill("# Housing\nRent\nDeposit\tmoney kept")
    for content in ("Müll".encode("latin-1"), "\ufeff#\nنفقة".encode()):
        page.get_by_label("Or a file of labels").set_input_files(
            {"name": "more.txt", "mimeType": "text/plain", "buffer": content}
        )
        is_text = content[0] > 200
        expect(page.get_by_text("This file is not text in UTF-8")).to_be_visible(visible=not is_text)
    page.get_by_role("button", name="Add to the table").click()
    expect(page.locator("[name=labels-2-name]")).to_have_value("نفقة")
    expect(page.locator("[name=labels-1-description]")).to_have_value("money kept")
    assert page.locator("#label-rows").evaluate("(one) => one.getBoundingClientRect().top") < 100
    page.get_by_role("button", name="Create the study").last.click()
    page.wait_for_url("**/studies/*-*/")
    labels = Study.objects.get().labels.values_list("name", "group")
    assert list(labels) == [("Rent", "Housing"), ("Deposit", "Housing"), ("نفقة", "")]


def test_search_results_are_chosen_by_keys_and_the_summary_leads_to_what_is_chosen(open_page: Open) -> None:
    page = open_long_study(open_page)
    press(page, "Slash")
    page.keyboard.type("rent 1")
    expect(page.locator("#found")).to_contain_text("11 of 41 labels")
    expect(page.locator(".label-choice.is-found .name")).to_have_text("Rent 1")
    press(page, "ArrowDown", "ArrowDown", "ArrowUp")
    expect(page.locator(".label-choice.is-found .name")).to_have_text("Rent 10")
    expect(page.locator("[data-found-now]")).to_have_text("Rent 10, 2 of 11")
    press(page, "Enter")
    expect(page.locator(".chosen-labels")).to_have_text(re.compile(r"Rent 10\s*\?"))
    press(page, "Digit4", "Slash")
    page.keyboard.type("tax")
    press(page, "Enter", "Digit0", "Slash")
    page.keyboard.type("nothing")
    expect(page.locator("#found")).to_have_text("No label has this name. Press Esc to see all.")
    press(page, "Enter")
    expect(page.locator(".label-choice:visible")).to_have_count(len(AREAS))
    expect(page.locator(".chosen-labels li")).to_have_text([re.compile("Rent 10 4"), re.compile("Tax")])
    page.get_by_role("button", name="Rent 10: 4, confident").click()
    press(page, "Digit2")
    expect(page.get_by_role("button", name="Rent 10: 2, leaning")).to_be_visible()
    press(page, "KeyU")
    expect(page.get_by_role("button", name="Rent 10: 4, confident")).to_be_visible()
    save_and_wait(page)
    assert answers_of(Annotation.objects.get()) == {"Rent 10": (True, 0.8), "Tax": (False, 1.0)}
    expect(page.locator(".chosen-labels")).to_have_text("No label chosen yet")


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_groups_stay_folded_and_what_is_chosen_stays_in_sight(open_page: Open, width: int) -> None:
    page = open_long_study(open_page, width=width)
    wait_for_texts_ahead(page, 1)
    page.locator("summary", has_text="Housing").click()
    # Away from what sticks to the edges of a phone.
    page.locator("#name-21").evaluate("(one) => one.scrollIntoView({block: 'center'})")
    page.locator("[name=label-21][value='3']").check(force=True)
    save_and_wait(page)
    expect(page.locator(".label-choice:visible")).to_have_count(1 + 20)
    # A search finds labels in a closed group, and leaves it closed.
    page.locator("#find").fill("rent 19")
    expect(page.locator(".label-choice:visible")).to_have_count(1)
    press(page, "Enter", "Digit5")
    expect(page.get_by_role("button", name="Rent 19: 5, certain")).to_be_visible()
    page.locator(".label-choice").last.scroll_into_view_if_needed()
    expect(page.locator(".chosen-labels")).to_be_in_viewport(ratio=1)
    page.reload()
    expect(page.get_by_role("button", name="Rent 19: 5, certain")).to_be_visible()
    expect(page.locator(".label-choice:visible")).to_have_count(1 + 20)


def test_without_javascript_every_label_of_every_group_is_offered(open_page: Open) -> None:
    study = make_long_study()
    page = open_page(make_participant(study), java_script_enabled=False)
    begin(page, study)
    expect(page.locator("#find")).not_to_be_visible()
    page.locator("[name=label-40][value='5']").check(force=True)
    page.get_by_role("button", name="Save and next").click()
    expect(page.locator(".progress-meters")).to_contain_text("1 of 3")
    assert answers_of(Annotation.objects.get()) == {"Care 19": (True, 1.0)}


@EVERY_LOOK
def test_many_labels_are_without_barriers(open_page: Open, visit: Visit) -> None:
    study = make_long_study()
    page = open_page(make_participant(study), locale=visit.locale)
    begin(page, study)
    page.locator("[name=label-3][value='4']").check(force=True)
    page.locator("#find").fill("rent")
    assert faults(page, visit) == []
