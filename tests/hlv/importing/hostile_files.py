"""Files that exhaust memory or time: each is made by a function, because none of them belongs in a repository."""

from __future__ import annotations

import gzip
import pickle
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.hlv.importing.hostile_parquet import PARQUET
from tests.hlv.importing.hostile_workbooks import (
    LARGE,
    LAUGHS,
    WORKBOOKS,
    added_rows,
    nested_runs,
    random_bytes,
    row_ids,
    workbook,
)


@dataclass(frozen=True)
class HostileFile:
    """A file, what it is said to hold, and a word of the sentence that refuses it."""

    name: str
    make: Callable[[], bytes]
    said: str
    kind: str = "items"
    beside: dict[str, bytes] = field(default_factory=dict)


def _eight_bit() -> bytes:
    words = random_bytes(2_000_000, bytes(range(0xA1, 0x100)) + b"      \n")
    return b"id,text\n" + words


def _npy(header: bytes, body: bytes = bytes(64), version: bytes = b"\x01\x00") -> bytes:
    size = struct.pack("<H" if version[0] == 1 else "<I", len(header))
    return b"\x93NUMPY" + version + size + header + body


def _shaped(shape: bytes, kind: bytes = b"<f8") -> bytes:
    return _npy(b"{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n" % (kind, shape))


def _jsonl(*lines: bytes) -> bytes:
    return b"\n".join((b'{"id": "a", "text": "words"}', *lines))


def _columns_that_differ() -> bytes:
    rows = (
        b'{"id": "%d", %s}' % (n, b", ".join(b'"%d": 1' % (n * 9_000 + m) for m in range(9_000)))
        for n in range(50)
    )
    return b"\n".join(rows)


class _Runs:
    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        import os

        return os.system, ("touch /tmp/pickle-was-read",)


