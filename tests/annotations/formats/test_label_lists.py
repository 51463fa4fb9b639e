from __future__ import annotations

import pytest

from annotations.formats.label_lists import LabelListError, ListedLabel, read_label_list


def test_each_line_is_a_label_and_headings_are_groups() -> None:
    text = "Tax\n\n# Family\n Divorce \tends a marriage\r\nنفقة\n#\nDebt; owed"
    assert read_label_list(text) == [
        ListedLabel("Tax"),
        ListedLabel("Divorce", "", "ends a marriage", "Family"),
        ListedLabel("نفقة", "", "", "Family"),
        ListedLabel("Debt; owed"),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_header_makes_it_a_table(separator: str) -> None:
    text = 'Key,Name,Group,description\nrent,Rent,Housing,"money, each\nmonth"\n,,,\nheir,,,\n'
    assert read_label_list(text.replace(",", separator)) == [
        ListedLabel("Rent", "rent", f"money{separator} each\nmonth", "Housing"),
        ListedLabel("heir", "heir"),
    ]


@pytest.mark.parametrize(
    ("text", "kind", "line", "name"),
    [
        ("Tax\n# Family\nTax", "repeated", 3, "Tax"),
        ("Tax\n\tmoney owed", "unnamed", 2, ""),
        ("x" * 201, "too_long", 1, ""),
        ("name,colour\nTax,red", "column", 1, "colour"),
    ],
)
def test_a_fault_names_its_line(text: str, kind: str, line: int, name: str) -> None:
    with pytest.raises(LabelListError) as wrong:
        read_label_list(text)
    assert (wrong.value.kind, wrong.value.line, wrong.value.name) == (kind, line, name)


def test_no_text_has_no_labels() -> None:
    assert read_label_list("") == read_label_list(" \n# Family\n") == []
