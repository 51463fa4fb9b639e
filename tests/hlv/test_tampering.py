"""The tampering corpus: `hlv check-log` names the first broken link of each, on both databases."""

from __future__ import annotations

import re
from contextlib import nullcontext
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.history.kinds import all_kinds
from annotations.history.sealing import anchor_of, record_erasure, seal_studies
from annotations.models import Annotation, AnnotationLabel, HistoryLink, Participant, Study
from annotations.services import history as of_annotations
from annotations.services.annotating import Answer, record_annotation
from annotations.services.studies import change_participant
from annotations.services.study_settings import LabelSpec, change_labels
from metaeval.services import history as of_judging
from metaeval.services.metric_directions import correct_direction
from tests.hlv.logged_study import facts, make_logged_study, past_the_guards
from tests.hlv.tampering import CORPUS, Tampering
from tests.hlv.test_check_log_command import checked
from tests.making import make_items, make_participant, make_person, make_seat

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SEALED_AT = re.compile(r"\(20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\)")
OF_THE_LOG = (
    "triggers that guard history",
    "log of studies",
    "log of participants",
    "answers and verdicts in the log",
)


def faults_of_the_log(*arguments: str) -> list[str]:
    found = checked(*arguments)[1]
    return [fault for what in OF_THE_LOG for fault in found[what]["faults"]]


def test_nothing_is_found_where_nothing_was_changed() -> None:
    logged = make_logged_study()
    code, found = checked(logged.study.slug, "--anchor", str(logged.anchor))
    assert code == 0, found
    assert found["log of participants"]["n_checked"] == 7
    assert found["log of studies"]["n_checked"] == logged.anchor.number
    assert found["answers and verdicts in the log"]["n_checked"] == 7


@pytest.mark.parametrize("one", CORPUS, ids=lambda one: one.name)
def test_each_tampering_is_found_and_its_first_broken_link_named(one: Tampering) -> None:
    logged = make_logged_study()
    expected = one.found.format(**facts(logged))
    with nullcontext() if one.of_triggers else past_the_guards():
        one.change(logged)
    if one.with_anchor:
        assert faults_of_the_log(logged.study.slug) == []
        faults = faults_of_the_log(logged.study.slug, "--anchor", str(logged.anchor))
    else:
        faults = faults_of_the_log()
    at = expected if "2020" in expected else SEALED_AT.sub("(@)", faults[0])
    assert expected in (faults[0] if "2020" in expected else at), faults


def test_the_corpus_has_its_size(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\ntampering corpus: {len(CORPUS)} kinds")
    assert len(CORPUS) >= 38


def test_a_renamed_label_and_a_new_group_are_no_tampering() -> None:
    study = make_logged_study().study
    label = study.labels.all()[0]
    change_participant(Participant.objects.filter(role="annotator")[0], group="lawyers", quota=None, by=None)
    asked = LabelSpec(
        key=label.key, name=label.name, description="Rent and repairs.", shortcut=label.shortcut,
        colour=label.colour, is_active=True,
    )  # fmt: skip
    change_labels(study, wanted=[asked], by=make_person())
    assert faults_of_the_log() == [], "before the next seal"
    assert seal_studies() > 0
    assert faults_of_the_log() == [], "after it"
    assert seal_studies() == 0


def test_a_corrected_direction_is_no_tampering() -> None:
    study = make_logged_study().study
    metric = study.metrics.filter(origin="uploaded")[0]
    for higher_is_better in (False, True, False):
        assert correct_direction(metric, higher_is_better=higher_is_better, by=None)
        assert faults_of_the_log() == [], "before the next seal"
        assert seal_studies() > 0
        assert faults_of_the_log() == [], "after it"


def test_an_erased_answer_is_a_recorded_gap() -> None:
    logged = make_logged_study()
    gone = logged.answers[0]
    record_erasure(logged.study, HistoryLink.objects.filter(what="answer", row=gone.pk))
    with past_the_guards():
        AnnotationLabel.objects.filter(annotation=gone)._raw_delete(using="default")  # type: ignore[attr-defined]
        Annotation.objects.filter(pk=gone.pk)._raw_delete(using="default")  # type: ignore[attr-defined]
    code, found = checked()
    assert code == 0, found
    assert found["log of participants"]["n_erased"] == 1


def test_answers_from_before_the_log_are_covered_by_its_first_seal() -> None:
    logged = make_logged_study()
    with past_the_guards():
        HistoryLink.objects.all()._raw_delete(using="default")  # type: ignore[attr-defined]
        Participant.objects.update(chain_length=0, chain_head="")
        Study.objects.update(chain_length=0, chain_head="")
    code, found = checked()
    assert (code, found["answers and verdicts in the log"]["n_unsealed"]) == (0, 7)
    seal_studies()
    assert faults_of_the_log() == []
    with past_the_guards():
        Annotation.objects.filter(pk=logged.answers[0].pk).update(comment="edited")
    (fault,) = faults_of_the_log()
    assert "answers from before the log" in fault


def test_a_second_seal_adds_nothing_and_the_anchor_stays() -> None:
    logged = make_logged_study()
    assert seal_studies() == 0
    assert anchor_of(logged.study) == logged.anchor


def test_the_head_of_a_chain_goes_nowhere_but_on() -> None:
    logged = make_logged_study()
    person = logged.answers[0].participant
    with pytest.raises(Exception, match="only moves to the next link"):
        Participant.objects.filter(pk=person.pk).update(chain_length=0)


def test_every_table_of_history_is_in_the_log() -> None:
    covered = {kind.model for kind in all_kinds().values()}
    covered |= {part.model for kind in all_kinds().values() for part in kind.parts}
    kept = {*of_annotations.APPEND_ONLY, *of_judging.APPEND_ONLY}
    # A trigger derives remarks from answers, and the links are the log.
    assert {model.__name__ for model in kept - covered} == {"HistoryLink", "Remark"}


def test_a_submit_costs_one_statement_more() -> None:
    study = make_logged_study().study
    make_items(study, 2)
    seat = make_seat(make_participant(study))
    with CaptureQueriesContext(connection) as asked:
        record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(chosen={"housing": 1}))
    of_the_log = [one["sql"] for one in asked if "historylink" in one["sql"]]
    assert len(of_the_log) == 1
    assert of_the_log[0].startswith("INSERT")


def test_the_anchor_is_printed() -> None:
    logged = make_logged_study()
    said = StringIO()
    call_command("anchor", logged.study.slug, stdout=said)
    assert said.getvalue().splitlines()[0] == str(logged.anchor)