LISTS = {"items.txt": b"item-1\n", "labels.txt": b"yes\nno\n"}
TEXTS = {
    "a million columns.csv": (
        lambda: b",".join(b"c%s" % i for i in row_ids(1_000_000)) + b"\n1\n",
        "more than 200,000 cells",
    ),
    "19 MB of commas.csv": (lambda: b"id,text" + b"," * LARGE, "longer than 8,388,608 characters"),
    "7 MB of commas.csv": (lambda: b"id,text" + b"," * 7_000_000 + b"\n1,2\n", "more than 200,000 cells"),
    "one line without end.csv": (lambda: b"x" * LARGE, "longer than 8,388,608 characters"),
    "one line of carriage returns.csv": (
        lambda: b"id,text\r1,2\r" + b"\r" * LARGE,
        "more than 1,000,000 blank lines",
    ),
    "a quote that never closes.csv": (lambda: b'id,text\na,"' + b"words\n" * 3_000_000, "a quote"),
    "quotes alone.csv": (lambda: b'id,text\na,"' + b'""' * 9_000_000, "characters"),
    "cells that hold a record open.csv": (
        lambda: b"id,text\n" + b'"a\n",' * 3_800_000,
        "more than 200,000 cells",
    ),
    "a text of 18 MB over many lines.csv": (
        lambda: b"id,text\n" + b'"a","words\n' + (b"words " * 100 + b'"",""\n') * 30_000,
        "field larger than field limit",
    ),
    "short cells in one line.csv": (
        lambda: b"id,text\n" + b"ab," * 2_700_000 + b"\n",
        "more than 200,000 cells",
    ),
    "150,000 columns.csv": (
        lambda: b",".join(b"c%s" % i for i in row_ids(150_000)) + b"\n1\n",
        "150,000 columns",
    ),
    "quotes that open in every line.csv": (
        lambda: b"id,text\n" + b'a,"b"c"d\n' * 1_000_000,
        "cannot be read",
    ),
    "a name of 2 MB.csv": (lambda: b"id," + b"t" * 2_000_000 + b"\n1,2\n", "short column names"),
    "the same name ten thousand times.csv": (
        lambda: b",".join([b"a"] * 10_000) + b"\n1\n",
        "are both called",
    ),
    "numbers in place of names.csv": (lambda: b"1,2,3\n" * 1_000_000, "has no header"),
    "cells of 5 MB.csv": (lambda: b"id,text\na," + b"x" * 5_000_000 + b"\n", "at most 1,048,576 are read"),
    "NUL in a cell.csv": (lambda: b"id,text\n" + b"a,some words x\x00y\n" * 1_000, "NUL"),
    "NUL alone.csv": (lambda: bytes(LARGE), "longer than 8,388,608"),
    "noise.csv": (lambda: random_bytes(3_000_000, bytes(range(256))), "is not text"),
    "letters of no encoding.csv": (_eight_bit, "is not valid UTF-8"),
    "UTF-8 broken once.csv": (
        lambda: b"id,text\n" + "ä,ö\n".encode() * 500_000 + b"\xff",
        "is not valid UTF-8",
    ),
    "UTF-8 of forbidden length.csv": (
        lambda: b"id,text\na,\xc0\x80\xe0\x80\x80\xf8\x88\x80\x80\x80\n",
        "is not valid UTF-8",
    ),
    "UTF-16 cut in half.csv": (lambda: "id,text\na,ö\n".encode("utf-16")[:-1], "cannot be read as utf-16"),
    "UTF-16 of lone surrogates.csv": (
        lambda: b"\xff\xfe" + b"\x00\xd8" * 1_000_000,
        "cannot be read as utf-16",
    ),
    "UTF-32 that is none.csv": (
        lambda: b"\xff\xfe\x00\x00" + b"\xff" * 4_000_000,
        "cannot be read as utf-32",
    ),
    "a web page.csv": (
        lambda: b"<!DOCTYPE html>\n<html><script>alert(1)</script>,a,b\n" * 1_000,
        "is a web page",
    ),
    "a web page without a type.csv": (lambda: b"\n\n <HTML><body>,</body>\n1,2\n", "is a web page"),
    "a billion laughs.csv": (
        lambda: b'<?xml version="1.0"?>' + LAUGHS + b"<x>&a9;</x>",
        "is a web page or XML",
    ),
    "text in front of an archive.csv": (
        lambda: b"id,text\na,words\n" + workbook(),
        "is not text",
    ),
    "packed zeros.csv": (lambda: gzip.compress(bytes(100_000_000), 1), "is compressed"),
    "a pickle that runs a command.csv": (lambda: pickle.dumps(_Runs()), "which is never read"),
    "a PDF.csv": (lambda: b"%PDF-1.7\n" + bytes(1_000), "is a PDF"),
    "an old workbook.csv": (lambda: b"\xd0\xcf\x11\xe0" + bytes(1_000), "is an old XLS"),
    "19 MB of blanks.csv": (lambda: b" " * LARGE, "only blanks"),
    "lists 200,000 deep.json": (lambda: b'[{"a": ' + b"[" * 200_000, "nested too deep"),
    "objects 100,000 deep.jsonl": (lambda: _jsonl(b'{"a":' * 100_000), "nested too deep|cut off"),
    "lists 500 deep.jsonl": (
        lambda: _jsonl(b'{"id": "b", "text": %s}' % (b"[" * 500 + b"]" * 500)),
        "nested too deep",
    ),
    "lists 150 deep.json": (
        lambda: b'[{"id": "b", "text": %s}]' % (b"[" * 150 + b"]" * 150),
        "at most 100 levels",
    ),
    "six million blank lists.json": (
        lambda: b'[{"a": [' + b"[]," * 6_000_000 + b"1]}]",
        "more than 200,000 values",
    ),
    "two million blank lists.json": (
        lambda: b'[{"a": [' + b"[]," * 2_000_000 + b"1]}]",
        "more than 200,000 values",
    ),
    "a million keys.json": (
        lambda: b"[{%s}]" % b",".join(b'"k%s":1' % i for i in row_ids(1_000_000)),
        "more than 200,000 values",
    ),
    "twenty thousand keys.jsonl": (
        lambda: b"{%s}\n" % b",".join(b'"k%s":1' % i for i in row_ids(20_000)),
        "20,000 values",
    ),
    "other keys in every row.jsonl": (_columns_that_differ, "18,001 columns"),
    "the same key twice.json": (lambda: b'[{"id": "a", "id": "b", "text": "c"}]', "has the key “id” twice"),
    "the same key a hundred thousand times.jsonl": (
        lambda: b'{"id": "a", %s}' % b",".join([b'"id": "a"'] * 100_000),
        "stands twice",
    ),
    "a key of 5 MB twice.json": (
        lambda: b'[{"%s": 1, "%s": 2}]' % (b"k" * 3_000_000, b"k" * 3_000_000),
        "twice|…",
    ),
    "an integer of five million digits.json": (
        lambda: b'[{"id": "a", "text": %s}]' % (b"9" * 5_000_000),
        "at most 1,048,576 are read",
    ),
    "a number without end.json": (lambda: b"[" + b"9" * LARGE, "longer than 8,388,608"),
    "a text without end.json": (lambda: b'[{"id": "' + b"x" * LARGE, "longer than 8,388,608|never closed"),
    "escapes without end.json": (
        lambda: b'[{"id": "' + b"\\u0041" * 3_000_000,
        "longer than 8,388,608|never closed",
    ),
    "half a surrogate pair.jsonl": (
        lambda: _jsonl(b'{"id": "b", "text": "\\ud800"}'),
        "half of a surrogate pair",
    ),
    "NUL by an escape.jsonl": (lambda: _jsonl(b'{"id": "b", "text": "\\u0000"}'), "NUL"),
    "JSON within JSON.json": (lambda: b'"[{\\"id\\": \\"a\\"}]"', "encoded twice"),
    "numbers in place of rows.json": (lambda: b"[" + b"1," * 5_000_000 + b"1]", "a single value"),
    "a bracket and blanks.json": (lambda: b"[" + b" " * LARGE, "not valid JSON"),
    "an object that is cut off.json": (lambda: b'{"a": {"id": "a"}, "b": {"id": ', "cut off"),
    "commas alone.json": (lambda: b"[" + b"," * LARGE, "not valid JSON"),
}
ARRAYS = {
    "a shape of petabytes": (lambda: _shaped(b"(1000000000, 1000000)"), "no array of numbers"),
    "a shape beyond all integers": (lambda: _shaped(b"(%s, 2)" % (b"9" * 40)), "no array of numbers"),
    "a shape that overflows": (lambda: _shaped(b"(4611686018427387904, 4)"), "no array of numbers"),
    "a negative shape": (lambda: _shaped(b"(-1, 2)"), "no array of numbers"),
    "3,000 dimensions": (lambda: _shaped(b"(%s)" % (b"1," * 3_000)), "no array of numbers"),
    "no rows and a billion columns": (lambda: _shaped(b"(0, 1000000000)"), "has 0 items"),
    "objects": (lambda: _shaped(b"(1, 2)", b"|O"), "no array of numbers"),
    "a header of brackets": (lambda: _npy(b"{'descr': " + b"(" * 5_000), "no array of numbers"),
    "a header of 60 kB": (lambda: _npy(b"{" + b" " * 60_000 + b"}"), "no array of numbers"),
    "a header of 4 GB": (lambda: b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(1_000), "no array of numbers"),
    "an array cut off": (lambda: b"\x93NUMPY", "no array of numbers"),
}


