"""A filter of texts comes from an address and goes into the next one."""

from __future__ import annotations

from uuid import UUID

from hlv.texts.filters import TextFilter, in_order
from metaeval.results.text_orders import OrderedText


def test_a_filter_keeps_what_its_address_names() -> None:
    asked = TextFilter.of({"one": "A", "other": "B", "label": "", "metric": "JSD", "unknown": "x"})
    assert asked == TextFilter(one="A", other="B", metric="JSD")
    assert asked.query == {"one": "A", "other": "B"}
    assert asked.narrows
    assert not TextFilter(metric="JSD").narrows


def test_a_filter_is_described_in_words() -> None:
    assert TextFilter(one="A", other="B").words() == (
        "texts on which “A” and “B” were judged against each other"
    )
    assert TextFilter(other="B", label="debt").words() == (
        "texts on which “B” was judged; texts to which somebody gave “debt”"
    )


def test_texts_without_a_value_follow_those_in_the_order() -> None:
    first, second, third = (str(UUID(int=n)) for n in (1, 2, 3))
    listed = [OrderedText(item=one, position=n, value=0.5, n=2) for n, one in enumerate((third, first))]
    kept = in_order(listed, [(UUID(first), 1), (UUID(second), 7)])
    assert [(line.item, line.position, line.value) for line in kept] == [(first, 1, 0.5), (second, 7, None)]
