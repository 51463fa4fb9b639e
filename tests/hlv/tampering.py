"""The tampering corpus: changes made past the program, each with what `hlv check-log` must say of it first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from annotations.history.kinds import all_kinds, digests
from annotations.history.sealing import seal_studies
from annotations.models import (
    Annotation,
    AnnotationLabel,
    Guideline,
    HistoryLink,
    Import,
    ItemText,
    Label,
    LabelCount,
    Participant,
    Study,
    StudyChange,
)
from annotations.services.study_settings import change_settings
from metaeval.models import (
    Comparison,
    Exposure,
    Judgment,
    Method,
    Metric,
    MetricAgreement,
    MetricScore,
    Output,
    Ranking,
)
from metaeval.services.judging import SubmittedVerdict, verdict_digest
from tests.hlv.logged_study import Logged
from tests.making import make_items, make_person


@dataclass(frozen=True)
class Tampering:
    name: str
    change: Callable[[Logged], None]
    # What the first fault contains.
    found: str
    # Found only with the anchor that was kept outside.
    with_anchor: bool = False
    # It changes the triggers themselves.
    of_triggers: bool = False


CORPUS: list[Tampering] = []


def tampering(
    found: str, *, with_anchor: bool = False
) -> Callable[[Callable[[Logged], None]], Callable[[Logged], None]]:
    def keep(change: Callable[[Logged], None]) -> Callable[[Logged], None]:
        of_triggers = found.startswith("The trigger")
        CORPUS.append(Tampering(change.__name__, change, found, with_anchor, of_triggers))
        return change

    return keep


def _remove(answer: Annotation) -> None:
    AnnotationLabel.objects.filter(annotation=answer)._raw_delete(using="default")  # type: ignore[attr-defined]
    _erase(Annotation, answer.pk)


def _erase(model: Any, *pks: int) -> None:
    model.objects.filter(pk__in=pks)._raw_delete(using="default")


def _links(participant: Participant) -> Any:
    return HistoryLink.objects.filter(participant=participant).order_by("number")


# The 18 of the review.


@tampering("Link 2 of Annotator 1 of {slug}, answer {answers[2].pk} ({at}): the row is missing.")
def newest_answer_deleted(logged: Logged) -> None:
    _remove(logged.answers[2])


@tampering("Link 2 of Judge 2 of {slug}, judgment {judgments[3].pk} ({at}): the row is missing.")
def newest_judgment_deleted(logged: Logged) -> None:
    _erase(Judgment, logged.judgments[3].pk)


@tampering("Link 1 of Annotator 1 of {slug}, answer {answers[0].pk} ({at}): the content was changed.")
def answer_given_to_another_person(logged: Logged) -> None:
    Annotation.objects.filter(pk=logged.answers[0].pk).update(participant=logged.judgments[0].participant)


@tampering("Link 1 of Judge 1 of {slug}, judgment {judgments[0].pk} ({at}): the content was changed.")
def judgment_given_to_another_person(logged: Logged) -> None:
    Judgment.objects.filter(pk=logged.judgments[0].pk).update(participant=logged.judgments[2].participant)


@tampering("Link 1 of Judge 1 of {slug}, judgment {judgments[0].pk} ({at}): the content was changed.")
def sides_swapped(logged: Logged) -> None:
    row = logged.judgments[0]
    Judgment.objects.filter(pk=row.pk).update(low_is_left=not row.low_is_left)
    Exposure.objects.filter(pk=row.exposure_id).update(low_is_left=not row.low_is_left)


@tampering("metric {metric.pk} ({at}): the content was changed.")
def direction_of_a_metric_turned(logged: Logged) -> None:
    metric = Metric.objects.filter(origin=Metric.Origin.UPLOADED).order_by("pk")[0]
    Metric.objects.filter(pk=metric.pk).update(higher_is_better=False)
    change_settings(logged.study, by=make_person(), question="Which areas?")
    seal_studies([logged.study])


@tampering("import {imports[2].pk} ({at}): the content was changed.")
def imported_verdict_changed(_logged: Logged) -> None:
    Judgment.objects.exclude(import_batch=None).update(verdict="right")


@tampering("import {imports[0].pk} ({at}): the content was changed.")
def imported_label_changed(logged: Logged) -> None:
    rows = AnnotationLabel.objects.exclude(annotation__import_batch=None)
    rows.update(label=logged.study.labels.get(key="family"))


@tampering("Link 1 of Judge 1 of {slug}, judgment {judgments[0].pk} ({at}): the content was changed.")
def verdict_flipped_with_its_digest(logged: Logged) -> None:
    row = logged.judgments[0]
    assert row.exposure is not None
    flipped = SubmittedVerdict(verdict="neither", confidence=row.confidence, reason=row.reason)
    digest = verdict_digest(flipped, exposure=row.exposure.uuid, replaces=None)
    Judgment.objects.filter(pk=row.pk).update(verdict="neither", payload_hash=digest)


@tampering("text {answers[0].item_id} ({at}): the content was changed.")
def text_edited(logged: Logged) -> None:
    ItemText.objects.filter(item=logged.answers[0].item).update(text="The landlord returned my deposit.")


@tampering("guideline version {guideline.pk} ({at}): the content was changed.")
def guideline_edited(_logged: Logged) -> None:
    Guideline.objects.update(text="Read the first sentence.")


@tampering("metric scores {scoring.pk} ({at}): the content was changed.")
def computed_score_edited(_logged: Logged) -> None:
    MetricScore.objects.exclude(scoring=None).update(value=0.9)


@tampering("import {imports[3].pk} ({at}): the content was changed.")
def imported_score_edited(_logged: Logged) -> None:
    MetricScore.objects.exclude(import_batch=None).filter(value=0.25).update(value=0.95)


@tampering("ranking {ranking.pk} ({at}): the content was changed.")
def snapshot_edited(_logged: Logged) -> None:
    row = Ranking.objects.get()
    Ranking.objects.update(result={**row.result, "undetermined": "edited"})


@tampering("metric agreement {agreement.pk} ({at}): the row is missing.")
def snapshot_replaced(_logged: Logged) -> None:
    MetricAgreement.objects.update(id=MetricAgreement.objects.get().pk + 1000)


@tampering("entry of the change log {change.pk} ({at}): the row is missing.")
def change_log_emptied(_logged: Logged) -> None:
    StudyChange.objects.all()._raw_delete(using="default")  # type: ignore[attr-defined]


@tampering("import {imports[1].pk} ({at}): the content was changed.")
def counts_of_labels_changed(_logged: Logged) -> None:
    LabelCount.objects.update(n_chosen=3)


@tampering("Link 1 of Annotator 1 of {slug}, answer {answers[0].pk} ({at}): the content was changed.")
def label_added_to_an_answer(logged: Logged) -> None:
    AnnotationLabel.objects.create(
        annotation=logged.answers[0], label=logged.study.labels.get(key="contract")
    )


@tampering("The trigger metaeval_judgment_not_edited was replaced: rows could be changed.")
def guard_replaced_by_an_empty_one(_logged: Logged) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION metaeval_judgment_not_edited() RETURNS trigger "
                "LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
            )
            return
        cursor.execute("DROP TRIGGER metaeval_judgment_not_edited")
        cursor.execute(
            "CREATE TRIGGER metaeval_judgment_not_edited BEFORE UPDATE ON metaeval_judgment BEGIN SELECT 1; END"
        )


# Twenty-two more.


@tampering("The trigger annotations_annotation_not_deleted is")
def guard_disabled(_logged: Logged) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE annotations_annotation DISABLE TRIGGER annotations_annotation_not_deleted"
            if connection.vendor == "postgresql"
            else "DROP TRIGGER annotations_annotation_not_deleted"
        )


@tampering("The trigger annotations_quiet is not part of the program.")
def foreign_trigger_added(_logged: Logged) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE TRIGGER annotations_quiet BEFORE UPDATE ON annotations_annotation "
                "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
            )
            return
        cursor.execute(
            "CREATE TRIGGER annotations_quiet AFTER INSERT ON annotations_annotation BEGIN SELECT 1; END"
        )


@tampering("Link 2 of Annotator 1 of {slug} is missing: seal")
def answer_deleted_with_its_link_and_head(logged: Logged) -> None:
    _remove(logged.answers[2])
    first, last = _links(logged.answers[2].participant)
    _erase(HistoryLink, last.pk)
    Participant.objects.filter(pk=first.participant_id).update(chain_length=1, chain_head=first.mac)


@tampering("The chain of Annotator 1 of {slug} ends at link 1; its head is link 2.")
def answer_deleted_with_its_link(logged: Logged) -> None:
    _remove(logged.answers[2])
    _erase(HistoryLink, _links(logged.answers[2].participant).last().pk)


@tampering("Link 1 of Annotator 1 of {slug} is missing.")
def first_link_deleted(logged: Logged) -> None:
    _erase(HistoryLink, _links(logged.answers[0].participant).first().pk)


@tampering("The chain of Annotator 1 of {slug} ends at link 0; its head is link 2.")
def whole_chain_deleted(logged: Logged) -> None:
    _erase(HistoryLink, *_links(logged.answers[0].participant).values_list("pk", flat=True))


@tampering("Link 1 of Annotator 1 of {slug}, answer {answers[2].pk} ({at}): the link was changed")
def links_reordered(logged: Logged) -> None:
    first, last = _links(logged.answers[0].participant)
    HistoryLink.objects.filter(pk=first.pk).update(number=99)
    HistoryLink.objects.filter(pk=last.pk).update(number=1)
    HistoryLink.objects.filter(pk=first.pk).update(number=2)


@tampering("Link 1 of Annotator 1 of {slug}, answer {answers[0].pk} ({at}): the link was changed")
def digest_of_a_link_recomputed(logged: Logged) -> None:
    link = _links(logged.answers[0].participant).first()
    Annotation.objects.filter(pk=link.row).update(comment="edited")
    digest = digests(all_kinds()["answer"], {link.row: link.salt})[link.row]
    HistoryLink.objects.filter(pk=link.pk).update(digest=digest)


@tampering("Link 1 of Annotator 1 of {slug}, answer {answers[0].pk} ({at}): the link was changed")
def link_signed_with_another_key(logged: Logged) -> None:
    link = _links(logged.answers[0].participant).first()
    HistoryLink.objects.filter(pk=link.pk).update(mac=hashlib.sha256(b"guess").hexdigest())


@tampering(
    "Link 1 of Annotator 1 of {slug}, answer {answers[0].pk} (2020-01-01 00:00:00 UTC): the link was changed"
)
def link_dated_back(logged: Logged) -> None:
    _links(logged.answers[0].participant).filter(number=1).update(at=datetime(2020, 1, 1, tzinfo=UTC))


@tampering("Link 1 of Annotator 1 of {slug}, answer {answers[0].pk} ({at}): the content was changed.")
def answer_dated_back(logged: Logged) -> None:
    row = logged.answers[0]
    Annotation.objects.filter(pk=row.pk).update(received_at=row.received_at - timedelta(days=1))


@tampering("Link 1 of Annotator 1 of {slug}, answer {answers[0].pk} ({at}): the content was changed.")
def certainty_changed(logged: Logged) -> None:
    AnnotationLabel.objects.filter(annotation=logged.answers[0]).update(certainty=0.2)


@tampering("Link 1 of Annotator 1 of {slug}, answer {answers[0].pk} ({at}): the content was changed.")
def answer_counted_as_surplus(logged: Logged) -> None:
    Annotation.objects.filter(pk=logged.answers[0].pk).update(surplus=True)


@tampering(
    "Link 1 of Annotator 1 of {slug}, answer {answers[0].pk} ({at}): its salt was removed without a record."
)
def salt_removed_to_hide_an_edit(logged: Logged) -> None:
    Annotation.objects.filter(pk=logged.answers[0].pk).update(comment="edited")
    _links(logged.answers[0].participant).filter(number=1).update(salt=None)


@tampering("has no link in the log: it was added outside the program.")
def answer_inserted(logged: Logged) -> None:
    Annotation.objects.create(
        item=make_items(logged.study, 1)[0],
        participant=logged.answers[0].participant,
        gives_labels=True,
        submitted_at=timezone.now(),
    )


@tampering("import {imports[2].pk} ({at}): the content was changed.")
def verdict_inserted_into_an_import(_logged: Logged) -> None:
    row = Judgment.objects.exclude(import_batch=None).get()
    row.pk, row.uuid, row.client_key = None, uuid4(), uuid4()
    row.save(force_insert=True)


@tampering("participant {answers[0].participant_id} ({at}): the content was changed.")
def accounts_of_two_people_exchanged(logged: Logged) -> None:
    one, other = logged.answers[0].participant, logged.answers[1].participant
    Participant.objects.filter(pk=one.pk).update(user=logged.judgments[0].participant.user)  # type: ignore[union-attr]
    Participant.objects.filter(pk=other.pk).update(user=one.user)


@tampering("label {labels[0].pk} ({at}): the content was changed.")
def names_of_two_labels_exchanged(logged: Logged) -> None:
    one, other, _ = logged.study.labels.all()
    Label.objects.filter(pk=one.pk).update(name=other.name)
    Label.objects.filter(pk=other.pk).update(name=one.name)


@tampering("method {methods[0].pk} ({at}): the content was changed.")
def names_of_two_methods_exchanged(logged: Logged) -> None:
    one, other, *_ = logged.study.methods.all()
    Method.objects.filter(pk=one.pk).update(name="spare")
    Method.objects.filter(pk=other.pk).update(name=one.name)
    Method.objects.filter(pk=one.pk).update(name=other.name)


@tampering("output {output.pk} ({at}): the content was changed.")
def output_edited(_logged: Logged) -> None:
    Output.objects.filter(pk=Output.objects.order_by("pk")[0].pk).update(probabilities=b"\0" * 24)


@tampering("metric {metric.pk} ({at}): the content was changed.")
def metric_renamed(_logged: Logged) -> None:
    Metric.objects.filter(origin=Metric.Origin.UPLOADED).update(name="better")


@tampering("Link 1 of Judge 1 of {slug}, judgment {judgments[0].pk} ({at}): the content was changed.")
def comparison_taken_from_its_text(logged: Logged) -> None:
    Comparison.objects.filter(pk=logged.judgments[0].comparison_id).update(item=None)


@tampering("import {imports[0].pk} ({at}): the content was changed.")
def file_of_an_import_exchanged(_logged: Logged) -> None:
    Import.objects.filter(pk=Import.objects.order_by("pk")[0].pk).update(sha256="f" * 64)


@tampering("the anchor names", with_anchor=True)
def end_of_the_study_chain_deleted(logged: Logged) -> None:
    study, last = (
        logged.study,
        HistoryLink.objects.filter(study=logged.study, participant=None).order_by("-number"),
    )
    _erase(HistoryLink, last[0].pk)
    newest = last.all()[0]
    Study.objects.filter(pk=study.pk).update(chain_length=newest.number, chain_head=newest.mac)
