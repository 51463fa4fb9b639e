"""What differs between two versions of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hlv.core.rendering.text_diff import changed_lines

TEXTS = st.lists(st.text(alphabet="ab é,.\tع", max_size=12), max_size=8).map("\n".join)


def test_words_that_went_and_came_stand_within_their_line() -> None:
    (same, changed) = changed_lines("Read it.\nChoose one label.", "Read it.\nChoose several labels.")
    assert same.kind == "same"
    assert [(piece.kind, piece.text) for piece in changed.pieces] == [
        ("same", "Choose "),
        ("removed", "one"),
        ("added", "several"),
        ("same", " "),
        ("removed", "label"),
        ("added", "labels"),
        ("same", "."),
    ]


def test_a_line_with_little_in_common_went_and_another_came() -> None:
    lines = changed_lines("Tenancy is housing.", "Wills, trusts and estates")
    assert [line.kind for line in lines] == ["removed", "added"]


@given(old=TEXTS, new=TEXTS)
def test_either_version_can_be_read_off(old: str, new: str) -> None:
    def read(left_out: str) -> list[str]:
        return [
            "".join(piece.text for piece in line.pieces if piece.kind != left_out)
            for line in changed_lines(old, new)
            if any(piece.kind != left_out for piece in line.pieces)
        ]

    assert read("added") == old.splitlines()
    assert read("removed") == new.splitlines()
