"""The submit contract: an answer is stored once, however often it is sent.

The client makes a UUID before it sends. Same key and same payload: the stored answer again (200).
Same key, other payload: refused (409). Another key for an assignment that has its answer: refused, with the
stored answer, so that the page can offer to revise (409).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.forms import BaseForm
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# A step n of 5 is the share n / 5: a guess still counts for something.
TOP_STEP = 5
STEP_WORDS = {
    1: gettext_lazy("guess"),
    2: gettext_lazy("leaning"),
    3: gettext_lazy("likely"),
    4: gettext_lazy("confident"),
    5: gettext_lazy("certain"),
}

LONGEST_ACTIVE_MS = 24 * 60 * 60 * 1000
INVALID_SPANS = gettext_lazy(
    'Marked words are a list of at most 500 spans, each with label, text, start and end, such as “[{"label": '
    '"housing", "text": 0, "start": 3, "end": 9}]”.'
)
# Beyond those of any study.
MOST_LABELS = 1000


class InvalidSubmissionError(ValueError):
    """What was sent contradicts itself or the study; the sentence says how, and nothing is stored."""


Row = TypeVar("Row", bound=models.Model)
Values = TypeVar("Values", bound="DataclassInstance")


def form_values(form: BaseForm, schema: type[Values]) -> Values:
    """What a valid form holds, as the dataclass that names these fields."""
    return schema(**{field.name: form.cleaned_data[field.name] for field in fields(schema)})


@dataclass(frozen=True)
class Outcome(Generic[Row]):
    status: int
    row: Row | None
    sentence: str = ""

    @property
    def is_stored(self) -> bool:
        return self.status in (200, 201)


@dataclass(frozen=True)
class Step:
    """One radio of a certainty or a confidence, in the shape that `_certainty_steps.html` draws.

    Its kind is clear (not chosen), no (surely not), doubt (not, less surely) or yes (with its digit).
    """

    kind: str
    value: str
    digit: str
    words: str | Promise
    checked: bool


def outcome_step(share: float) -> int:
    """The step that is nearest to a certainty or a confidence, 1 or more."""
    return min(TOP_STEP, max(1, round(share * TOP_STEP)))


class ClosedList(serializers.Serializer[Any]):
    """Takes the fields it lists and refuses any other by name."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError(
                {
                    "non_field_errors": [
                        _("These fields are not taken here: %(names)s.") % {"names": ", ".join(unknown)}
                    ]
                }
            )
        given: dict[str, Any] = super().to_internal_value(data)
        return given


class ShareField(serializers.FloatField):
    """A number from 0 to 1; `true` is none, though Python counts it as 1."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


def within(moment: datetime | None, *, earliest: datetime, latest: datetime) -> datetime | None:
    """A moment that a client sent, limited to the possible range."""
    return None if moment is None else min(max(moment, earliest), latest)


def payload_hash(payload: Mapping[str, object]) -> str:
    canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def submit(
    *,
    model: type[Row],
    client_key: UUID,
    digest: str,
    same_author: Callable[[Row], bool],
    existing: Callable[[], Row | None],
    create: Callable[[], Row],
    is_unique: bool = False,
) -> Outcome[Row]:
    """Store an answer, or find what is stored already.

    `existing` gives the answer that this one would collide with, `create` writes the new rows. Both
    run in one transaction; the unique columns decide between requests that arrive together.

    Parameters
    ----------
    is_unique
        The unique columns refuse each row that would collide, so nothing is read before it is written.
    """
    manager = model._default_manager

    def stored() -> Outcome[Row] | None:
        known = manager.filter(client_key=client_key).first()
        return None if known is None else _repeat(known, digest=digest, same_author=same_author)

    repeat = None if is_unique else stored()
    if repeat is not None:
        return repeat
    try:
        with transaction.atomic():
            held = None if is_unique else existing()
            if held is None:
                return Outcome(201, create())
    except IntegrityError:
        # Another request stored the same key, or an answer to the same assignment, a moment before.
        with transaction.atomic():
            held = existing()
        if held is None and stored() is None:
            raise
    # Whoever waited for the lock may have waited for a copy of itself.
    return stored() or Outcome(409, held, _("This was answered already. You can revise the stored answer."))


def _repeat(known: Row, *, digest: str, same_author: Callable[[Row], bool]) -> Outcome[Row]:
    if not same_author(known):
        return Outcome(409, None, _("This answer's key is in use. Reload the page and answer again."))
    if known.payload_hash == digest:  # type: ignore[attr-defined]  # every submitted model has the column
        return Outcome(200, known)
    return Outcome(
        409, known, _("The same answer was sent before with other contents; the first one stands.")
    )