def _all() -> Iterator[HostileFile]:
    for title, (make, said) in WORKBOOKS.items():
        yield HostileFile(f"{title}.xlsx", make, said)
    for title, (make, said) in PARQUET.items():
        yield HostileFile(f"{title}.parquet", make, said)
    for title, (make, said) in TEXTS.items():
        yield HostileFile(title, make, said)
    for title, (make, said) in ARRAYS.items():
        yield HostileFile(f"{title}.npy", make, said, kind="outputs", beside=LISTS)
    deep = {"items.json": b"[" * 200_000, "labels.txt": b"yes\nno\n"}
    yield HostileFile(
        "deep names.npy", lambda: _shaped(b"(1, 2)"), "nested too deep", kind="outputs", beside=deep
    )


HOSTILE_FILES = {file.name: file for file in _all()}
assert len(HOSTILE_FILES) == sum(map(len, (WORKBOOKS, PARQUET, TEXTS, ARRAYS))) + 1

# Each takes seconds. A smaller file meets the same limit, or a smaller limit in `test_a_workbook_beyond_a_limit_is_refused`.
SLOW_FILES = {
    "a text of 300 MB.parquet",
    "two million blank texts.xlsx",
    "cells far right in every row.xlsx",
    "a row of 60,000 cells.xlsx",
    "a text of 20 MB in a million pieces.xlsx",
    "a row without end.xlsx",
    "a row with 200,000 attributes.xlsx",
    "a million keys.json",
    "six million blank lists.json",
    "a million columns.csv",
    "cells that hold a record open.csv",
}
assert set(HOSTILE_FILES) >= SLOW_FILES


def _dimension(sheet: bytes) -> bytes:
    start, end = sheet.index(b"<dimension"), sheet.index(b"<sheetViews")
    return sheet[:start] + b'<dimension ref="A1:XFD1048576"/>' + sheet[end:]


# What only looks dangerous is read as ever, and costs as little.
HARMLESS_FILES: dict[str, Callable[[], bytes]] = {
    "a sheet that claims all cells there are.xlsx": lambda: workbook(sheet=_dimension),
    "runs within runs, 100,000 deep.xlsx": lambda: nested_runs(100_000),
    "rows far apart.xlsx": lambda: workbook(sheet=added_rows(b'<row r="1048576"><c><v>1</v></c></row>')),
    "a workbook called CSV.csv": lambda: workbook(),
    "a CSV called workbook.xlsx": lambda: b"id,text\na,words\n",
    "formulas for a spreadsheet.csv": lambda: b"id,text\na,=HYPERLINK(1)\nb,@SUM(1)\n",
    "markup in cells.csv": lambda: b"id,text\na,<script>alert(1)</script>\n",
    "an integer of 4,000 digits.json": lambda: b'[{"id": "a", "text": %s}]' % (b"9" * 4_000),
    "lists 90 deep.json": lambda: b'[{"id": "b", "text": "t", "more": %s}]' % (b"[" * 90 + b"]" * 90),
    "nine thousand columns.csv": lambda: (
        b"id,text," + b",".join(b"c%s" % i for i in row_ids(9_000)) + b"\na,b" + b"," * 9_000 + b"\n"
    ),
}
