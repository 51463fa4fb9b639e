"""The first rows of a file that waits for its import, as a page shows them."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from annotations.models import Import, Upload
from annotations.services.uploads import stored_path
from hlv.core.tabular import Preview, preview
from hlv.core.tabular.structure import TableKind
from hlv.importing.forms import DELIMITERS
from metaeval.formats.arrays import MAGIC, ListSource, list_source

# Above this, looking would keep the person waiting: a worker says what is in the file.
PREVIEW_BYTES = 20_000_000
ROWS_SHOWN = 8
COLUMNS_SHOWN = 24
TABLE_KINDS: dict[TableKind, str | Promise] = {
    TableKind.DELIMITED: _lazy("Delimited text"),
    TableKind.JSON_LINES: _lazy("JSON, a row on each line"),
    TableKind.JSON_ARRAY: _lazy("JSON, a list of rows"),
    TableKind.JSON_OBJECT: _lazy("JSON, rows by their keys"),
    TableKind.WORKBOOK: _lazy("XLSX workbook"),
}


def has_preview(file: Upload) -> bool:
    return file.size <= PREVIEW_BYTES and file.forgotten_at is None and stored_path(file).is_file()


def preview_file(file: Upload, options: dict[str, Any]) -> Preview | ListSource | None:
    """The first rows, or None for what is not looked at here. Raises `FormatError` for what is no table."""
    path = stored_path(file)
    if not has_preview(file):
        return None
    if file.kind == Import.Kind.OUTPUTS:
        with path.open("rb") as stream:
            if stream.read(len(MAGIC)) == MAGIC:
                return None
        if file.beside is not None and (names := list_source(path, file.name)) is not None:
            return names
    return preview(
        path,
        n=ROWS_SHOWN,
        encoding=options.get("encoding"),
        delimiter=options.get("delimiter"),
        name=file.name,
    )


def sample_rows(seen: Preview | ListSource | None) -> dict[str, Any] | None:
    """What is shown of it. Raises `FormatError` where a list of names is none."""
    if seen is None:
        return None
    if isinstance(seen, ListSource):
        return _sample_of_names(seen)
    columns = seen.columns[:COLUMNS_SHOWN]
    return {
        "kind": TABLE_KINDS[seen.kind],
        "encoding": seen.encoding if seen.kind is not TableKind.WORKBOOK else "",
        "delimiter": dict(DELIMITERS).get(seen.delimiter, "") if seen.delimiter else "",
        "columns": columns,
        "n_more_columns": len(seen.columns) - len(columns),
        "rows": [(row.number, [row.cells.get(column, "") for column in columns]) for row in seen.rows],
        "errors": seen.errors,
        "how_many": _how_many(
            len(seen.rows) + len(seen.errors), of=seen.n_rows, all_counted=seen.all_counted
        ),
    }


def _sample_of_names(seen: ListSource) -> dict[str, Any]:
    names = seen.names
    first = names[:ROWS_SHOWN]
    return {
        "kind": _("List of names"),
        "encoding": "",
        "delimiter": "",
        "columns": (_("label") if seen.noun == "labels" else _("id of the text"),),
        "n_more_columns": 0,
        "rows": [(number, [name]) for number, name in enumerate(first, start=1)],
        "errors": (),
        "how_many": _how_many(len(first), of=len(names), all_counted=True),
    }


def _how_many(n: int, *, of: int, all_counted: bool) -> str:
    """That these are the first rows and not all, for whoever looks whether a file is whole."""
    if not all_counted:
        return _("The first %(n)s rows of more than %(of)s.") % {"n": n, "of": f"{of:,}"}
    if n < of:
        return _("The first %(n)s of %(of)s rows.") % {"n": n, "of": f"{of:,}"}
    return ngettext("All of it: %(n)s row.", "All of it: %(n)s rows.", n) % {"n": n}
