"""Pasted labels fill the blank rows of a form and rows after them, and never replace a row."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from annotations.formats.label_lists import ListedLabel
from annotations.label_forms import LabelForm, LabelListForm, with_listed_labels


def sent(*names: str, total: str = "") -> QueryDict:
    """Rows as a page sends them."""
    given = QueryDict(mutable=True)
    for place, name in enumerate(names):
        given[f"labels-{place}-name"] = name
    given["labels-TOTAL_FORMS"] = total or str(len(names))
    return given


def names_of(given: QueryDict) -> list[str]:
    total = int(given["labels-TOTAL_FORMS"])
    return [given.get(f"labels-{place}-name", "") for place in range(total)]


def listed(*names: str) -> list[ListedLabel]:
    return [ListedLabel(name) for name in names]


def test_blank_rows_are_filled_before_rows_are_added() -> None:
    found = with_listed_labels(sent("", "tea", " "), listed("a", "b", "c"))
    assert names_of(found) == ["a", "tea", "b", "c"]


def test_a_label_that_is_in_a_row_is_left_out() -> None:
    assert names_of(with_listed_labels(sent("tea", ""), listed("tea", "a"))) == ["tea", "a"]


def test_a_row_with_only_a_description_is_not_blank() -> None:
    given = sent("")
    given["labels-0-description"] = "not yet named"
    found = with_listed_labels(given, listed("a"))
    assert (found["labels-0-description"], names_of(found)) == ("not yet named", ["", "a"])


def test_all_cells_of_a_listed_label_reach_its_row() -> None:
    found = with_listed_labels(sent(), [ListedLabel("Tea", key="tea", description="Hot", group="Drinks")])
    cells = {cell: found[f"labels-0-{cell}"] for cell in ("name", "key", "description", "group")}
    assert cells == {"name": "Tea", "key": "tea", "description": "Hot", "group": "Drinks"}


def test_without_listed_labels_the_rows_stay() -> None:
    given = sent("tea")
    assert with_listed_labels(given, []) is given


def test_rows_beyond_five_hundred_are_kept() -> None:
    names = [f"label {place}" for place in range(600)]
    assert names_of(with_listed_labels(sent(*names, ""), listed("new"))) == [*names, "new"]


@pytest.mark.parametrize("total", ["many", "-1", "²"])
def test_a_count_that_is_no_number_counts_no_rows(total: str) -> None:
    assert names_of(with_listed_labels(sent(total=total), listed("a"))) == ["a"]


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("tea\ntea", "Line 2: the label “tea” is listed twice"),
        ("tea\n" + "a" * 201, "Line 2: a name can have at most 200 characters"),
        ("name,description\n,x", "Line 2: the label has no name"),
    ],
)
def test_a_list_is_refused_with_its_line(pasted: str, sentence: str) -> None:
    form = LabelListForm({"pasted": pasted})
    assert not form.is_valid()
    assert str(form.errors["pasted"][0]).startswith(sentence)


def test_five_hundred_labels_are_the_most_of_a_list() -> None:
    lines = [f"label {place}" for place in range(501)]
    assert LabelListForm({"pasted": "\n".join(lines[:500])}).is_valid()
    form = LabelListForm({"pasted": "\n".join(lines)})
    assert form.errors["pasted"] == ["This list has 501 labels. Add at most 500 at once."]


def test_a_new_label_gets_its_key_from_its_name() -> None:
    for name, key in (("Green Tea", "green-tea"), ("شاي", "شاي"), ("!", "!")):
        form = LabelForm({"name": name})
        assert form.is_valid()
        assert form.new_label.key == key


def test_a_label_that_is_there_keeps_its_key_and_needs_a_name() -> None:
    initial = {"key": "tea", "name": "Tea"}
    form = LabelForm({"name": "Green tea", "key": "other"}, initial=initial)
    assert form.is_valid()
    assert (form.spec.key, form.spec.name, form.is_new) == ("tea", "Green tea", False)
    assert LabelForm({"name": ""}, initial=initial).errors["name"] == ["A label has a name."]


def test_a_blank_new_row_is_no_label() -> None:
    form = LabelForm({"name": "", "shortcut": "KeyQ"})
    assert form.is_valid()
    assert form.is_blank
    assert LabelForm({"description": "x"}).errors["name"] == ["A label has a name."]
