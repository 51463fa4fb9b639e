"""Words that decided a label: stored with the answer, sealed, exported, imported again, shown, and compared."""

from __future__ import annotations

import csv
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotations.exporters.answers import answer_table
from annotations.formats.spans import MarkedPart, Span, marked_parts, read_spans
from annotations.history.erasing import remove_free_text
from annotations.history.guards import check_guards
from annotations.history.verifying import check_log
from annotations.models import Annotation, Assignment, Participant, Study
from annotations.results.round_report import read_label_agreement
from annotations.selectors.exports import exported_answers, participant_names
from annotations.services.agreement import compute_label_agreement
from annotations.services.history import check_answers
from annotations.services.studies import StudyRefusedError
from hlv.bundle.annotations_export import AnnotationsExport
from hlv.bundle.folder import Bundle
from tests.annotations.annotating_pages import filled, send, signed_in
from tests.hlv.commands import refusal, run
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TEXT = "The landlord keeps my deposit 💰.\r\n\r\nHe changed the locks."
LANDLORD = {"label": "housing", "text": 0, "start": 4, "end": 12}
LOCKS = {"label": "housing", "text": 0, "start": 49, "end": 54}


def make_ready(n_items: int = 1) -> tuple[Study, Participant]:
    study = make_study(asks_spans=True)
    make_items(study, n_items, text=TEXT)
    return study, make_participant(study)


def mark(lawyer: Participant, *spans: dict[str, Any], chosen: str = "housing") -> Any:
    return send(signed_in(lawyer), make_seat(lawyer), {"chosen": {chosen: 0.8}, "spans": list(spans)})


def test_spans_are_stored_with_the_answer_and_sealed() -> None:
    study, lawyer = make_ready()
    reply = mark(lawyer, LOCKS, LANDLORD)
    assert (reply.status_code, reply.json()["stored"]["spans"]) == (201, [LANDLORD, LOCKS])
    answer = Annotation.objects.get()
    assert answer.spans == [LANDLORD, LOCKS]
    assert [fault for checked in check_log([study]) for fault in checked.faults] == []
    assert check_answers([study]).faults == []
    for changed in (None, [LANDLORD]):
        with pytest.raises(DatabaseError, match="marked words of an answer"), transaction.atomic():
            Annotation.objects.update(spans=changed)
    assert check_guards().faults == []
    # The log and the digest stay right where free text is removed.
    remove_free_text(study)
    assert [fault for checked in check_log([study]) for fault in checked.faults] == []


def test_a_changed_span_is_found_by_the_log() -> None:
    study, lawyer = make_ready()
    mark(lawyer, LANDLORD)
    table = Annotation._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            cursor.execute(f"DROP TRIGGER {table}_spans_stay")
    Annotation.objects.update(spans=[LANDLORD | {"end": 11}])
    faults = [fault for checked in check_log([study]) for fault in checked.faults]
    assert ["content was changed" in fault for fault in faults] == [True]
    assert len(check_answers([study]).faults) == 1


def test_an_answer_without_spans_has_the_digest_that_it_had_before_spans() -> None:
    _study, lawyer = make_ready()
    mark(lawyer)
    assert Annotation.objects.get().spans is None


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        ({"label": "family"}, "Words are marked for “family”, which is not chosen."),
        ({"end": 60}, "The words from character 4 to 60 are not in this text."),
        ({"text": 1}, "The words from character 4 to 12 are not in this text."),
        ({"start": 12}, "Marked words are a list"),
        ({"start": True}, "Marked words are a list"),
        ({"words": "x"}, "Marked words are a list"),
    ],
)
def test_spans_that_do_not_fit_are_refused_with_a_sentence(span: dict[str, Any], sentence: str) -> None:
    _study, lawyer = make_ready()
    reply = mark(lawyer, LANDLORD | span)
    assert reply.status_code == 400
    assert sentence in reply.json()["sentence"]
    assert not Annotation.objects.exists()


def test_the_form_takes_spans_and_a_revision_begins_with_them() -> None:
    _study, lawyer = make_ready()
    seat, client = make_seat(lawyer), signed_in(lawyer)
    stray = {"label": "family", "text": 0, "start": 0, "end": 3}
    entered = filled(**{"label-0": "4", "spans": json.dumps([LANDLORD, stray])})
    assert client.post(f"/seats/{seat.uuid}/", entered).status_code == 302
    assert Annotation.objects.get().spans == [LANDLORD]
    page = client.get(f"/seats/{seat.uuid}/").content.decode()
    value = re.search(r'name="spans" value="(.*?)"', page)
    assert value is not None
    assert json.loads(unescape(value[1])) == [LANDLORD]
    wrong = filled(**{"label-0": "4", "spans": "[1]"})
    assert (
        "Marked words are a list" in client.post(f"/seats/{seat.uuid}/", wrong, follow=True).content.decode()
    )


