"""Which column of a file is what, chosen from the columns that it has.

What is kept is the same as what is written by hand: lines of field=column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.formats import items, label_tables
from annotations.models import Import
from hlv.core.tabular.mapping import Field
from hlv.importing.sandboxed_reader import COLUMNS_NAMED
from metaeval.formats import judgments, outputs, scores

# The formats with a row for each thing; the others have columns of their own, which need no choice.
_FIELDS: dict[str, tuple[tuple[str, ...], tuple[Field, ...]]] = {
    Import.Kind.ITEMS: ((items.ITEMS.name,), items.FIELDS),
    Import.Kind.ANNOTATIONS: ((label_tables.LONG.name,), label_tables.FIELDS),
    Import.Kind.OUTPUTS: ((outputs.TEXTS.name, outputs.DISTRIBUTIONS.name), outputs.FIELDS),
    Import.Kind.JUDGMENTS: ((judgments.JUDGMENTS.name,), judgments.FIELDS),
    Import.Kind.SCORES: ((scores.LONG.name,), scores.LONG_FIELDS),
}
WORDS: dict[str, str | Promise] = {
    "item": _("id of the text"),
    "text": _("text"),
    "lang": _("language"),
    "annotator": _("annotator"),
    "label": _("label"),
    "certainty": _("certainty"),
    "submitted_at": _("time"),
    "group": _("group"),
    "flags": _("remarks such as a skip"),
    "method": _("method"),
    "run": _("run"),
    "base_model": _("base model"),
    "distribution": _("distribution"),
}
_OF_ONE_COLUMN = ("text", "distribution")


@dataclass(frozen=True)
class ColumnsToChoose:
    """The fields that a file of this kind has, and the columns that this one has."""

    fields: tuple[Field, ...] = ()
    columns: tuple[str, ...] = ()

    def choices(self, field: Field) -> list[tuple[str, str | Promise]]:
        usual = field.usual_column(self.columns)
        found = [usual] if usual else items.usual_texts(self.columns) if field is items.TEXT else []
        return [("", _what_is_found(field, found)), *((column, column) for column in self.columns)]


def _what_is_found(field: Field, found: Sequence[str]) -> str | Promise:
    if found:
        return _("find out: “%(column)s”") % {"column": " + ".join(found)}
    return _("none found: choose one") if field.required or field is items.TEXT else _("none found")


def columns_to_choose(kind: str, format_name: str, columns: Sequence[str]) -> ColumnsToChoose:
    """Nothing to choose where the file is of a format with columns of its own, or has none or very many."""
    generic, fields = _FIELDS[kind]
    if format_name not in ("", *generic) or not 0 < len(columns) <= COLUMNS_NAMED:
        return ColumnsToChoose()
    # Members, such as metadata.genre, are written by hand; a text or a distribution may be one column.
    named = tuple(field for field in fields if not field.has_members or field.name in _OF_ONE_COLUMN)
    return ColumnsToChoose(named, tuple(columns))


def chosen_and_written(lines: Iterable[str], choice: ColumnsToChoose) -> tuple[dict[str, str], list[str]]:
    """What of a mapping the selects can show, and the lines that they cannot."""
    names = {field.name for field in choice.fields}
    chosen: dict[str, str] = {}
    written = []
    for line in lines:
        field, _sign, column = line.partition("=")
        if field.strip() in names and column in choice.columns:
            chosen[field.strip()] = column
        else:
            written.append(line)
    return chosen, written
