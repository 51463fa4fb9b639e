"""Answers: their rules, and how each is stored once, append-only."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.assignment_leases import LEASE, finish_assignment, give_back, one_request_at_a_time
from annotations.formats.spans import Span, outside, plain_text, spans_json
from annotations.history.chain import append_link
from annotations.models import (
    Annotation,
    AnnotationLabel,
    Assignment,
    Draft,
    Guideline,
    Item,
    ItemText,
    Label,
    Study,
)
from annotations.selectors.answers import current_answer
from annotations.selectors.open_items import IS_OPEN
from annotations.services.assigning import take_place
from annotations.submissions import InvalidSubmissionError, Outcome, payload_hash, submit, within


class InvalidAnswerError(InvalidSubmissionError):
    """The answer contradicts itself or the study; the sentence says how."""


@dataclass(frozen=True)
class Answer:
    """One annotator's answer to one item; certainties are shares of 1, None where none was given."""

    chosen: dict[str, float | None] = field(default_factory=dict)
    rejected: dict[str, float | None] = field(default_factory=dict)
    no_label_applies: bool = False
    facts_insufficient: bool = False
    guideline_unclear: bool = False
    skipped: bool = False
    reason: str = ""
    comment: str = ""
    spans: tuple[Span, ...] = ()
    shown_at: datetime | None = None
    submitted_at: datetime | None = None
    active_ms: int | None = None
    guideline_version: int | None = None

    @property
    def gives_labels(self) -> bool:
        return bool(self.chosen) or self.no_label_applies

    def payload(self) -> dict[str, object]:
        """What makes two answers the same: not when the copy was sent or how long it waited."""
        return {
            "chosen": _as_stored(self.chosen),
            "rejected": _as_stored(self.rejected),
            "no_label_applies": self.no_label_applies,
            "facts_insufficient": self.facts_insufficient,
            "guideline_unclear": self.guideline_unclear,
            "skipped": self.skipped,
            "reason": self.reason.strip(),
            "comment": self.comment.strip(),
            # Digests of answers without spans are those of versions that had none.
            **({"spans": spans_json(self.spans)} if self.spans else {}),
        }


def answer_digest(answer: Answer, *, assignment: UUID, replaces: UUID | None) -> str:
    """Digest stored with an answer: it identifies repeats and changed rows."""
    return payload_hash({**answer.payload(), "seat": assignment, "replaces": replaces})


def _as_stored(certainties: dict[str, float | None]) -> dict[str, float | None]:
    return {key: None if share is None else float(share) for key, share in certainties.items()}


def is_empty_answer(*, only_ruled_out: bool) -> str:
    """What an answer needs that is empty, or only rules labels out."""
    if only_ruled_out:
        return _(
            "You have only excluded labels. Choose one that applies, or one of “No label applies”, “Facts "
            "insufficient” and “Guideline unclear”."
        )
    return _(
        "Choose at least one label, or one of “No label applies”, “Facts insufficient” and “Guideline unclear”."
    )


def check_answer(study: Study, answer: Answer, labels: dict[str, Label]) -> None:
    """Raises `InvalidAnswerError` for an answer that is not valid with these labels of the study."""
    if answer.skipped and (answer.gives_labels or answer.rejected):
        raise InvalidAnswerError(_("A skipped text takes no labels: either skip it or answer it."))
    if answer.skipped and not answer.reason.strip():
        raise InvalidAnswerError(_("Write under “Reason” why you skip this text, then skip it again."))
    if answer.no_label_applies and answer.chosen:
        raise InvalidAnswerError(_("You chose a label and “No label applies”. Keep one of the two."))
    if not (answer.gives_labels or answer.facts_insufficient or answer.guideline_unclear or answer.skipped):
        raise InvalidAnswerError(is_empty_answer(only_ruled_out=bool(answer.rejected)))
    if study.one_label_only and len(answer.chosen) > 1:
        raise InvalidAnswerError(_("This study takes one label for each text."))
    both = answer.chosen.keys() & answer.rejected.keys()
    if both:
        raise InvalidAnswerError(
            _("The label %(label)s is both chosen and excluded. Keep one of the two.")
            % {"label": sorted(both)[0]}
        )
    for key, certainty in {**answer.chosen, **answer.rejected}.items():
        if key not in labels:
            raise InvalidAnswerError(_("This study has no label %(label)s.") % {"label": key})
        if certainty is not None and not 0 <= certainty <= 1:
            raise InvalidAnswerError(
                _("The certainty of %(label)s must be between 0 and 1.") % {"label": labels[key].name}
            )
    unchosen = next((span.label for span in answer.spans if span.label not in answer.chosen), None)
    if unchosen is not None:
        name = labels[unchosen].name if unchosen in labels else unchosen
        raise InvalidAnswerError(
            _("Words are marked for “%(label)s”, which is not chosen. Choose the label, or remove the mark.")
            % {"label": name}
        )