def test_spans_cost_one_statement_and_only_where_they_are_used() -> None:
    _study, lawyer = make_ready(3)
    client = signed_in(lawyer)
    counts = []
    for spans in ([], [LANDLORD, LOCKS]):
        seat: Assignment = make_seat(lawyer)
        with CaptureQueriesContext(connection) as asked:
            send(client, seat, {"chosen": {"housing": 0.6}, "spans": spans})
        bounds = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
        counts.append(sum(not one["sql"].startswith(bounds) for one in asked))
    assert counts == [9, 10]


def test_a_study_without_labels_asks_for_no_spans() -> None:
    with pytest.raises(StudyRefusedError, match="Marked words belong to labels"):
        make_study(task="none", labels=(), asks_spans=True)


def test_spans_are_exported_with_their_words_and_imported_again(tmp_path: Path) -> None:
    study, lawyer = make_ready()
    mark(lawyer, LANDLORD, LOCKS)
    now = timezone.now()
    names = participant_names(study, with_names=False)

    def answers() -> Any:
        return exported_answers(study, as_of=now, names=names, only_current=True)

    bundle = tmp_path / "bundle"
    bundle.mkdir()
    AnnotationsExport(study, Bundle(bundle), as_of=now, with_names=False).write()
    with (bundle / "spans.csv").open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [(row["label"], row["text"], row["words"]) for row in rows] == [
        ("housing", "text", "landlord"),
        ("housing", "text", "locks"),
    ]
    file = bundle / "answers.csv"
    table = "".join(answer_table(answers(), one_label_only=False, with_spans=True))
    assert file.read_text(encoding="utf-8").splitlines() == table.splitlines()
    other = make_study()
    make_items(other, 1, text=TEXT)
    run("import", "annotations", file, "--study", other.slug)
    assert Annotation.objects.get(item__study=other).spans == [LANDLORD, LOCKS]
    assert "spans" not in "".join(answer_table(answers(), one_label_only=False))


def test_a_file_with_spans_outside_the_text_is_refused(tmp_path: Path) -> None:
    study, _lawyer = make_ready()
    file = tmp_path / "answers.csv"
    for spans, sentence in (
        ([LANDLORD | {"end": 99}], "there are no characters 4 to 99 in text 0"),
        ([LANDLORD | {"label": "family"}], "“family”, which is not chosen"),
        ({}, "the spans are not a list"),
    ):
        with file.open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerows(
                [("item", "annotator", "label", "spans"), ("item-0", "Ann", "housing", json.dumps(spans))]
            )
        assert sentence in refusal("import", "annotations", file, "--study", study.slug)
    assert not Annotation.objects.exists()


def test_the_page_of_a_text_shows_marks_and_how_far_two_annotators_agree() -> None:
    study, lawyer = make_ready()
    mark(lawyer, LANDLORD, LOCKS)
    colleague = make_participant(study)
    mark(colleague, LANDLORD)
    page = signed_in(make_participant(study, "owner")).get(
        reverse("watched-item", args=[study.items.get().uuid])
    )
    content = page.content.decode()
    assert '<mark data-n="2" title="housing: 2 annotators">landlord</mark>' in content
    assert '<mark data-n="1" title="housing: 1 annotator">locks</mark>' in content
    assert content.count("landlord</q>") == 2
    # 2 * 8 / (13 + 8)
    assert "mean F1 0.76 over 1 pair of annotators" in content


def test_the_agreement_of_a_study_has_its_marked_words() -> None:
    study, lawyer = make_ready(2)
    colleague = make_participant(study)
    for person in (lawyer, colleague):
        mark(person, LANDLORD)
    mark(lawyer, LANDLORD)
    mark(colleague, LOCKS)
    result = read_label_agreement(compute_label_agreement(study, n_resamples=20))
    assert result.spans is not None
    assert (result.spans.n_pairs, result.spans.n_items) == (1, 2)
    # 16 shared characters of 16 + 13.
    assert result.spans.f1 == pytest.approx(2 * 8 / (16 + 13))
    plain = make_study()
    make_items(plain, 1)
    mark(make_participant(plain))
    assert "spans" not in compute_label_agreement(plain, n_resamples=20).result


def test_a_paragraph_is_cut_where_marks_begin_and_end() -> None:
    one, two = Span("a", 0, 12, 16), Span("b", 0, 14, 30)
    parts = marked_parts("0123456789", text=0, start=10, marked=[(1, [one]), (2, [two]), (2, [one])])
    assert parts == [
        MarkedPart("01"),
        MarkedPart("23", 2, ("a",)),
        MarkedPart("45", 2, ("a", "b")),
        MarkedPart("6789", 1, ("b",)),
    ]
    assert marked_parts("", text=0, start=0, marked=[]) == []
    assert read_spans([]) == ()
