"""Seats and answers: who gets which item, and how an answer is stored once and for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from annotations.models import Annotation, AnnotationLabel, Assignment, Item, Label, Participant, Study
from annotations.selectors.answers import standing_answer
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.orders import shuffled_position
from annotations.submissions import Outcome, payload_hash, submit, within

LEASE = timedelta(hours=2)


class InvalidAnswerError(ValueError):
    """The answer contradicts itself or the study; the sentence says how."""


@dataclass(frozen=True)
class Waiting:
    """Why there is no item (or comparison) to show."""

    kind: Literal["done", "nothing_now", "paused", "closed"]
    until: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What an annotator said of one item; certainties are shares of 1, None where none was given."""

    chosen: dict[str, float | None] = field(default_factory=dict)
    rejected: dict[str, float | None] = field(default_factory=dict)
    no_label_applies: bool = False
    facts_insufficient: bool = False
    guideline_unclear: bool = False
    skipped: bool = False
    reason: str = ""
    comment: str = ""
    shown_at: datetime | None = None
    submitted_at: datetime | None = None
    active_ms: int | None = None
    guideline_version: int | None = None

    @property
    def gives_labels(self) -> bool:
        return bool(self.chosen) or self.no_label_applies

    def payload(self) -> dict[str, Any]:
        """What makes two answers the same: not when the copy was sent or how long it waited."""
        return {
            "chosen": self.chosen,
            "rejected": self.rejected,
            "no_label_applies": self.no_label_applies,
            "facts_insufficient": self.facts_insufficient,
            "guideline_unclear": self.guideline_unclear,
            "skipped": self.skipped,
            "reason": self.reason,
            "comment": self.comment,
        }


def next_assignment(participant: Participant, *, now: datetime | None = None) -> Assignment | Waiting:
    """The seat this person holds, or a new one; the same seat on refresh, back button and second tab."""
    now = now or timezone.now()
    study = participant.study
    if study.state != Study.State.OPEN:
        return Waiting("paused" if study.state == Study.State.PAUSED else "closed")
    with transaction.atomic():
        # One request of a person at a time: two tabs get the same seat.
        # no_key: the foreign key of an answer that is being saved in the other tab may pass.
        Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
        held = (
            participant.assignments.filter(done_at__isnull=True, returned_at__isnull=True)
            .order_by("pk")
            .first()
        )
        if held is not None:
            Assignment.objects.filter(pk=held.pk).update(lease_until=now + LEASE)
            return held
        if participant.quota is not None:
            done = participant.assignments.filter(done_at__isnull=False).count()
            if done >= participant.quota:
                return Waiting("done")
        return_lapsed_seats(study, now=now)
        item = _free_item(participant)
        if item is None:
            return _why_nothing(participant)
        Item.objects.filter(pk=item.pk).update(seats_taken=F("seats_taken") + 1)
        return Assignment.objects.create(item=item, participant=participant, lease_until=now + LEASE)


def _free_item(participant: Participant) -> Item | None:
    """The item with fewest seats taken that this person has not had, held against other requests."""
    study = participant.study
    had = Assignment.objects.filter(item=OuterRef("pk"), participant=participant)
    free = study.items.filter(
        not_withdrawn(), ~Exists(had), ~Q(evidence=Item.Evidence.COUNTS), seats_taken__lt=study.answers_wanted
    )
    order = ["seats_taken", "position"]
    if study.order == Study.Order.RANDOM:
        free = _shuffled(free, participant)
        order = ["seats_taken", "shuffled", "position"]
    if connection.features.has_select_for_update_skip_locked:
        free = free.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return free.only("pk", "uuid", "study_id").order_by(*order).first()


def _shuffled(items: QuerySet[Item], participant: Participant) -> QuerySet[Item]:
    """An order of each person's own that stays the same on refresh."""
    return items.annotate(shuffled=shuffled_position(seed=participant.study.seed, number=participant.number))


def return_lapsed_seats(study: Study, *, now: datetime) -> int:
    """Give back seats whose lease ran out unanswered, so that the wanted number is still reached."""
    lapsed = list(
        Assignment.objects.filter(
            item__study=study, done_at__isnull=True, returned_at__isnull=True, lease_until__lt=now
        ).values_list("pk", "item_id")[:100]
    )
    for pk, item_id in lapsed:
        given_back = Assignment.objects.filter(pk=pk, returned_at__isnull=True, done_at__isnull=True).update(
            returned_at=now
        )
        if given_back:
            Item.objects.filter(pk=item_id, seats_taken__gt=0).update(seats_taken=F("seats_taken") - 1)
    return len(lapsed)


def _why_nothing(participant: Participant) -> Waiting:
    """Done, or others hold seats that may come back: two different messages."""
    had = Assignment.objects.filter(item=OuterRef("item"), participant=participant)
    first_lapse = (
        Assignment.objects.filter(
            item__study_id=participant.study_id, done_at__isnull=True, returned_at__isnull=True
        )
        .exclude(participant=participant)
        .filter(~Exists(had))
        .order_by("lease_until")
        .values_list("lease_until", flat=True)
        .first()
    )
    return Waiting("nothing_now", first_lapse) if first_lapse else Waiting("done")


