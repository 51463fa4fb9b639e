"""hlv check-log: history is as it was written, or the command says which row is not."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from annotations.models import Annotation, AnnotationLabel, Study
from annotations.services import history as of_annotations
from annotations.services.annotating import Answer, record_annotation
from metaeval.models import AnalysisPlan, Judgment, Metric
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.services import history as of_judging
from metaeval.services.judging import SubmittedVerdict, record_judgment
from metaeval.services.preregistration import preregister
from tests.making import make_exposure, make_items, make_participant, make_seat
from tests.metaeval.making import make_board

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_history() -> Study:
    """An answer with its revision, and a judgment, with blanks around the words."""
    campaign = make_board(n_items=1)
    study = campaign.study
    make_items(study, 1)
    seat = make_seat(make_participant(study))
    given = Answer(chosen={"housing": 1}, rejected={"contract": None}, reason="  because ")
    first = record_annotation(assignment=seat, client_key=uuid4(), answer=given).row
    again = Answer(no_label_applies=True, facts_insufficient=True)
    record_annotation(assignment=seat, client_key=uuid4(), answer=again, replaces=first)
    exposure = make_exposure(make_participant(study, "judge"), campaign)
    verdict = SubmittedVerdict(verdict="both", confidence=0.5, reason=" alike ")
    record_judgment(exposure=exposure, client_key=uuid4(), submitted=verdict)
    return study


def checked(*arguments: str) -> tuple[int, dict[str, Any]]:
    said, code = StringIO(), 0
    try:
        call_command("check_log", *arguments, "--json", stdout=said)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, {one["what"]: one for one in json.loads(said.getvalue())["checked"]}


def test_history_is_as_it_was_written() -> None:
    code, found = checked(make_history().slug)
    assert code == 0
    assert (found["answers"]["n_checked"], found["judgments"]["n_checked"]) == (2, 1)
    assert found["revisions of answers"]["n_checked"] == 1
    assert not any(one["faults"] for one in found.values())


def test_a_label_that_came_later_is_found() -> None:
    study = make_history()
    first = Annotation.objects.order_by("pk")[0]
    AnnotationLabel.objects.create(annotation=first, label=study.labels.get(key="family"))
    code, found = checked()
    assert code == 1
    assert found["answers"]["faults"] == [f"Answer {first.uuid} does not say what was sent."]


def test_an_edited_verdict_and_the_missing_guard_are_found() -> None:
    make_history()
    row = Judgment.objects.get()
    on_table = " ON metaeval_judgment" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER metaeval_judgment_not_edited{on_table}")
    Judgment.objects.filter(pk=row.pk).update(verdict="left")
    code, found = checked()
    assert code == 1
    assert found["judgments"]["faults"] == [f"Judgment {row.uuid} does not say what was sent."]
    (missing,) = found["triggers that guard history"]["faults"]
    assert missing.startswith("The trigger metaeval_judgment_not_edited is missing")


def test_a_plan_that_was_edited_past_the_program_is_found() -> None:
    campaign = make_board()
    metric = Metric.objects.create(study=campaign.study, name="fluency", origin=Metric.Origin.UPLOADED)
    for ties in ("half", "davidson"):
        preregister(campaign, PlannedAnalysis(metrics=(metric.name,), ties=ties, seed=1), by=None)
    assert checked()[1]["preregistrations"]["faults"] == []
    on_table = " ON metaeval_analysisplan" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER metaeval_analysisplan_not_edited{on_table}")
    AnalysisPlan.objects.filter(version=1).update(n_judgments_before=7)
    code, found = checked()
    assert code == 1
    (fault,) = found["preregistrations"]["faults"]
    assert fault.startswith("Version 1 of the preregistration")


def test_every_table_of_history_is_looked_at() -> None:
    names = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(names)
        guards = {name for (name,) in cursor.fetchall() if name.endswith("_not_edited")}
    tables = {model._meta.db_table for model in (*of_annotations.APPEND_ONLY, *of_judging.APPEND_ONLY)}
    of_texts = {"annotations_itemtext_labelled_not_edited", "annotations_itemtext_judged_not_edited"}
    assert guards - of_texts == {f"{table}_not_edited" for table in tables}
