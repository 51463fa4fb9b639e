"""Removal of free text from answers and verdicts: a recorded gap in the log, and links that cover what is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from annotations.history.kinds import IMPORT, linked
from annotations.history.sealing import new_links, record_erasure
from annotations.models import Annotation, HistoryLink, Study, User

_PLACES: list[str] = []


@dataclass(frozen=True)
class FreeText:
    """Rows that people wrote words into.

    Parameters
    ----------
    kind, earlier
        The kinds of entries that cover a row from here on: entries for this row alone, or rows older than the log.
    columns
        What is emptied.
    study
        The lookup from a row to its study.
    """

    kind: str
    earlier: str
    model: type[Any]
    columns: tuple[str, ...]
    study: str

    def rows(self) -> QuerySet[Any]:
        """Those with words in them."""
        written = Q()
        for column in self.columns:
            written |= ~Q(**{column: ""})
        found: QuerySet[Any] = self.model._default_manager.filter(written)
        return found


ANSWERS = FreeText("answer", "earlier answers", Annotation, ("reason", "comment"), "item__study")


def register(place: str) -> None:
    """`place`: the dotted name of a `FreeText` of an app above this one."""
    _PLACES.append(place)


def free_texts() -> Iterator[FreeText]:
    yield ANSWERS
    for place in _PLACES:
        yield import_string(place)


def written_texts(*, study: Study, by: User | None = None) -> Mapping[str, int]:
    """How many rows with words there are, by kind."""
    return {text.kind: _chosen(text, study, by).count() for text in free_texts()}


def _chosen(text: FreeText, study: Study, by: User | None) -> QuerySet[Any]:
    rows = text.rows().filter(**{text.study: study})
    return rows if by is None else rows.filter(participant__user=by)


@transaction.atomic
def remove_free_text(study: Study, *, by: User | None = None) -> int:
    """Of one person, or of all. Labels, verdicts, certainties and times stay as they were given."""
    locked = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    n_rows = 0
    covering: defaultdict[str, set[int]] = defaultdict(set)
    for text in free_texts():
        chosen = _chosen(text, study, by)
        own, earlier = chosen.filter(import_batch=None), chosen.exclude(import_batch=None)
        covering[text.kind] |= set(own.values_list("pk", flat=True))
        covering[text.earlier] |= set(own.filter(~linked(text.kind)).values_list("participant", flat=True))
        covering[IMPORT] |= set(earlier.values_list("import_batch", flat=True).distinct())
        # The digest of what was sent covers the words: with it they could be guessed.
        n_rows += chosen.update(**dict.fromkeys((*text.columns, "payload_hash"), ""))
    links = [
        link
        for what, rows in covering.items()
        for link in HistoryLink.objects.filter(study=study, what=what, row__in=rows, salt__isnull=False)
    ]
    left: defaultdict[str, list[int]] = defaultdict(list)
    for link in links:
        left[link.what].append(link.row or 0)
    record_erasure(locked, links, left=new_links({what: sorted(set(rows)) for what, rows in left.items()}))
    return n_rows
