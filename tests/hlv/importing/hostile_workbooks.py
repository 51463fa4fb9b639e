"""Workbooks made to harm their reader: each by a function, because none of them belongs in a repository."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import openpyxl

SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LARGE = 19_000_000
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]>"
)


def row_ids(n: int) -> Iterator[bytes]:
    return (b"%d" % number for number in range(n))


@cache
def _parts() -> dict[str, bytes]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "text"])
    sheet.append(["a", "words"])
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zip(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, *, level: int = 1) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method, compresslevel=level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def workbook(
    *, method: int = zipfile.ZIP_DEFLATED, level: int = 1, **changed: Callable[[bytes], bytes]
) -> bytes:
    """A workbook of one good row with some of its parts changed."""
    named = {"sheet": SHEET, "styles": STYLES, "book": "xl/workbook.xml", "types": "[Content_Types].xml"}
    parts = dict(_parts())
    for place, change in changed.items():
        parts[named[place]] = change(parts[named[place]])
    return _zip(parts, method, level=level)


def added_rows(content: bytes) -> Callable[[bytes], bytes]:
    return lambda sheet: sheet.replace(b"</sheetData>", content + b"</sheetData>")


def _prolog(content: bytes) -> Callable[[bytes], bytes]:
    return lambda part: content + part


def with_strings(content: bytes, cell: bytes = b"0") -> bytes:
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    row = b'<row r="3"><c r="A3" t="s"><v>%s</v></c><c r="B3" t="s"><v>0</v></c></row>' % cell
    parts = dict(_parts())
    parts[STRINGS] = content
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override)
    parts[SHEET] = added_rows(row)(parts[SHEET])
    return _zip(parts)


def strings(content: bytes, prolog: bytes = b"") -> bytes:
    return prolog + b'<sst xmlns="%s">%s</sst>' % (MAIN.encode(), content)


def _bomb(n_megabytes: int) -> bytes:
    return workbook(level=9, sheet=added_rows(b" " * (n_megabytes * 1_000_000)))


def _lying_about_size() -> bytes:
    """Its directory says that the sheet is small, and the sheet is not."""
    content = bytearray(workbook(sheet=added_rows(b"".join(b"<!--%s-->" % i for i in row_ids(2_000_000)))))
    entry = content.rindex(SHEET.encode()) - 46
    content[entry + 24 : entry + 28] = (2_000).to_bytes(4, "little")
    return bytes(content)


def _claiming_gigabytes() -> bytes:
    content = bytearray(workbook())
    entry = content.rindex(SHEET.encode()) - 46
    content[entry + 24 : entry + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    return bytes(content)


def _overlapping() -> bytes:
    """Many names for the same packed bytes, as in the bombs of David Fifield."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(bytes(10_000_000)) + packed.flush()
    crc = zlib.crc32(bytes(10_000_000))
    sizes = struct.pack("<III", crc, len(body), 10_000_000)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", 1, 0) + b"0"
    entries = b"".join(
        b"PK\x01\x02"
        + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0)
        + sizes
        + struct.pack("<HHHHHII", 4, 0, 0, 0, 0, 0, 0)
        + b"%04d" % number
        for number in range(1_000)
    )
    start = local + body
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1_000, 1_000, len(entries), len(start), 0)
    return start + entries + end


def _encrypted() -> bytes:
    content = bytearray(workbook())
    content[content.rindex(SHEET.encode()) - 46 + 8] |= 1
    return bytes(content)


def _far_right() -> bytes:
    return workbook(
        sheet=added_rows(
            b"".join(b'<row r="%d"><c r="ZZZ%d"><v>1</v></c></row>' % (n, n) for n in range(3, 60_000))
        )
    )


def _header_of_a_sheet(n: int) -> bytes:
    cells = b"".join(b"<c><v>%s</v></c>" % i for i in row_ids(n))
    return workbook(
        sheet=lambda sheet: sheet.replace(b"<sheetData>", b'<sheetData><row r="1">%s</row>' % cells)
    )


def nested_runs(n: int) -> bytes:
    text = b"<r>" * n + b"</r>" * n
    return workbook(
        sheet=added_rows(b'<row r="3"><c r="A3" t="inlineStr"><is>%s</is></c></row>' % text),
    )


def _cells_without_end(element: bytes, n: int) -> bytes:
    return workbook(sheet=added_rows(b'<row r="3">' + element * n + b"</row>"))


def _nested_zip() -> bytes:
    inner = _zip({f"{n}.csv": bytes(1_000_000) for n in range(10)})
    return _zip({f"{n}.zip": inner for n in range(10)})


def random_bytes(n: int, among: bytes) -> bytes:
    return bytes(random.Random(7).choices(among, k=n))


