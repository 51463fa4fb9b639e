"""The first rows of uploaded files, and the choice of their columns, as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from annotations.formats import items, label_tables
from annotations.models import Import, Upload, User
from annotations.services.uploads import stored_path
from hlv.core.tabular.cells import TableKind
from hlv.core.tabular.errors import RowError
from hlv.core.tabular.mapping import Field
from hlv.importing import sandbox
from hlv.importing.file_sets import ReadingChoices
from hlv.importing.sandboxed_reader import (
    COLUMNS_NAMED,
    COLUMNS_SHOWN,
    FilePreview,
    FileToRead,
    PreviewedNames,
    PreviewedTable,
    Previews,
    UnreadableFile,
)
from metaeval.formats import judgments, outputs, scores

# Above this, looking would keep the person waiting: a worker says what is in the file.
PREVIEW_BYTES = 20_000_000
TABLE_KINDS: dict[str, str | Promise] = {
    TableKind.DELIMITED: _lazy("Delimited text"),
    TableKind.JSON_LINES: _lazy("JSON, a row on each line"),
    TableKind.JSON_ARRAY: _lazy("JSON, a list of rows"),
    TableKind.JSON_OBJECT: _lazy("JSON, rows by their keys"),
    TableKind.WORKBOOK: _lazy("XLSX workbook"),
    TableKind.PARQUET: _lazy("Parquet"),
}


def has_preview(file: Upload) -> bool:
    return file.size <= PREVIEW_BYTES and file.forgotten_at is None and stored_path(file).is_file()


def upload_previews(files: Sequence[Upload], *, kind: str, choices: ReadingChoices, by: User) -> Previews:
    """The first rows of the files of one import, and their order; read in another process.

    Raises
    ------
    FormatError
        Reading takes more memory or time than a page may spend.
    ReaderBusyError
        Too many files are being read now.
    """
    to_read = [FileToRead(str(stored_path(file)), file.name, has_preview(file)) for file in files]
    if len(files) == 1 and not to_read[0].has_preview:
        return Previews([None], [0])
    return sandbox.read_previews(to_read, kind=kind, choices=choices, person=by.pk)


def named_columns(preview: FilePreview | None) -> list[str]:
    """All columns of a table, to choose from; none where it has too many to name."""
    if not isinstance(preview, PreviewedTable) or preview.n_columns > len(preview.columns):
        return []
    return preview.columns


@dataclass(frozen=True)
class Sample:
    """The first rows of a file, in the words of a page."""

    kind: str | Promise
    columns: Sequence[str]
    rows: Sequence[tuple[int, list[str]]]
    how_many: str
    encoding: str = ""
    delimiter: str | Promise = ""
    n_more_columns: int = 0
    errors: Sequence[RowError] = ()
    ignored: str = ""


@dataclass(frozen=True)
class FileSample:
    """A file on the page of an upload: its sample, or why there is none."""

    name: str
    seen: Sample | None = None
    fault: str = ""


def file_sample(name: str, preview: FilePreview | None) -> FileSample:
    match preview:
        case PreviewedTable():
            return FileSample(name, _table_sample(preview))
        case PreviewedNames():
            return FileSample(name, _names_sample(preview))
        case UnreadableFile():
            return FileSample(name, fault=preview.sentence)
        case None:
            return FileSample(name)


def _table_sample(table: PreviewedTable) -> Sample:
    columns = table.columns[:COLUMNS_SHOWN]
    return Sample(
        kind=TABLE_KINDS[table.kind],
        encoding=table.encoding if table.kind not in (TableKind.WORKBOOK, TableKind.PARQUET) else "",
        delimiter=dict(DELIMITERS).get(table.delimiter, "") if table.delimiter else "",
        columns=columns,
        n_more_columns=table.n_columns - len(columns),
        rows=table.rows,
        errors=table.errors,
        ignored=", ".join(f"“{column}”" for column in table.ignored),
        how_many=_how_many(
            len(table.rows) + len(table.errors), of=table.n_rows, all_counted=table.all_counted
        ),
    )


def _names_sample(listed: PreviewedNames) -> Sample:
    return Sample(
        kind=_("List of names"),
        columns=[_("label") if listed.noun == "labels" else _("id of the text")],
        rows=[(number, [name]) for number, name in enumerate(listed.names, start=1)],
        how_many=_how_many(len(listed.names), of=listed.n_names, all_counted=True),
    )


def _how_many(n: int, *, of: int, all_counted: bool) -> str:
    """That these are the first rows and not all, for whoever looks whether a file is whole."""
    if not all_counted:
        return _("The first %(n)s rows of more than %(of)s.") % {"n": n, "of": f"{of:,}"}
    if n < of:
        return _("The first %(n)s of %(of)s rows.") % {"n": n, "of": f"{of:,}"}
    return ngettext("All of it: %(n)s row.", "All of it: %(n)s rows.", n) % {"n": n}


DELIMITERS = [
    ("", _lazy("find out")),
    (",", _lazy("comma")),
    (";", _lazy("semicolon")),
    ("\t", _lazy("tab")),
    ("|", _lazy("vertical bar")),
    (" ", _lazy("blank")),
]
# The formats with a row for each thing; the others have columns of their own, which need no choice.
_FIELDS: dict[str, tuple[tuple[str, ...], tuple[Field, ...]]] = {
    Import.Kind.ITEMS: ((items.ITEMS.name,), items.FIELDS),
    Import.Kind.ANNOTATIONS: ((label_tables.LONG.name,), label_tables.FIELDS),
    Import.Kind.OUTPUTS: ((outputs.TEXTS.name, outputs.DISTRIBUTIONS.name), outputs.FIELDS),
    Import.Kind.JUDGMENTS: ((judgments.JUDGMENTS.name,), judgments.FIELDS),
    Import.Kind.SCORES: ((scores.LONG.name,), scores.LONG_FIELDS),
}
WORDS: dict[str, str | Promise] = {
    "item": _lazy("id of the text"),
    "text": _lazy("text"),
    "lang": _lazy("language"),
    "annotator": _lazy("annotator"),
    "label": _lazy("label"),
    "certainty": _lazy("certainty"),
    "submitted_at": _lazy("time"),
    "group": _lazy("group"),
    "flags": _lazy("remarks such as a skip"),
    "method": _lazy("method"),
    "run": _lazy("run"),
    "base_model": _lazy("base model"),
    "distribution": _lazy("distribution"),
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
        return [("", _detected_column(field, found)), *((column, column) for column in self.columns)]


def _detected_column(field: Field, found: Sequence[str]) -> str | Promise:
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