def _check_places(item: int, spans: tuple[Span, ...]) -> None:
    texts = ItemText.objects.filter(item=item).values_list("position", "text")
    wrong = outside(spans, {position: len(plain_text(text)) for position, text in texts})
    if wrong is not None:
        raise InvalidAnswerError(
            _("The words from character %(start)s to %(end)s are not in this text. Mark them again.")
            % {"start": wrong.start, "end": wrong.end}
        )


def _labels_and_guideline(study: Study, version: int | None) -> tuple[dict[str, Label], int | None]:
    """Labels that may be chosen, and the key of the guideline that was read; None where there is no such version."""
    labels = study.labels.filter(is_active=True)
    if version is None:
        return {label.key: label for label in labels}, None
    read = Guideline.objects.filter(study=study, version=version).values_list("pk", flat=True)
    found = list(labels.annotate(guideline_read=Subquery(read)))
    guideline = found[0].guideline_read if found else read.first()
    return {label.key: label for label in found}, guideline


def record_annotation(
    *, assignment: Assignment, client_key: UUID, answer: Answer, replaces: Annotation | None = None
) -> Outcome[Annotation]:
    """Store an answer under the submit contract; a revision names the current answer."""
    study = assignment.item.study
    labels, guideline = _labels_and_guideline(study, answer.guideline_version)
    check_answer(study, answer, labels)
    if answer.spans:
        _check_places(assignment.item_id, answer.spans)
    if answer.guideline_version is not None and guideline is None:
        raise InvalidAnswerError(
            _("This study has no version %(version)s of its guideline.")
            % {"version": answer.guideline_version}
        )
    if replaces is not None and study.state == Study.State.CLOSED:
        # A first answer that was begun is finished work and kept; a second thought came too late.
        return Outcome(409, replaces, _("This study is closed. Your stored answers are kept."))
    if study.state != Study.State.OPEN and assignment.shown_at is None and answer.shown_at is None:
        raise InvalidAnswerError(
            _(
                "This study is not open at the moment, and this text was not shown to you before. Nothing was stored."
            )
        )
    digest = answer_digest(answer, assignment=assignment.uuid, replaces=replaces.uuid if replaces else None)

    def existing() -> Annotation | None:
        held = current_answer(item_id=assignment.item_id, participant_id=assignment.participant_id)
        return None if held == replaces else held

    try:
        return submit(
            model=Annotation,
            client_key=client_key,
            digest=digest,
            same_author=lambda row: row.participant_id == assignment.participant_id,
            existing=existing,
            create=lambda: _write(assignment, client_key, digest, answer, replaces, labels, guideline),
            # One first answer of a person to an item, and one answer that replaces another.
            is_unique=True,
        )
    except IntegrityError:
        # The database decides between an answer and counts that are being imported at this moment.
        if not Item.objects.filter(pk=assignment.item_id, evidence=Item.Evidence.COUNTS).exists():
            raise
    _return_assignment(assignment)
    raise InvalidAnswerError(
        _(
            "Label counts without annotators were imported for this text in the meantime. It accepts no more "
            "answers, and yours was not stored. Continue with the next text."
        )
    )


@transaction.atomic
def _return_assignment(assignment: Assignment) -> None:
    own = Assignment.objects.filter(pk=assignment.pk)
    give_back(own, Item.objects.all(), place="item_id", now=timezone.now())


