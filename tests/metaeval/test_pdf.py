"""The PDF of a figure, opened and rendered as a reader's program does."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.core.figures.drawing import SHOWN_WIDTH, Drawing, drawn, settled
from metaeval.figures import ranking
from tests.metaeval.making import ranking_result


def test_a_pdf_is_one_page_of_the_figures_width_with_its_words_and_marks() -> None:
    # Here, not above: in an environment from before it, this test fails and not the whole run. `make install` adds it.
    import pypdfium2

    result = ranking_result(names=("خسارة التباعد", "b", "c"))
    with pypdfium2.PdfDocument(drawn(ranking.spec(result, theme="light", width="wide")).pdf) as document:
        (page,) = document
        pixels = page.render(scale=1).to_numpy()
        words = page.get_textpage().get_text_bounded()
        wide, high = page.get_size()
    assert "95 % interval" in words
    # A blank page is of one colour; a figure has paper for the most part, and dark letters and marks.
    dark = (pixels.min(axis=2) < 128).mean()
    assert 0.005 < dark < 0.3
    assert pixels.shape[:2] == (np.ceil(high), np.ceil(wide))
    assert wide / high > 1
    assert abs(wide - SHOWN_WIDTH["wide"]) < 1


def test_a_pdf_has_the_same_bytes_however_often_it_is_drawn() -> None:
    result = ranking_result(names=("خسارة التباعد", "b", "c"))
    svg = drawn(ranking.spec(result, theme="light", width="wide")).drawn
    # Three faces, whose order changes from drawing to drawing.
    assert len({Drawing(svg).pdf for _ in range(8)}) == 1


def test_a_document_that_another_program_wrote_is_not_put_in_order() -> None:
    with pytest.raises(ValueError, match="no plain table"):
        settled(b"%PDF-1.7\n1 0 obj\nstartxref\n9\n%%EOF")
