"""The first rows of files that wait for their import, as a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from annotations.models import Upload, User
from annotations.services.uploads import stored_path
from hlv.core.tabular.cells import TableKind
from hlv.core.tabular.errors import RowError
from hlv.importing import sandbox
from hlv.importing.forms import DELIMITERS
from hlv.importing.sandboxed_reader import COLUMNS_SHOWN, Look, Seen, SeenNames, SeenTable

# Above this, looking would keep the person waiting: a worker says what is in the file.
PREVIEW_BYTES = 20_000_000
TABLE_KINDS: dict[str, str | Promise] = {
    TableKind.DELIMITED: _lazy("Delimited text"),
    TableKind.JSON_LINES: _lazy("JSON, a row on each line"),
    TableKind.JSON_ARRAY: _lazy("JSON, a list of rows"),
    TableKind.JSON_OBJECT: _lazy("JSON, rows by their keys"),
    TableKind.WORKBOOK: _lazy("XLSX workbook"),
}


def has_preview(file: Upload) -> bool:
    return file.size <= PREVIEW_BYTES and file.forgotten_at is None and stored_path(file).is_file()


def preview_file(files: Sequence[Upload], *, kind: str, options: dict[str, Any], by: User) -> Look:
    """What the files of one import begin with, and the order they belong in; read in another process.

    Raises
    ------
    FormatError
        Reading takes more memory or time than a page may spend.
    ReaderBusyError
        Too many files are being read now.
    """
    looked = [has_preview(file) for file in files]
    if len(files) == 1 and not looked[0]:
        return {"seen": [None], "order": [0], "order_fault": ""}
    return sandbox.look(
        [
            {"path": str(stored_path(file)), "name": file.name, "is_looked_at": is_looked}
            for file, is_looked in zip(files, looked, strict=True)
        ],
        kind=kind,
        options=options,
        person=by.pk,
    )


def columns_seen(seen: Seen | None) -> list[str]:
    """All columns of a table, to choose from; none where it has too many to name."""
    if seen is None or seen["what"] != "table" or seen["n_columns"] > len(seen["columns"]):
        return []
    return seen["columns"]


def sample_rows(seen: Seen | None) -> dict[str, Any]:
    """What a page shows of a file, or why it shows nothing."""
    if seen is None:
        return {}
    if seen["what"] == "fault":
        return {"fault": seen["sentence"]}
    return {"seen": _sample_of_names(seen) if seen["what"] == "names" else _sample_of_table(seen)}


def _sample_of_table(seen: SeenTable) -> dict[str, Any]:
    columns = seen["columns"][:COLUMNS_SHOWN]
    errors = [RowError(one["row"], one["column"], one["sentence"], one["source"]) for one in seen["errors"]]
    return {
        "kind": TABLE_KINDS[seen["kind"]],
        "encoding": seen["encoding"] if seen["kind"] != TableKind.WORKBOOK else "",
        "delimiter": dict(DELIMITERS).get(seen["delimiter"], "") if seen["delimiter"] else "",
        "columns": columns,
        "n_more_columns": seen["n_columns"] - len(columns),
        "rows": seen["rows"],
        "errors": errors,
        "how_many": _how_many(
            len(seen["rows"]) + len(errors), of=seen["n_rows"], all_counted=seen["all_counted"]
        ),
    }


def _sample_of_names(seen: SeenNames) -> dict[str, Any]:
    first = seen["names"]
    return {
        "kind": _("List of names"),
        "encoding": "",
        "delimiter": "",
        "columns": (_("label") if seen["noun"] == "labels" else _("id of the text"),),
        "n_more_columns": 0,
        "rows": [(number, [name]) for number, name in enumerate(first, start=1)],
        "errors": (),
        "how_many": _how_many(len(first), of=seen["n_names"], all_counted=True),
    }


def _how_many(n: int, *, of: int, all_counted: bool) -> str:
    """That these are the first rows and not all, for whoever looks whether a file is whole."""
    if not all_counted:
        return _("The first %(n)s rows of more than %(of)s.") % {"n": n, "of": f"{of:,}"}
    if n < of:
        return _("The first %(n)s of %(of)s rows.") % {"n": n, "of": f"{of:,}"}
    return ngettext("All of it: %(n)s row.", "All of it: %(n)s rows.", n) % {"n": n}
