"""Words that annotators marked: how many marked them, for which labels, and how far they agree."""

from __future__ import annotations

import pytest

from annotations.formats.spans import Span
from annotations.selectors.item_paragraphs import Paragraph, ReadText
from annotations.selectors.marked_texts import agreement_on_item, by_label, marked_texts, plain_texts
from tests.making import make_items, make_study

NAMES = {"pos": "Positive"}
# Of "good tea": annotator 1 marked "good", annotator 2 all of it.
MARKED = [(1, (Span("pos", 0, 0, 4),)), (2, (Span("pos", 0, 0, 8),))]


def text(words: str, *, start: int = 0, position: int = 0) -> ReadText:
    return ReadText("text", [Paragraph(1, words, start)], position)


def parts(of: ReadText, marked: list[tuple[int, tuple[Span, ...]]]) -> list[tuple[str, int, str]]:
    (found,) = marked_texts([of], marked, NAMES)
    return [(part.words, part.n, part.title) for paragraph in found.paragraphs for part in paragraph.parts]


def test_words_are_cut_where_the_marks_differ() -> None:
    assert parts(text("good tea."), MARKED) == [
        ("good", 2, "Positive: 2 annotators"),
        (" tea", 1, "Positive: 1 annotator"),
        (".", 0, ""),
    ]


def test_marks_of_another_text_or_paragraph_do_not_count() -> None:
    assert parts(text("good tea.", position=1), MARKED) == [("good tea.", 0, "")]
    assert parts(text("good tea.", start=8), MARKED) == [("good tea.", 0, "")]


def test_an_annotator_with_two_labels_counts_once() -> None:
    marked = [(1, (Span("pos", 0, 0, 4), Span("irony", 0, 0, 4)))]
    # A label without a name is shown by its key.
    assert parts(text("good"), marked) == [("good", 1, "Positive, irony: 1 annotator")]


def test_agreement_is_the_f1_of_marked_characters() -> None:
    found = agreement_on_item(MARKED)
    # 4 characters that both marked, of 4 and 8: 2 * 4 / 12.
    assert found is not None
    assert found.f1 == pytest.approx(2 / 3)


def test_who_marked_nothing_disagrees() -> None:
    found = agreement_on_item([MARKED[0], (2, ())])
    assert found is not None
    assert found.f1 == 0.0


def test_there_is_no_agreement_where_nobody_marked_a_word() -> None:
    assert agreement_on_item([]) is None
    assert agreement_on_item([(1, ()), (2, ())]) is None


def test_one_annotator_agrees_with_nobody() -> None:
    found = agreement_on_item(MARKED[:1])
    assert found is not None
    assert found.f1 is None


def test_spans_are_grouped_by_label_and_text() -> None:
    spans = [Span("a", 0, 0, 2), Span("a", 1, 0, 2), Span("b", 0, 1, 2), Span("a", 0, 5, 6)]
    assert by_label(spans) == {("a", 0): [(0, 2), (5, 6)], ("a", 1): [(0, 2)], ("b", 0): [(1, 2)]}


@pytest.mark.django_db
def test_a_line_end_counts_as_one_character() -> None:
    (item,) = make_items(make_study(), 1, text="a\r\nb\rc")
    assert plain_texts(item) == {0: "a\nb\nc"}
