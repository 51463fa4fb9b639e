"""Labels and certainties of one cell, in every way that files write them."""

from __future__ import annotations

import pytest

from annotations.formats.labels import is_not_assigned, read_certainties, read_labels, split_labels
from hlv.core.tabular.cells import Json
from hlv.core.tabular.errors import CellError
from hlv.core.tabular.mapping import CertaintyRange, Options

SINGLE = Options(task="single", labels=("yes", "no", "maybe"))
SEVERAL = Options(task="multilabel", labels=("yes", "no", "maybe"))
ANY = CertaintyRange()


def labels(value: Json, options: Options = SEVERAL) -> tuple[str, ...]:
    return read_labels(value, options=options, column="label")


def certainties(value: Json, *chosen: str, scale: CertaintyRange = ANY) -> dict[str, float] | None:
    return read_certainties(value, chosen, scale=scale, column="certainty")


@pytest.mark.parametrize(
    "cell", ["yes,no", "yes; no", "yes | no", '["yes", "no"]', "[1, 1, 0]", "yes,,no,yes"]
)
def test_several_labels_are_read_alike(cell: str) -> None:
    assert labels(cell) == ("yes", "no")


def test_a_list_of_json_is_a_set() -> None:
    assert labels(["no", "yes", "no"]) == ("no", "yes")
    assert labels([]) == labels("[]") == labels("[0, 0, 0]") == labels("  ") == ()


def test_text_is_one_label_where_a_text_has_one() -> None:
    assert labels("yes, mostly", SINGLE) == ("yes, mostly",)
    assert labels("[0, 0, 1]", SINGLE) == ("maybe",)


def test_a_label_of_the_study_may_have_separators() -> None:
    options = Options(task="multilabel", labels=("a", "a, b", "c;d"))
    assert labels("a, b", options) == ("a, b",)
    assert labels("a, b, a; c;d", options) == ("a, b", "a", "c;d")
    assert labels('"a, b",x', options) == ("a, b", "x")
    # It is found only where it ends.
    assert labels("a, bc", options) == ("a", "bc")


def test_a_label_that_looks_like_a_list_is_found_whole() -> None:
    assert labels("[1]", Options(task="single", labels=("[1]", "[2]"))) == ("[1]",)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "the label is missing"),
        ("['yes', 'no']", "is a list written by a program"),
        ("{'yes'}", "is a list written by a program"),
        ("[yes]", "is a list written by a program"),
        ("[0, 1]", "has 2 places and the study has 3 labels"),
        ({"yes": True}, "the labels are nested"),
        ([["yes"]], "the labels are nested"),
        ([None], "the labels are nested"),
    ],
)
def test_what_is_no_label_is_refused(value: Json, sentence: str) -> None:
    with pytest.raises(CellError, match=sentence) as refused:
        labels(value)
    assert refused.value.column == "label"


def test_a_blank_label_is_refused_where_a_text_has_one() -> None:
    with pytest.raises(CellError, match="the label is blank"):
        labels(" ", SINGLE)


def test_only_commas_cut_a_written_set() -> None:
    assert split_labels(" b, a,,b ") == ("b", "a")
    assert split_labels("a; b") == ("a; b",)
    assert split_labels("") == ()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", True),
        (" ", True),
        ("-1", True),
        ("-1.0", True),
        ("[0, 0.0]", True),
        ("[0, 1]", False),
        ("0", False),
    ],
)
def test_cells_of_texts_that_an_annotator_did_not_get(cell: str, expected: bool) -> None:
    assert is_not_assigned(cell, options=SINGLE) is expected


def test_minus_one_may_be_a_label() -> None:
    options = Options(task="ordinal", labels=("-1", "0", "1"))
    assert not is_not_assigned("-1", options=options)
    assert is_not_assigned("-1.0", options=options)


def test_one_number_is_the_certainty_of_each_label() -> None:
    assert certainties("3", "yes", "no", scale=CertaintyRange(1, 5)) == {"yes": 0.5, "no": 0.5}
    assert certainties(0) == {}


def test_a_list_of_certainties_runs_along_the_labels() -> None:
    assert certainties("[1, null]", "yes", "no") == {"yes": 1.0}
    assert certainties([0.25, 1], "yes", "no") == {"yes": 0.25, "no": 1.0}
    with pytest.raises(CellError, match="there are 1 certainties for 2 labels"):
        certainties([1], "yes", "no")


def test_an_object_names_labels_chosen_or_not() -> None:
    assert certainties('{"no": 0, "yes": "0.5", "maybe": null}', "yes") == {"no": 0.0, "yes": 0.5}


def test_no_certainty_is_not_zero() -> None:
    assert certainties(None, "yes") is None
    assert certainties("  ", "yes") is None


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("sure", "the certainty “sure” is no number"),
        ("1.5", "outside 0 to 1"),
        ("nan", "outside 0 to 1"),
        ("{'yes': 1}", "is a list written by a program"),
        ('{"yes": 1, "yes": 0}', "is a list written by a program"),
    ],
)
def test_what_is_no_certainty_is_refused(value: str, sentence: str) -> None:
    with pytest.raises(CellError, match=sentence):
        certainties(value, "yes")