def _write(
    assignment: Assignment,
    client_key: UUID,
    digest: str,
    answer: Answer,
    replaces: Annotation | None,
    labels: dict[str, Label],
    guideline: int | None,
) -> Annotation:
    now = timezone.now()
    # The next text, in another tab, locks an item and then this person's assignment on it; an answer the other way
    # round. So each waits for the person first, or the two would wait for one another.
    author = one_request_at_a_time(assignment.participant)
    author.study = assignment.item.study
    assignment.participant = author
    # What is answered was shown, also where the page could not say so at the time.
    # A clock that is wrong, or a client that says so, is not believed outside the time of the assignment.
    shown_at = within(answer.shown_at or assignment.shown_at, earliest=assignment.reserved_at, latest=now)
    # What the row says now counts, not what the page was opened with: the lease may have run out since. From here on
    # nobody gives it back.
    done = finish_assignment(assignment.pk, shown_at=shown_at, now=now)
    assignment.returned_at = (assignment.returned_at or now) if done.is_returned else None
    counts = _update_places_taken(assignment, answer, replaces)
    annotation = Annotation.objects.create(
        client_key=client_key,
        payload_hash=digest,
        item_id=assignment.item_id,
        participant_id=assignment.participant_id,
        assignment=assignment,
        replaces=replaces,
        gives_labels=answer.gives_labels,
        facts_insufficient=answer.facts_insufficient,
        guideline_unclear=answer.guideline_unclear,
        skipped=answer.skipped,
        reason=answer.reason.strip(),
        comment=answer.comment.strip(),
        guideline_id=guideline,
        spans=spans_json(answer.spans) or None,
        # Finished work is never refused: one answer more than wanted is kept and marked.
        surplus=not counts,
        shown_at=shown_at,
        submitted_at=within(answer.submitted_at, earliest=assignment.reserved_at, latest=now) or now,
        active_ms=answer.active_ms,
    )
    rows = AnnotationLabel.objects.bulk_create(
        [
            *(
                _label_row(annotation, labels[key], True, certainty)
                for key, certainty in answer.chosen.items()
            ),
            *(
                _label_row(annotation, labels[key], False, certainty)
                for key, certainty in answer.rejected.items()
            ),
        ]
    )
    append_link(assignment.participant, "answer", annotation, rows)
    if done.has_draft:
        Draft.objects.filter(assignment=assignment).delete()
    # As if they had been read with the answer: a reply repeats them.
    given = annotation.labels.all()
    given._result_cache = rows
    annotation._prefetched_objects_cache = {"labels": given}  # type: ignore[attr-defined]
    return annotation


def _label_row(
    annotation: Annotation, label: Label, chosen: bool, certainty: float | None
) -> AnnotationLabel:
    return AnnotationLabel(annotation=annotation, label=label, chosen=chosen, certainty=certainty)


def _update_places_taken(assignment: Assignment, answer: Answer, replaces: Annotation | None) -> bool:
    """Whether the answer counts towards the wanted number.

    A skip gives the assignment to somebody else; a skipper who answers after all takes it again while the item
    wants one more. So does a late answer, whose lease ran out: its assignment was given back already.
    """
    if assignment.returned_at is not None:
        if answer.skipped or not take_place(assignment):
            return False
        Assignment.objects.filter(pk=assignment.pk).update(returned_at=None)
        return True
    held = replaces is None or not (replaces.skipped or replaces.surplus)
    if held == (not answer.skipped):
        return True
    if answer.skipped:
        item = Item.objects.filter(pk=assignment.item_id, seats_taken__gt=0)
        item.update(seats_taken=F("seats_taken") - 1)
        return True
    return take_place(assignment)


@dataclass(frozen=True)
class Kept:
    """What became of a draft: the version that is kept now, and why it is not this one, if it is not."""

    version: int
    sentence: str = ""


@transaction.atomic
def keep_draft(
    assignment: Assignment,
    *,
    reason: str,
    comment: str,
    replaces: Annotation | None,
    seen: int,
    choices: dict[str, str] | None = None,
    key: str = "",
    mine: Collection[str] = (),
    now: datetime | None = None,
) -> Kept:
    """Keep a draft unless the answer was given meanwhile, or another page wrote since `seen`; an empty one is deleted.

    Parameters
    ----------
    choices
        Values of the answer form by field; None leaves those that are kept.
    key, mine
        The page's own name of this save, and of earlier ones of which it has not heard: where one of these wrote
        last, nothing of another page is overwritten. A save that arrives after a later one of its page is refused.
    """
    now = now or timezone.now()
    # An answer locks its assignment too: a draft comes before it and goes with it, or after it and is refused.
    Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
    draft = Draft.objects.filter(assignment=assignment).first()
    version = draft.version if draft else 0
    if current_answer(item_id=assignment.item_id, participant_id=assignment.participant_id) != replaces:
        return Kept(version, _("This text was answered in the meantime; the draft was not stored."))
    if draft is not None and version != seen and draft.save_key not in mine:
        return Kept(version, _("Another page changed this answer in the meantime; its version is kept."))
    # Who writes is at work: the text stays with them.
    Assignment.objects.filter(IS_OPEN, pk=assignment.pk).update(lease_until=now + LEASE)
    # A revision may take every choice back.
    is_empty = not (reason or comment or choices) and (choices is None or replaces is None)
    if is_empty and (choices is not None or draft is None or draft.choices is None):
        Draft.objects.filter(assignment=assignment).delete()
        return Kept(0)
    # A new one begins anywhere: it is not taken for one that was emptied, by a page that had seen that one.
    draft = draft or Draft(assignment=assignment, version=secrets.randbelow(2**30))
    draft.reason, draft.comment, draft.replaces, draft.save_key = reason, comment, replaces, key
    if choices is not None:
        draft.choices = choices if choices or replaces is not None else None
    draft.version += 1
    draft.save()
    return Kept(draft.version)
