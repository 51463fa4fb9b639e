"""What an import reported is read as its row stores it, also from older versions."""

from __future__ import annotations

import msgspec
import pytest

from annotations.models import Import
from annotations.results.import_report import ImportReport, read_import_report


def test_a_row_of_an_older_version_reports_nothing() -> None:
    assert read_import_report(Import(report={})) == ImportReport(notes=[], created={}, left_out=0)


def test_a_report_is_read_whole() -> None:
    stored = {"notes": ["Two rows are alike."], "created": {"methods": 2}, "left_out": 3}
    found = read_import_report(Import(report=stored))
    assert (found.notes, found.created, found.left_out) == (["Two rows are alike."], {"methods": 2}, 3)


def test_what_a_later_version_adds_is_ignored() -> None:
    assert read_import_report(Import(report={"left_out": 1, "later": True})).left_out == 1


def test_a_number_in_words_is_our_mistake() -> None:
    with pytest.raises(msgspec.ValidationError, match="left_out"):
        read_import_report(Import(report={"left_out": "three"}))
