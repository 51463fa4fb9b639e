from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hlv.core.tabular.writing import Occurrences, row_key

CELLS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4)


@given(CELLS, CELLS)
def test_only_equal_cells_have_equal_keys(left: list[str], right: list[str]) -> None:
    assert (row_key("a", "f", left, 0) == row_key("a", "f", right, 0)) == (left == right)


def test_kind_source_and_occurrence_are_part_of_the_key() -> None:
    keys = {row_key(kind, source, ["x"], n) for kind in "ab" for source in "fg" for n in range(2)}
    assert len(keys) == 8


def test_a_second_run_gives_the_same_keys_and_true_repeats_keep_their_own() -> None:
    rows = [("1", "yes"), ("2", "no"), ("1", "yes")]

    def run() -> list[str]:
        occurrences = Occurrences()
        return [occurrences.key("annotations", "f.csv", row) for row in rows]

    assert run() == run()
    assert len(set(run())) == 3
