"""What the log covers: for each kind of row, the content that enters its digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string

from annotations.models import (
    Annotation,
    AnnotationLabel,
    Guideline,
    HistoryLink,
    Import,
    ImportReversal,
    Item,
    ItemText,
    Label,
    LabelAgreement,
    LabelCount,
    Participant,
    RoundFigure,
    RoundReport,
    Settlement,
    Study,
    StudyChange,
)

CHUNK = 2000
IMPORT = "import"
_PLACES: list[str] = []


class _Columns:
    """What enters a digest of a row; found once, as every submit needs it."""

    model: type[Model]
    left_out: frozenset[str]
    also: tuple[str, ...]

    @cached_property
    def columns(self) -> list[Any]:
        if "*" in self.left_out:
            return []
        return [
            column
            for column in self.model._meta.concrete_fields
            if not column.primary_key and column.name not in self.left_out
        ]

    @cached_property
    def names(self) -> list[str]:
        return [*(column.attname for column in self.columns), *self.also]


@dataclass(frozen=True)
class Part(_Columns):
    """Rows of another table that belong to a row of a kind: the lookup `of` leads to its key."""

    model: type[Model]
    of: str
    left_out: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()
    where: Q = field(default_factory=Q)


@dataclass(frozen=True)
class Kind(_Columns):
    """One kind of row that the log covers.

    Parameters
    ----------
    study
        The lookup from a row to the key of its study.
    left_out
        Columns that may change, so that no digest covers them.
    also
        Lookups into rows that the row refers to.
    where
        The rows that are covered; the others of the table belong to another kind or to none.
    at_submit
        The link is written with the row, in the chain of its participant.
    changes
        The row may change while the program records it as a `StudyChange` of this kind.
    may_change
        The rows that may do so.
    first_only
        Rows from before the log began: the first seal of a study alone covers them.
    """

    name: str
    title: str
    model: type[Model]
    study: str = "study_id"
    left_out: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    where: Q = field(default_factory=Q)
    at_submit: bool = False
    changes: str = ""
    may_change: Q = field(default_factory=Q)
    first_only: bool = False

    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.filter(self.where)


def linked(what: str, key: str = "pk") -> Exists:
    return Exists(HistoryLink.objects.filter(what=what, row=OuterRef(key)))


def without_link(what: str) -> Q:
    return Q(~linked(what), import_batch__isnull=True)


SNAPSHOT = frozenset({"job"})
_ITEM = frozenset({"position", "lang", "metadata", "evidence", "seats_taken", "import_batch", "row_key"})
ANSWER_LABELS = Part(AnnotationLabel, "annotation_id")


def _came() -> Q:
    coming = ImportReversal.objects.filter(batch=OuterRef("pk"), reason=ImportReversal.COMING)
    came = ImportReversal.objects.filter(batch=OuterRef("pk"), reason=ImportReversal.CAME)
    return Q(~Exists(coming)) | Q(Exists(came))


KINDS: tuple[Kind, ...] = (
    Kind("answer", "answer", Annotation, "item__study_id", parts=(ANSWER_LABELS,),
         where=Q(import_batch__isnull=True), at_submit=True),
    Kind("earlier answers", "answers from before the log", Participant, left_out=frozenset({"*"}),
         parts=(Part(Annotation, "participant_id", where=without_link("answer")),), first_only=True),
    Kind("study", "study", Study, "id",
         left_out=frozenset(field.name for field in Study._meta.concrete_fields) - {"uuid", "slug", "task", "created_at"}),
    Kind("label", "label", Label, left_out=frozenset({"shortcut", "colour", "group"}), changes=StudyChange.What.LABEL),
    Kind("guideline", "guideline version", Guideline),
    Kind("participant", "participant", Participant, left_out=frozenset({"is_active", "quota", "chain_length", "chain_head"}),
         changes=StudyChange.What.PARTICIPANT),
    # Until a text is labelled or judged, a corrected file may change it.
    Kind("text", "text", Item, left_out=_ITEM | {"created_at"}, parts=(Part(ItemText, "item_id"),),
         where=~Q(evidence=Item.Evidence.NONE)),
    Kind(IMPORT, "import", Import, parts=(
            Part(Annotation, "import_batch_id"),
            Part(AnnotationLabel, "annotation__import_batch_id"),
            Part(LabelCount, "import_batch_id"),
         ), where=_came()),
    Kind("withdrawal", "withdrawal of an import", ImportReversal, "batch__study_id"),
    Kind("change", "entry of the change log", StudyChange),
    Kind("settlement", "settled remark", Settlement, "annotation__item__study_id"),
    Kind("label agreement", "label agreement", LabelAgreement, left_out=SNAPSHOT),
    Kind("round report", "round report", RoundReport, left_out=SNAPSHOT),
    Kind("round figure", "figure of a round report", RoundFigure, "report__study_id"),
)  # fmt: skip


def register(place: str) -> None:
    """`place`: a dotted name of `{name of a kind: more parts}` and more kinds, of an app above this one."""
    _PLACES.append(place)


@cache
def all_kinds() -> Mapping[str, Kind]:
    kinds = {kind.name: kind for kind in KINDS}
    for place in _PLACES:
        more_parts, more_kinds = import_string(place)
        for name, parts in more_parts.items():
            kinds[name] = replace(kinds[name], parts=(*kinds[name].parts, *parts))
        kinds |= {kind.name: kind for kind in more_kinds}
    return kinds


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return hashlib.sha256(value).hexdigest()
    return value


def _line(table: str, names: Sequence[str], values: Iterable[Any]) -> bytes:
    """None is left out, so that a column that comes later, empty, leaves older digests as they are."""
    content = {name: _plain(value) for name, value in zip(names, values, strict=True) if value is not None}
    return (
        json.dumps([table, content], sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
        + b"\n"
    )


def _table(source: Kind | Part) -> str:
    return source.model._meta.db_table


def digest_of_row(kind: Kind, row: Model, parts: Iterable[Model], *, salt: UUID) -> str:
    """The digest of a row that was just written, from memory; what `also` names is loaded."""
    digest = hashlib.sha256(salt.bytes)
    digest.update(_line(_table(kind), kind.names, _held(kind, row)))
    for one in parts:
        source = next(part for part in kind.parts if part.model is type(one))
        digest.update(_line(_table(source), source.names, _held(source, one)))
    return digest.hexdigest()


def _held(source: Kind | Part, row: Model) -> Iterator[Any]:
    for column in source.columns:
        yield column.to_python(getattr(row, column.attname))
    for lookup in source.also:
        value: Any = row
        for name in lookup.split("__"):
            value = getattr(value, name)
        yield value


def digests(kind: Kind, salts: Mapping[int, UUID]) -> dict[int, str]:
    """The digest of each of these rows as stored now; a row that is not there is not in the answer."""
    names = kind.names
    rows = kind.model._default_manager.filter(pk__in=salts).order_by()
    found = {}
    for pk, *values in rows.values_list("pk", *names):
        found[pk] = hashlib.sha256(salts[pk].bytes)
        if names:
            found[pk].update(_line(_table(kind), names, values))
    for part in kind.parts:
        names = part.names
        belonging = part.model._default_manager.filter(part.where, **{f"{part.of}__in": list(found)})
        for pk, *values in (
            belonging.order_by("pk").values_list(F(part.of), *names).iterator(chunk_size=CHUNK)
        ):
            found[pk].update(_line(_table(part), names, values))
    return {pk: digest.hexdigest() for pk, digest in found.items()}
