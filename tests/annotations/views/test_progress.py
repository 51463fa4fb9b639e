"""The pages of watching: what they say, to whom under which names, and what they cost."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.findings.round_findings import annotators_reading
from annotations.models import Annotation, AnnotationLabel, Job, Participant, RoundFigure, Settlement
from annotations.results.round_report import AnnotatorRow
from hlv.core.rendering.sentences import unmarked
from hlv.stats.agreement.annotator_agreement import Mean
from tests.annotations.making import make_count, make_place
from tests.annotations.rounds import make_report, make_round
from tests.making import make_import, make_items, make_participant, make_study

pytestmark = pytest.mark.django_db
SEEN = re.compile(r"<[^>]*>")


def signed_in(participant: Participant) -> Client:
    assert participant.user is not None
    client = Client()
    client.force_login(participant.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(response: Any) -> str:
    """What a page says, without its tags."""
    return " ".join(SEEN.sub(" ", response.content.decode()).split())


def test_progress_says_how_far_the_round_is_and_of_when_each_part_is() -> None:
    made = make_round()
    make_report(made.study, drawn=True)
    said = words(signed_in(made.researcher).get(reverse("progress", args=[made.study.uuid])))
    assert "Every text has enough answers." in said
    assert "Live, " in said
    assert "complete: 3 answers 6" in said
    assert "As of" in said
    assert "Which guideline holds?" in said
    assert "With nobody do" not in said


def test_answers_of_files_are_neither_missing_nor_in_the_order_of_time() -> None:
    study = make_study(answers_wanted=3)
    label, people = study.labels.all()[0], [make_participant(study) for _ in range(3)]
    batch = make_import(study)
    for item in make_items(study, 8):
        for person in people:
            answer = Annotation.objects.create(
                item=item,
                participant=person,
                gives_labels=True,
                submitted_at=timezone.now(),
                import_batch=batch,
            )
            AnnotationLabel.objects.create(annotation=answer, label=label)
    report = make_report(study, drawn=True)
    assert report.result["n_from_files"] == 24
    said = words(signed_in(make_participant(study, "researcher")).get(reverse("progress", args=[study.uuid])))
    assert "All answers were imported from files. Nobody has annotated here." in said
    assert "0 of 24 answers are complete" not in said
    assert "8 texts have no answer from people here." in said
    assert "24 answers were imported; imported answers are in file order" in said
    assert "more precise" not in said


def test_who_agrees_less_is_not_said_to_be_agreed_with_more() -> None:
    agreement = Mean(0.5, None, None, 9)
    rows = [
        AnnotatorRow(f"Annotator {number}", "", agreement, Mean(0.0, (low, high), None, 9))
        for number, low, high in ((4, -0.3, -0.1), (5, -0.1, 0.1), (6, -0.4, -0.2))
    ]
    assert unmarked(annotators_reading(rows)[0]) == (
        "Each of Annotator 4 and Annotator 6 agrees with the others significantly less than the others agree with each other."
    )
    assert annotators_reading(rows[1:2])[0].startswith(
        "No annotator agrees with the others significantly less"
    )


def test_before_the_first_report_a_worker_is_asked_for_it_once() -> None:
    made = make_round(n_items=2)
    client = signed_in(made.researcher)
    assert "Compute the first report" in words(client.get(reverse("progress", args=[made.study.uuid])))
    for _ in range(2):
        response = client.post(reverse("report-recompute", args=[made.study.uuid]))
        assert response["Location"] == reverse("job", args=[Job.objects.get(kind="round").uuid])
    assert "A new report is being computed." in words(client.get(reverse("progress", args=[made.study.uuid])))


def test_why_no_growth_is_drawn_is_said_as_it_is() -> None:
    few, place = make_round(n_items=1), make_place(task="single")
    make_count(place)
    for study, watcher, said in (
        (few.study, few.researcher, "No figure yet: more texts need answers from two people."),
        (
            place.study,
            make_participant(place.study, "researcher"),
            "Labels imported as counts have no time order",
        ),
    ):
        make_report(study)
        page = words(signed_in(watcher).get(reverse("progress", args=[study.uuid])))
        assert said in page
        assert page.count("imported as counts have no time order") == ("counts" in said)


def test_a_study_without_labels_has_nothing_to_watch_and_says_so() -> None:
    study = make_study(task="none", labels=())
    client = signed_in(make_participant(study, "owner"))
    assert "No annotation in this study" in words(client.get(reverse("progress", args=[study.uuid])))
    refused = client.post(reverse("report-recompute", args=[study.uuid]))
    assert (refused.status_code, "no labels" in words(refused)) == (400, True)


@pytest.mark.parametrize("page", ["progress", "remarks", "watched-item"])
def test_names_are_for_the_owner_and_pseudonyms_for_the_researcher(page: str) -> None:
    made = make_round(n_items=1)
    make_report(made.study)
    place = made.study.items.get().uuid if page == "watched-item" else made.study.uuid
    address = reverse(page, args=[place])
    name = "Amira Haddad"
    for participant, expected in ((made.owner, True), (made.researcher, False)):
        said = words(signed_in(participant).get(address)).split("Sign out", 1)[1]
        assert (name in said) == expected
        assert "Annotator 3" in said


def test_a_text_shows_every_answer_with_certainty_its_earlier_ones_and_the_spread() -> None:
    made = make_round(n_items=1)
    remark = Annotation.objects.get(guideline_unclear=True)
    client = signed_in(made.researcher)
    said = words(client.get(reverse("watched-item", args=[remark.item.uuid])))
    assert "contract 1 of 3" in said
    assert "housing 4 of 5, confident" in said
    assert "Which guideline holds?" in said
    assert "30 s active" in said


def test_a_text_with_counts_says_that_nobody_is_named() -> None:
    place = make_place()
    make_count(place)
    said = words(
        signed_in(make_participant(place.study, "owner")).get(
            reverse("watched-item", args=[place.items[0].uuid])
        )
    )
    assert "Counts of 2 anonymous annotators." in said
    assert "do not show who chose which label" in said


def test_lists_are_filtered_and_ordered_by_closed_lists_only() -> None:
    made = make_round()
    make_report(made.study)
    client = signed_in(made.researcher)
    texts, inbox = (reverse(page, args=[made.study.uuid]) for page in ("watched-texts", "remarks"))
    assert "3 texts in this list" in words(client.get(texts))
    assert "0 texts in this list" in words(client.get(texts, {"least": "5"}))
    assert "guideline unclear 1 ×" in words(client.get(texts, {"order": "flagged"}))
    assert "No remark matches this filter." in words(client.get(inbox, {"kind": "skip"}))
    for address, query in (
        (texts, {"order": "item__study"}),
        (texts, {"least": "1"}),
        (inbox, {"state": "annotation__id"}),
        (inbox, {"kind": "x"}),
        (reverse("progress", args=[made.study.uuid]), {"people": "user__email"}),
    ):
        assert client.get(address, query).status_code == 404


def test_a_remark_dealt_with_leaves_the_list_and_comes_back_when_opened_again() -> None:
    made = make_round(n_items=1)
    remark = Annotation.objects.get(guideline_unclear=True)
    client = signed_in(made.researcher)
    settle, inbox = reverse("settle-remark", args=[remark.uuid]), reverse("remarks", args=[made.study.uuid])
    back = client.post(settle, {"settled": "yes", "kind": "guideline", "state": "waiting", "order": "oldest"})
    assert back["Location"] == f"{inbox}?kind=guideline&state=waiting&order=oldest"
    assert "No remark matches this filter." in words(client.get(inbox))
    assert "Reopen" in words(client.get(inbox, {"state": "settled"}))
    back = client.post(settle, {"settled": "no", "from": "item"})
    assert back["Location"] == reverse("watched-item", args=[remark.item.uuid])
    assert "Which guideline holds?" in words(client.get(inbox))


def test_an_answer_that_says_nothing_to_the_researcher_is_no_remark() -> None:
    made = make_round(n_items=1)
    plain = Annotation.objects.filter(guideline_unclear=False)[0]
    response = signed_in(made.researcher).post(
        reverse("settle-remark", args=[plain.uuid]), {"settled": "yes"}
    )
    assert response.status_code == 404
    assert not Settlement.objects.exists()


def test_a_figure_is_shown_or_saved_and_runs_nothing() -> None:
    made = make_round(n_items=2)
    report = make_report(made.study, drawn=True)
    client = signed_in(made.researcher)
    shown = client.get(reverse("round-figure", args=[report.figures.get(name="growth", theme="light").uuid]))
    assert (shown["Content-Type"], "sandbox" in shown["Content-Security-Policy"]) == ("image/svg+xml", True)
    saved = client.get(shown.request["PATH_INFO"], {"download": ""})
    assert saved["Content-Disposition"] == f'attachment; filename="{made.study.slug}-growth.svg"'
    strange = RoundFigure.objects.create(
        report=report, name="x", media_type="text/html", content=b"", sha256=""
    )
    assert client.get(reverse("round-figure", args=[strange.uuid])).status_code == 404
    assert client.get(reverse("round-figure", args=[uuid4()])).status_code == 404


@pytest.mark.parametrize(
    ("page", "queries"), [("progress", 23), ("watched-texts", 9), ("remarks", 10), ("watched-item", 16)]
)
def test_pages_ask_as_many_questions_of_many_answers_as_of_few(
    page: str, queries: int, django_assert_num_queries: Any
) -> None:
    for n_items, n_people in ((2, 3), (9, 5)):
        made = make_round(n_items=n_items, n_people=n_people)
        make_report(made.study, drawn=True)
        place = made.study.items.all()[0].uuid if page == "watched-item" else made.study.uuid
        client = signed_in(made.owner)
        with django_assert_num_queries(queries):
            client.get(reverse(page, args=[place]))