def show_assignment(assignment: Assignment, *, now: datetime | None = None) -> None:
    """Remember when the text was first shown."""
    Assignment.objects.filter(pk=assignment.pk, shown_at__isnull=True).update(shown_at=now or timezone.now())


def check_answer(study: Study, answer: Answer) -> dict[str, Label]:
    """The labels named, if the answer can stand; otherwise what is wrong with it."""
    if answer.skipped and (answer.gives_labels or answer.rejected):
        raise InvalidAnswerError("A skipped text takes no labels: either skip it or answer it.")
    if answer.skipped and not answer.reason.strip():
        raise InvalidAnswerError("Say in a few words why you skip this text.")
    if answer.no_label_applies and answer.chosen:
        raise InvalidAnswerError("You said that no label applies and chose one as well: keep one of the two.")
    if not (answer.gives_labels or answer.facts_insufficient or answer.guideline_unclear or answer.skipped):
        raise InvalidAnswerError("Choose at least one label, or say that none applies.")
    if study.one_label_only and len(answer.chosen) > 1:
        raise InvalidAnswerError("This study takes one label for each text.")
    both = answer.chosen.keys() & answer.rejected.keys()
    if both:
        raise InvalidAnswerError(
            f"The label {sorted(both)[0]} is both chosen and ruled out: keep one of the two."
        )
    labels = {label.key: label for label in study.labels.filter(is_active=True)}
    for key, certainty in {**answer.chosen, **answer.rejected}.items():
        if key not in labels:
            raise InvalidAnswerError(f"This study has no label {key}.")
        if certainty is not None and not 0 <= certainty <= 1:
            raise InvalidAnswerError(f"The certainty of {labels[key].name} lies outside 0 to 1.")
    return labels


def record_annotation(
    *, assignment: Assignment, client_key: UUID, answer: Answer, replaces: Annotation | None = None
) -> Outcome[Annotation]:
    """Store an answer under the submit contract; a revision names the answer that stands now."""
    study = assignment.item.study
    labels = check_answer(study, answer)
    if replaces is not None and study.state == Study.State.CLOSED:
        # A first answer that was begun is finished work and kept; a second thought came too late.
        return Outcome(409, replaces, "This study is closed: the answers that are stored stand.")
    digest = payload_hash(
        {**answer.payload(), "seat": assignment.uuid, "replaces": replaces and replaces.uuid}
    )

    def standing() -> Annotation | None:
        # The row lock makes two answers to one seat come one after the other.
        # What it says now counts, not what the page was opened with: the lease may have run out since.
        locked = Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
        assignment.returned_at, assignment.done_at = locked.returned_at, locked.done_at
        held = standing_answer(item_id=assignment.item_id, participant_id=assignment.participant_id)
        return None if held == replaces else held

    return submit(
        model=Annotation,
        client_key=client_key,
        digest=digest,
        same_author=lambda row: row.participant_id == assignment.participant_id,
        standing=standing,
        create=lambda: _write(assignment, client_key, digest, answer, replaces, labels),
    )


def _write(
    assignment: Assignment,
    client_key: UUID,
    digest: str,
    answer: Answer,
    replaces: Annotation | None,
    labels: dict[str, Label],
) -> Annotation:
    now = timezone.now()
    item = assignment.item
    guideline = item.study.guidelines.filter(version=answer.guideline_version or 0).first()
    annotation = Annotation.objects.create(
        client_key=client_key,
        payload_hash=digest,
        item=item,
        participant_id=assignment.participant_id,
        assignment=assignment,
        replaces=replaces,
        gives_labels=answer.gives_labels,
        facts_insufficient=answer.facts_insufficient,
        guideline_unclear=answer.guideline_unclear,
        skipped=answer.skipped,
        reason=answer.reason.strip(),
        comment=answer.comment.strip(),
        guideline=guideline,
        # Finished work is never refused: an answer to a seat given back is kept and marked.
        surplus=assignment.returned_at is not None,
        # A clock that is wrong, or a client that says so, is not believed outside the time of the seat.
        shown_at=within(answer.shown_at or assignment.shown_at, earliest=assignment.reserved_at, latest=now),
        submitted_at=within(answer.submitted_at, earliest=assignment.reserved_at, latest=now) or now,
        active_ms=answer.active_ms,
    )
    AnnotationLabel.objects.bulk_create(
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
    Assignment.objects.filter(pk=assignment.pk, done_at__isnull=True).update(done_at=now)
    _keep_seat_count(assignment, answer, replaces)
    if answer.gives_labels:
        Item.objects.filter(pk=item.pk, evidence=Item.Evidence.NONE).update(
            evidence=Item.Evidence.ANNOTATIONS
        )
    return annotation


def _label_row(
    annotation: Annotation, label: Label, chosen: bool, certainty: float | None
) -> AnnotationLabel:
    return AnnotationLabel(annotation=annotation, label=label, chosen=chosen, certainty=certainty)


def _keep_seat_count(assignment: Assignment, answer: Answer, replaces: Annotation | None) -> None:
    """A skip gives the seat to somebody else; a skipper who answers after all takes it again."""
    was_taken = replaces is None or not replaces.skipped
    if assignment.returned_at is None and was_taken == answer.skipped:
        change = -1 if answer.skipped else 1
        Item.objects.filter(pk=assignment.item_id).update(seats_taken=F("seats_taken") + change)
