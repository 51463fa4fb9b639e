from __future__ import annotations

import pytest

from annotations.models import ItemText
from annotations.selectors.item_paragraphs import opening, reading
from tests.making import make_items, make_study

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("One.\nTwo.", ["One.", "Two."]),
        ("One,\nstill one.\n\nTwo.", ["One,\nstill one.", "Two."]),
        ("One.\r\n \r\nTwo.\r", ["One.", "Two."]),
        ("\n\n", []),
    ],
)
def test_blank_lines_separate_paragraphs_and_lines_do_where_there_are_none(
    text: str, paragraphs: list[str]
) -> None:
    (item,) = make_items(make_study(), 1)
    item.texts.update(text=text)
    (shown,) = reading(item)
    assert [paragraph.words for paragraph in shown.paragraphs] == paragraphs


def test_paragraphs_are_numbered_through_all_texts_of_an_item() -> None:
    (item,) = make_items(make_study(), 1)
    item.texts.update(text="One.\nTwo.")
    ItemText.objects.create(item=item, position=1, name="reply", text="Three.")
    numbers = [paragraph.number for text in reading(item) for paragraph in text.paragraphs]
    assert numbers == [1, 2, 3]


def test_an_opening_ends_with_a_whole_word() -> None:
    (item,) = make_items(make_study(), 1)
    item.texts.update(text="The tenant  asks\nfor repairs.")
    assert opening(item) == "The tenant asks for repairs."
    assert opening(item, length=12) == "The tenant …"
