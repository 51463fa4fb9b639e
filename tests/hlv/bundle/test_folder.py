"""Files of a bundle have free names, and the zip depends on their content alone."""

from __future__ import annotations

import datetime as dt
import os
import zipfile
from pathlib import Path

import pytest

from annotations.models import Study
from hlv.bundle.folder import Bundle, ExportRefusedError, file_name, pack, parse_as_of


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Accuracy of areas", "Accuracy-of-areas"),
        ("../x", "x"),
        ("قرب من القانون", "قرب-من-القانون"),
        ("?!", "unnamed"),
    ],
)
def test_a_file_name_has_letters_and_digits_of_any_script_only(name: str, written: str) -> None:
    assert file_name(name) == written


def test_an_empty_table_leaves_no_file_and_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    bundle.table("figures/none.csv", ("a",), iter(()), about="nothing")
    bundle.table("figures/a.csv", ("a", "b"), iter([(1, None), (2.5, "=x")]), about="two rows")
    assert list(bundle.described) == ["figures/a.csv"]
    assert (tmp_path / "figures/a.csv").read_text() == "a,b\n1,\n2.5,'=x\n"
    assert not (tmp_path / "figures/none.csv").exists()
    assert bundle.free_name("figures", "a", "csv") == "figures/a~2.csv"


def test_a_zip_packed_later_has_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    first = pack(tmp_path, ["a.txt"], tmp_path / "1.zip", within="study")
    os.utime(tmp_path / "a.txt", (1, 1))
    assert pack(tmp_path, ["a.txt"], tmp_path / "2.zip", within="study") == first
    with zipfile.ZipFile(tmp_path / "2.zip") as archive:
        assert archive.read("study/a.txt") == b"words"


def test_a_moment_without_a_zone_is_in_the_zone_of_the_study() -> None:
    study = Study(time_zone="Asia/Beirut")
    assert parse_as_of("2026-03-01T14:20", study) == dt.datetime(2026, 3, 1, 12, 20, tzinfo=dt.UTC)
    assert parse_as_of("2026-03-01T14:20Z", study) == dt.datetime(2026, 3, 1, 14, 20, tzinfo=dt.UTC)
    for text, reason in (("soon", "is no time"), ("2999-01-01", "in the future")):
        with pytest.raises(ExportRefusedError, match=reason):
            parse_as_of(text, study)