WORKBOOKS = {
    "a sheet of 250 MB": (lambda: _bomb(250), "unpacks to 250 MB"),
    "a sheet of blanks, packed to a thousandth": (lambda: _bomb(150), "more than 300 times its size"),
    "a size that is stated too small": (_lying_about_size, "no XLSX workbook"),
    "a size of 4 GB in the directory": (_claiming_gigabytes, "unpacks to 4,295 MB"),
    "a thousand names for the same bytes": (_overlapping, "unpacks to 10,000 MB"),
    "ten thousand files": (
        lambda: _zip({**_parts(), **{f"xl/{n}.xml": b"" for n in range(10_000)}}),
        "an archive of 10,009 files",
    ),
    "60 MB of texts": (
        lambda: with_strings(
            strings(b"".join(b"<si><t>%s of some words</t></si>" % i for i in row_ids(1_600_000)))
        ),
        "it may have 50 MB",
    ),
    "two million blank texts": (
        lambda: with_strings(
            strings(b"".join(b"<si/><!--%s-->" % i for i in row_ids(2_400_000))), b"2399999"
        ),
        # A slow processor meets the limit of time first.
        "more than 1,000,000 different texts|longer than the limit of 4 s",
    ),
    "a text of 20 MB in a million pieces": (
        lambda: with_strings(
            strings(b"<si>%s</si>" % b"".join(b"<r><t>%s</t></r>" % i for i in row_ids(1_000_000)))
        ),
        "without the end of a row",
    ),
    "a billion laughs in the texts": (
        lambda: with_strings(strings(b"<si><t>&a9;</t></si>", LAUGHS)),
        "defines entities",
    ),
    "a billion laughs in the sheet": (
        lambda: workbook(sheet=_prolog(LAUGHS)),
        "defines entities",
    ),
    "one long entity, used a thousand times": (
        lambda: workbook(
            book=_prolog(b'<!DOCTYPE x [<!ENTITY a "%s">]>' % (b"ha" * 100_000)),
        ),
        "defines entities",
    ),
    "an entity that names a file": (
        lambda: workbook(styles=_prolog(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>')),
        "defines entities",
    ),
    "a document type in UTF-16": (
        lambda: workbook(sheet=lambda sheet: (LAUGHS + sheet).decode().encode("utf-16")),
        "defines entities",
    ),
    "a document type behind a long comment": (
        lambda: workbook(sheet=_prolog(b"<!--%s-->" % (b"x" * 100_000) + LAUGHS)),
        "a very long comment",
    ),
    "styles of 6 MB": (
        lambda: workbook(
            styles=lambda part: part.replace(
                b'<cellXfs count="1">',
                b'<cellXfs count="1">'
                + b"".join(b'<xf numFmtId="%s" xfId="0"/>' % i for i in row_ids(200_000)),
            )
        ),
        "it may have 4 MB",
    ),
    "a hundred thousand sheets": (
        lambda: workbook(
            book=lambda part: part.replace(
                b"<sheets>",
                b"<sheets>"
                + b"".join(b'<sheet name="s%s" sheetId="9" r:id="rId1"/>' % i for i in row_ids(100_000)),
            )
        ),
        "it may have 4 MB",
    ),
    "a row of 60,000 cells": (
        lambda: _cells_without_end(b"<c><v>1</v></c>", 60_000),
        "cells where the header has 2",
    ),
    "a row without end": (
        lambda: workbook(
            sheet=added_rows(b'<row r="3">' + b"".join(b"<c><v>%s</v></c>" % i for i in row_ids(2_000_000)))
        ),
        "without the end of a row",
    ),
    "cells far right in every row": (_far_right, "more than 20,000,000 cells"),
    "a row that says it is the billionth": (
        lambda: workbook(sheet=added_rows(b'<row r="999999999"><c><v>1</v></c></row>')),
        "has a row below 1,048,576",
    ),
    "sixteen thousand columns": (lambda: _header_of_a_sheet(16_384), "has 16,384 columns"),
    "a number of three million digits": (
        lambda: workbook(sheet=added_rows(b'<row r="3"><c><v>%s</v></c></row>' % (b"9" * 3_000_000))),
        "no XLSX workbook",
    ),
    "a row with 200,000 attributes": (
        lambda: workbook(
            sheet=added_rows(b"<row %s/>" % b" ".join(b'a%s="1"' % i for i in row_ids(500_000)))
        ),
        "without the end of a row",
    ),
    "XML cut off": (lambda: workbook(sheet=lambda sheet: sheet[:-40]), "no XLSX workbook"),
    "packed by LZMA": (lambda: workbook(method=zipfile.ZIP_LZMA), "no XLSX workbook"),
    "packed by bzip2": (lambda: workbook(method=zipfile.ZIP_BZIP2), "no XLSX workbook"),
    "behind a password": (_encrypted, "no XLSX workbook"),
    "cut off": (lambda: workbook()[:-200], "no XLSX workbook"),
    "an archive of archives": (_nested_zip, "is a ZIP archive"),
    "an archive without a directory": (lambda: b"PK\x03\x04" + bytes(LARGE), "no XLSX workbook"),
    "a CSV that begins like an archive": (lambda: b"PK\x03\x04,text\n1,words\n", "no XLSX workbook"),
}
