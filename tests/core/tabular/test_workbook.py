"""A damaged or made-up workbook is refused in words, wherever the fault lies."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.workbook import MAX_ROWS

N_ROWS = 80


def make_parts() -> dict[str, bytes]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "text"])
    for number in range(N_ROWS):
        sheet.append([number, f"text {number}"])
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_parts(folder: Path, parts: dict[str, bytes]) -> Path:
    path = folder / "x.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def read_whole(path: Path) -> None:
    for _row in open_rows(path):
        pass


SHEET = "xl/worksheets/sheet1.xml"
LAST = f'<c r="A{N_ROWS + 1}" t="n"><v>{N_ROWS - 1}</v></c>'.encode()


@pytest.mark.parametrize(
    ("part", "there", "instead"),
    [
        ("xl/workbook.xml", b'<sheet name="Sheet" sheetId="1" state="visible" r:id="rId1" />', b""),
        (SHEET, b'"inlineStr"><is><t>id</t></is>', b'"s"><v>99999</v>'),
        (SHEET, LAST, b'<c t="n"><v>abc</v></c>'),
        (SHEET, LAST, b'<c t="s"><v>99999</v></c>'),
        (SHEET, LAST, b'<c t="d"><v>2020-99-99</v></c>'),
        (SHEET, f'<row r="{N_ROWS + 1}"'.encode(), b'<row r="abc"'),
        (SHEET, f'<row r="{N_ROWS + 1}"'.encode(), b'<row r="1e999"'),
        (SHEET, b"</sheetData>", b"</sheetDatum>"),
        (SHEET, b'<selection activeCell="A1"', b'<selection wrong="A1"'),
        ("[Content_Types].xml", b"spreadsheetml.sheet.main+xml", b"spreadsheetml.none+xml"),
    ],
)
def test_a_fault_in_any_part_is_said(tmp_path: Path, part: str, there: bytes, instead: bytes) -> None:
    parts = make_parts()
    assert there in parts[part]
    parts[part] = parts[part].replace(there, instead)
    with pytest.raises(FormatError, match=r"^x\.xlsx (is no XLSX workbook that can be read|has no sheet)"):
        read_whole(write_parts(tmp_path, parts))


def _with_a_method_of_packing(content: bytearray, entry: int) -> None:
    content[entry + 10 : entry + 12] = (99).to_bytes(2, "little")


def _with_a_password(content: bytearray, entry: int) -> None:
    content[entry + 8] |= 1


def _with_other_bytes(content: bytearray, entry: int) -> None:
    start = int.from_bytes(content[entry + 42 : entry + 46], "little")
    packed = start + 30 + int.from_bytes(content[start + 26 : start + 28], "little")
    content[packed : packed + 20] = b"\xff" * 20


@pytest.mark.parametrize("damage", [_with_a_method_of_packing, _with_a_password, _with_other_bytes])
def test_a_fault_of_the_archive_is_said(tmp_path: Path, damage: Callable[[bytearray, int], None]) -> None:
    path = write_parts(tmp_path, make_parts())
    content = bytearray(path.read_bytes())
    # The entry of the sheet in the directory at the end of the archive: its name stands 46 bytes in.
    damage(content, content.rindex(SHEET.encode()) - 46)
    path.write_bytes(content)
    with pytest.raises(FormatError, match="is no XLSX workbook that can be read"):
        read_whole(path)


def test_a_row_far_below_the_end_of_sheets_is_refused(tmp_path: Path) -> None:
    parts = make_parts()
    parts[SHEET] = parts[SHEET].replace(f'<row r="{N_ROWS + 1}"'.encode(), b'<row r="9999999999"')
    with pytest.raises(FormatError, match=f"has a row below {MAX_ROWS:,}, where sheets end"):
        read_whole(write_parts(tmp_path, parts))
