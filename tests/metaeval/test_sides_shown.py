"""What a judge is shown of two outputs: labels, bars, texts and marks."""

from __future__ import annotations

import re

import pytest

from metaeval.findings.judging_page import Bar, sides
from metaeval.models import Exposure, Output, Protocol, Run
from metaeval.selectors.outputs import ShownLabel, ShownOutput
from tests.making import (
    make_campaign,
    make_comparison,
    make_items,
    make_methods,
    make_output,
    make_study,
)
from tests.metaeval.making import make_board, make_shown, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def page_of(shown: Exposure) -> str:
    return str(signed_in(shown.participant).get(f"/exposures/{shown.uuid}/").content.decode())


def shown_labels(**values: float) -> ShownOutput:
    return ShownOutput(labels=tuple(ShownLabel(name, name, value) for name, value in values.items()))


def test_both_sides_have_the_same_labels_in_an_order_that_favours_neither() -> None:
    drawn = sides(
        shown_labels(a=0.1, b=0.9, c=0.3),
        shown_labels(a=0.8, b=0.2, c=0.3),
        threshold=0.05,
        protocol=Protocol(),
    )
    mirrored = sides(
        shown_labels(a=0.8, b=0.2, c=0.3),
        shown_labels(a=0.1, b=0.9, c=0.3),
        threshold=0.05,
        protocol=Protocol(),
    )
    assert [bar.name for bar in drawn.a] == [bar.name for bar in drawn.b] == ["b", "a", "c"]
    assert drawn.a == mirrored.b
    assert drawn.b == mirrored.a


def test_a_label_under_the_threshold_in_both_is_folded_and_in_one_is_not() -> None:
    drawn = sides(
        shown_labels(a=0.04, b=0.04), shown_labels(a=0.049, b=0.05), threshold=0.05, protocol=Protocol()
    )
    assert [bar.name for bar in drawn.a] == ["b"]
    assert [(label.name, label.a, label.b) for label in drawn.folded] == [("a", "0.04", "0.05")]


def test_bars_are_as_long_as_their_number_says_and_the_triangle_stands_where_the_other_ends() -> None:
    study = make_study(labels=("housing", "contract"))
    (item,) = make_items(study, 1)
    one, other = make_methods(study, ("one", "other"))
    make_output(one, item, [0.876, 0.01])
    make_output(other, item, [0.304, 0.02])
    campaign = make_campaign(study)
    make_comparison(campaign, item, one, other)
    shown = make_shown(campaign)
    page = page_of(shown)
    left = "88%" if shown.low_is_left else "30%"
    right = "30%" if shown.low_is_left else "88%"
    assert re.findall(r'class="val" x="0" y="8" width="(\d+%)"', page) == [left, right]
    assert re.findall(r'class="other" x="(\d+%)"', page) == [right, left]
    assert "1 label under 0.05 in both" in page
    assert "style=" not in page


def test_texts_are_shown_as_they_are_and_escaped() -> None:
    study = make_study()
    (item,) = make_items(study, 1)
    one, other = make_methods(study, ("one", "other"))
    for method, text in ((one, "<b>sue</b> them"), (other, "لا ترفع دعوى")):
        Output.objects.create(run=Run.objects.create(method=method), item=item, text=text)
    campaign = make_campaign(study)
    make_comparison(campaign, item, one, other)
    shown = make_shown(campaign)
    page = page_of(shown)
    assert "&lt;b&gt;sue&lt;/b&gt; them" in page
    assert "لا ترفع دعوى" in page
    assert "Which output answers this text better?" in page


@pytest.mark.parametrize(
    ("label_order", "names_a", "names_b"),
    [("mean", "bca", "bca"), ("study", "abc", "abc"), ("own", "cba", "bca")],
)
def test_labels_stand_in_the_order_that_the_campaign_chose(
    label_order: str, names_a: str, names_b: str
) -> None:
    drawn = sides(
        shown_labels(a=0.1, b=0.4, c=0.5),
        shown_labels(a=0.2, b=0.9, c=0.3),
        threshold=0,
        protocol=Protocol(label_order=label_order),
    )
    assert ["".join(bar.name for bar in side) for side in (drawn.a, drawn.b)] == [names_a, names_b]
    assert [Bar("b", 40, 90), Bar("b", 90, 40)] == [
        next(bar for bar in side if bar.name == "b") for side in (drawn.a, drawn.b)
    ]
    assert [bar.differs for bar in sorted(drawn.a, key=lambda bar: bar.name)] == [True, True, True]


def test_marks_are_left_out_where_the_campaign_does_not_offer_them() -> None:
    for offers, found in ((True, True), (False, False)):
        campaign = make_board(n_items=1)
        Protocol.objects.create(campaign=campaign, offers_marks=offers)
        shown = make_shown(campaign)
        page = page_of(shown)
        assert ("Mark differences of 0.10 or more" in page, 'class="other"' in page) == (found, found)


def test_a_text_output_in_markdown_is_shown_without_html_links_or_pictures() -> None:
    study = make_study()
    items, methods = make_items(study, 1), make_methods(study, ("one", "other"))
    for method, text in zip(
        methods,
        ("## Do\n\n* **write** <b>now</b> ![p](http://x.example/p.png)", "Write *later*"),
        strict=True,
    ):
        Output.objects.create(run=Run.objects.create(method=method), item=items[0], text=text)
    campaign = make_campaign(study)
    make_comparison(campaign, items[0], *methods)
    Protocol.objects.create(campaign=campaign, outputs_as="markdown", explanation="Only *accuracy* counts.")
    shown = make_shown(campaign)
    page = page_of(shown)
    assert "<strong><mark>write</mark></strong>" in page
    assert "&lt;b&gt;now&lt;/b&gt;" in page
    assert "<img" not in page
    assert 'href="http' not in page
    assert "Only <em>accuracy</em> counts." in page
