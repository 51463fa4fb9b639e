"""One table for a page, a terminal, a paper and a file."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from hlv.core.rendering.latex import on_paper
from hlv.core.rendering.numbers import COUNT, PERCENT, RANK, SHARE, SIGNED, Form, P, Value, written
from hlv.core.rendering.sentences import Finding, Name
from hlv.core.rendering.tables import (
    Cell,
    Column,
    Table,
    TableRow,
    count_cell,
    estimate_cell,
    file_rows,
    missing,
    p_cell,
    rank_cell,
    share_cell,
)
from hlv.core.rendering.terminal import terminal_table

HEADER = ("study", "method", "strength", "low", "high", "place")


def make_table() -> Table:
    columns = [
        Column("Method", names=("method",)),
        Column("Strength", interval="95 % interval", names=("strength", "low", "high")),
        Column("p", media=frozenset({"terminal"})),
        Column("", names=("place",), media=frozenset()),
    ]
    rows = [
        TableRow("a", [estimate_cell(1 / 3, (-0.25, 0.5), signed=True), p_cell(0.0004), Cell(7)]),
        TableRow("b", [missing("no judgment"), p_cell(None), Cell(None)], remark="late"),
    ]
    return Table(columns, rows, note="Made by hand.", title="Methods", everywhere={"study": "s"})


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (0.314, Form(), "0.31"),
        (-0.001, SIGNED, "0.00"),
        (0.5, SIGNED, "+0.50"),
        (-0.5, Form(digits=3), "−0.500"),
        (0.0004, P, "< .001"),
        (0.031, P, ".031"),
        (0.93, SHARE, "93%"),
        (0.93, PERCENT, "93"),
        (2414, COUNT, "2,414"),
        (1.5, RANK, "1.5"),
        (None, Form(), "–"),
        ("as it is", P, "as it is"),
    ],
)
def test_a_value_is_written_in_its_form(value: Value, form: Form, words: str) -> None:
    assert written(value, form) == words


def test_a_cell_without_a_value_says_why_and_one_without_an_interval_says_so() -> None:
    assert estimate_cell(None).reason == "undefined"
    assert estimate_cell(None, reason="too few").reason == "too few"
    assert estimate_cell(0.5).note == "no interval"
    assert rank_cell(2, (1, 3)).high == "3"
    assert share_cell(None, reason="none").reason == "none"
    assert count_cell(1200, note="by 9").words == "1,200"


def test_a_page_shows_its_own_columns_alone() -> None:
    table = make_table()
    assert table.heads == ["Method", "Strength"]
    assert table.body.count("<td") == 2
    assert "+0.33" in table.body
    assert "no judgment" in table.body


def test_a_terminal_has_the_title_the_note_and_remarks_or_reasons_beside_their_rows() -> None:
    text = StringIO()
    Console(file=text, width=100).print(terminal_table(make_table()))
    said = text.getvalue()
    for words in ("Methods", "+0.33 (−0.25 to +0.50)", "< .001", "late", "Made by hand."):
        assert words in said


def test_what_a_terminal_would_say_of_many_rows_stands_once() -> None:
    table = Table(["Method", "Value"], [TableRow(name, [missing("nothing was drawn")]) for name in "abc"])
    text = StringIO()
    Console(file=text, width=100).print(terminal_table(table))
    assert text.getvalue().count("othing was drawn") == 1
    assert text.getvalue().count("(1)") == 4


def test_a_paper_has_intervals_in_a_column_of_their_own_and_no_plus_signs() -> None:
    made = on_paper(make_table(), name="methods", caption="Methods.")
    assert made.header == ("Method", "Strength", "95 % interval")
    assert made.rows == (("a", "0.33", "−0.25 to 0.50"), ("b", "–", "–"))
    beside = Table(["Method", "Score"], [TableRow("a", [estimate_cell(0.5, (0.4, 0.6))])])
    assert on_paper(beside, name="x", caption="").rows == (("a", "0.50 [0.40, 0.60]"),)


def test_a_bare_column_has_its_values_alone() -> None:
    column = Column("Score", bare=frozenset({"terminal"}))
    table = Table(["Method", column], [TableRow("a", [estimate_cell(0.5, (0.4, 0.6))])])
    assert "0.40" in table.body
    assert table.shown_in("terminal").rows[0].cells == [Cell(0.5)]


def test_a_file_has_every_digit_in_the_order_of_its_header() -> None:
    assert list(file_rows([make_table()], HEADER)) == [
        ["s", "a", 1 / 3, -0.25, 0.5, 7],
        ["s", "b", None, None, None, None],
    ]


def test_sheets_keep_the_first_column() -> None:
    table = Table(["Method", "x", "y", "z"], [TableRow("a", [Cell("1"), Cell("2"), Cell("3")])])
    assert [sheet.heads for sheet in table.sheets(2)] == [["Method", "x", "y"], ["Method", "z"]]


def test_a_finding_writes_its_values_and_isolates_names_on_pages_alone() -> None:
    found = Finding(
        "%(name)s leads %(others)s by %(by)s in %(n)s judgments.",
        {"name": Name("كشف"), "others": ["b", "c"], "by": -0.5, "n": 1200},
    )
    assert str(found) == (
        "\u200e\u2068كشف\u2069 leads \u2068b\u2069 and \u2068c\u2069 by \u2066−0.50\u2069 in 1,200 judgments."
    )
    assert found.plain == "كشف leads b and c by −0.50 in 1,200 judgments."
