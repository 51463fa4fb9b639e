from __future__ import annotations

from collections.abc import Mapping as MappingOf

import pytest

from hlv.core.tabular import Row
from hlv.core.tabular.errors import CellError, FormatError
from hlv.core.tabular.mapping import Columns, Field, Mapping

FIELDS = (
    Field("item", ("item", "id"), required=True),
    Field("left"),
    Field("right"),
    Field("text", has_members=True),
    Field("certainty", ("confidence",)),
)


def bind(options: list[str], columns: list[str]) -> Columns:
    return Mapping.parse(options).bind(columns, FIELDS, name="x.csv")


def row(cells: MappingOf[str, str]) -> Row:
    return Row(7, cells, cells)


def test_a_plus_joins_cells_with_a_slash() -> None:
    columns = bind(["item=title+version"], ["title", "version"])
    assert columns.text(row({"title": "Vehicle Damage V", "version": "controversial"}), "item") == (
        "Vehicle Damage V/controversial"
    )


def test_a_column_whose_name_has_a_plus_is_found_first() -> None:
    assert bind(["item=a+b"], ["a+b", "a", "b"]).of("item") == ("a+b",)


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("base3b,basewr_3b", ("base3b", "basewr_3b")),
        ("a, b", ("a", "b")),
        ("a;b", ("a", "b")),
        ("bloom-7b_llama-7b", ("bloom-7b", "llama-7b")),
    ],
)
def test_fields_with_a_comma_split_one_cell(cell: str, parts: tuple[str, str]) -> None:
    columns = bind(["item=id", "left,right=options"], ["id", "options"])
    found = row({"id": "1", "options": cell})
    assert (columns.text(found, "left"), columns.text(found, "right")) == parts


def test_a_cell_that_does_not_split_is_an_error_of_its_row() -> None:
    columns = bind(["item=id", "left,right=options"], ["id", "options"])
    with pytest.raises(CellError, match="does not split into 2 parts"):
        columns.text(row({"id": "1", "options": "alone"}), "left")


def test_usual_names_need_no_mapping_and_can_be_left_out() -> None:
    assert bind([], ["ID", "Confidence"]).of("certainty") == ("Confidence",)
    assert "certainty" not in bind(["certainty="], ["id", "confidence"])


def test_a_name_broken_over_lines_is_found_with_blanks() -> None:
    assert bind(["item=arena elo [feb]"], ["Arena Elo\n[Feb]"]).of("item") == ("Arena Elo\n[Feb]",)


def test_a_missing_column_is_said_with_the_nearest_one() -> None:
    with pytest.raises(FormatError, match=r"x\.csv has no column “titel”. Did you mean “title”\?"):
        bind(["item=titel+version"], ["title", "version"])


def test_a_required_field_without_column_is_said() -> None:
    with pytest.raises(FormatError, match="no column for “item”: map one with item=COLUMN"):
        bind([], ["a", "b"])


def test_an_unknown_field_is_said() -> None:
    with pytest.raises(FormatError, match="“colour” is no field"):
        bind(["colour=a"], ["a"])


@pytest.mark.parametrize("option", ["item", "=a", "left,=a"])
def test_what_is_no_mapping_is_said(option: str) -> None:
    with pytest.raises(FormatError, match="is no mapping"):
        Mapping.parse([option])


def test_a_field_mapped_twice_is_said() -> None:
    with pytest.raises(FormatError, match="mapped twice"):
        Mapping.parse(["item=a", "item=b"])


def test_a_blank_required_cell_is_an_error_with_its_column() -> None:
    with pytest.raises(CellError) as caught:
        bind(["item=key"], ["key"]).required_text(row({"key": "  "}), "item")
    assert caught.value.column == "key"


def test_a_comma_in_the_name_of_a_member_separates_no_fields() -> None:
    columns = bind(["text.yes, mostly=a", "text.b,text.c=x", "left,right=o"], ["a", "x", "o", "item"])
    assert columns.members("text") == {"yes, mostly": "a", "b": "x", "c": "x"}
    assert columns.text(row({"o": "A,B"}), "right") == "B"
