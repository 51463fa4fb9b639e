"""Figures: what they draw, what they refuse, how long names and Arabic ones fare."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings

from hlv.core.figures.drawing import SHOWN_WIDTH, drawn, ticks, to_svg
from hlv.core.figures.layers import shortened
from hlv.core.figures.palette import PALETTES, Theme
from hlv.core.rendering.numbers import figure
from hlv.core.stored_results import load
from metaeval.figures import metric_agreement, ranking
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_rows import chance_of_tau
from metaeval.results.ranking import RankingResult


def make_agreement(
    taus: dict[str, float | None],
    *,
    n_methods: int = 9,
    p: float | None = None,
    groups_apart: Sequence[Sequence[str]] = (),
) -> MetricAgreementResult:
    stored = {
        "metrics": [
            {
                "name": name,
                "higher_is_better": True,
                "kendall_tau_b": {"value": tau, "interval": tau and [tau - 0.2, tau + 0.1], "p": p},
                "n_methods": n_methods,
                "undetermined": None if tau is not None else "All methods score the same.",
            }
            for name, tau in taus.items()
        ],
        "differences": {
            "kendall_tau_b": {
                "metrics": [
                    {"name": name, "copies": [name], "value": tau or 0.0}
                    for name, tau in {**taus, "nobody": 0}.items()
                ],
                "groups": groups_apart,
            }
        },
    }
    return load(MetricAgreementResult, stored)


def make_ranking(names: list[str], **more: Any) -> RankingResult:
    stored = {
        "methods": [
            {
                "name": name,
                "strength": 1 - 0.3 * place,
                "interval": [0.8 - 0.3 * place, 1.2 - 0.3 * place],
                "rank": place + 1,
                "rank_interval": [max(1, place), place + 2],
                "n_judgments": 40,
            }
            for place, name in enumerate(names)
        ],
        "model": "bradley-terry",
        "ties": "half",
        **more,
    }
    return load(RankingResult, stored)


def words_in(svg: bytes) -> list[str]:
    return [
        "".join(node.itertext()) for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("}text")
    ]


def test_chance_explains_a_half_with_nine_methods_and_all_with_four() -> None:
    nine, four = chance_of_tau(9), chance_of_tau(4)
    assert [nine.within, nine.beyond] == pytest.approx([0.5, 5 / 9])
    assert nine.line == pytest.approx((0.5 + 5 / 9) / 2)
    assert four.beyond is None
    assert four.smallest_p == pytest.approx(0.083, abs=0.001)


def test_the_metric_nearest_to_the_experts_stands_first_and_the_undefined_last() -> None:
    rows = make_agreement({"hard": 0.3, "constant": None, "soft": 0.8}).rows
    assert [row.name for row in rows] == ["soft", "hard", "constant"]
    assert rows[2].tau is None
    assert rows[2].undetermined == "All methods score the same."


@pytest.mark.parametrize(
    ("p", "tau", "n_methods", "chance"),
    [
        (0.2, 0.9, 9, True),
        (0.01, 0.4, 9, False),
        (None, 0.5, 9, True),
        (None, 0.6, 9, False),
        (None, 1.0, 4, True),
        (None, -0.6, 9, False),
    ],
)
def test_chance_is_told_by_the_permutation_or_else_by_the_number_of_methods(
    p: float | None, tau: float, n_methods: int, chance: bool
) -> None:
    (row,) = make_agreement({"soft": tau}, n_methods=n_methods, p=p).rows
    assert row.is_within_chance is chance


def test_a_method_without_a_strength_is_no_row() -> None:
    result = load(
        RankingResult, {"methods": [{"name": "a", "strength": None}, {"name": "b", "strength": 0.5}]}
    )
    assert result.names == ["b"]


def test_groups_of_one_say_nothing() -> None:
    found = make_agreement({"a": 0.8, "b": 0.7, "c": 0.3}, groups_apart=[["c", "a"], ["b"], ["a", "nobody"]])
    assert [bracket.members for bracket in metric_agreement.lettered_groups(found)] == [("a", "c")]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_comes_as_svg_png_and_pdf_at_the_width_it_is_shown(theme: Theme) -> None:
    drawing = drawn(
        metric_agreement.spec(make_agreement({"soft": 0.8, "hard": 0.3}), theme=theme, width="wide")
    )
    assert f'width="{SHOWN_WIDTH["wide"]}"' in drawing.svg.decode()[:300]
    assert PALETTES[theme].sheet in drawing.svg.decode()
    assert drawing.png.startswith(b"\x89PNG")
    assert drawing.pdf.startswith(b"%PDF")


def test_every_number_of_the_agreement_is_printed_beside_its_dot() -> None:
    svg = to_svg(
        metric_agreement.spec(make_agreement({"soft": 0.8, "hard": 0.3}), theme="light", width="slim")
    )
    said = words_in(svg)
    assert {"soft", "0.80", "0.60 to 0.90", "hard", "0.30", "0.10 to 0.40"} <= set(said)
    assert "left of the dashed line: not significant (9 methods)" in said


def test_chance_reaches_as_far_down_as_up() -> None:
    svg = to_svg(
        metric_agreement.spec(make_agreement({"soft": 0.8, "against": -0.7}), theme="light", width="slim")
    )
    assert "between dashed lines: not significant (9 methods)" in words_in(svg)


def test_with_four_methods_no_dashes_are_drawn_but_a_sentence() -> None:
    svg = to_svg(
        metric_agreement.spec(make_agreement({"soft": 1.0}, n_methods=4), theme="light", width="slim")
    )
    assert "with 4 methods no agreement is significant" in words_in(svg)
    assert 'stroke-dasharray="3,3"' not in svg.decode()


def test_an_undefined_metric_is_named_and_has_no_dot() -> None:
    svg = to_svg(
        metric_agreement.spec(make_agreement({"soft": 0.8, "flat": None}), theme="light", width="slim")
    )
    assert {"flat", "undefined"} <= set(words_in(svg))


def test_metrics_that_cannot_be_told_apart_share_a_letter() -> None:
    result = make_agreement({"a": 0.8, "b": 0.7, "c": 0.3}, groups_apart=[["a", "b"]])
    assert metric_agreement.lettered_groups(result) == [metric_agreement.Bracket("a", ("a", "b"))]
    assert "Same group" in words_in(to_svg(metric_agreement.spec(result, theme="light", width="slim")))


def test_the_ranking_says_strengths_and_ranks_with_their_intervals() -> None:
    drawing = drawn(ranking.spec(make_ranking(["JSD loss", "Majority vote"]), theme="light", width="wide"))
    assert {
        "JSD loss",
        "+1.00",
        "+0.80 to +1.20",
        "Majority vote",
        "Bradley–Terry strength, ties half a win each",
    } <= set(words_in(drawing.svg))


def test_a_ranking_by_win_rate_speaks_of_win_rates_and_gives_them_no_sign() -> None:
    result = make_ranking(["JSD loss", "Majority vote"], model="win-rate")
    for width in ("wide", "slim"):
        words = words_in(to_svg(ranking.spec(result, theme="light", width=width)))
        assert "1.00" in words
        assert "Win rate, ties half a win each" in words
        assert not any("Strength" in word or word.startswith("+") for word in words)


@pytest.mark.parametrize("n_methods", [3, 9, 60])
def test_rankings_of_any_length_are_drawn_with_all_their_names(n_methods: int) -> None:
    names = [f"method {number}" for number in range(n_methods)]
    assert set(names) <= set(
        words_in(drawn(ranking.spec(make_ranking(names), theme="dark", width="wide")).svg)
    )


def test_forty_metrics_are_drawn() -> None:
    taus: dict[str, float | None] = {f"metric {number}": 0.9 - number * 0.04 for number in range(40)}
    drawing = drawn(metric_agreement.spec(make_agreement(taus), theme="light", width="wide"))
    assert set(taus) <= set(words_in(drawing.svg))


def test_a_long_name_loses_its_middle_and_keeps_its_ends() -> None:
    short = shortened("A language model with a very long name, version 12", 160)
    assert short.startswith("A language")
    assert short.endswith("12")
    assert "…" in short


def test_arabic_names_are_drawn_as_they_are() -> None:
    assert "خسارة ناعمة" in words_in(
        to_svg(ranking.spec(make_ranking(["خسارة ناعمة", "b"]), theme="light", width="slim"))
    )


@pytest.mark.parametrize(
    "result",
    [make_ranking([]), make_ranking(["a", "b"], undetermined="Two groups never met.")],
)
def test_no_ranking_is_no_figure(result: RankingResult) -> None:
    assert not ranking.has_figure(result)
    with pytest.raises(ValueError, match="no ranking"):
        drawn(ranking.spec(result, theme="light", width="wide"))


def test_no_metric_with_an_answer_is_no_figure() -> None:
    result = make_agreement({"flat": None})
    assert not metric_agreement.has_figure(result)
    with pytest.raises(ValueError, match="No metric"):
        drawn(metric_agreement.spec(result, theme="light", width="wide"))


@pytest.mark.parametrize(("value", "words"), [(-0.001, "0.00"), (-0.5, "−0.50"), (0.5, "0.50")])
def test_numbers_have_two_digits_a_true_minus_and_no_negative_zero(value: float, words: str) -> None:
    assert figure(value) == words


def test_ticks_are_round_and_few() -> None:
    assert ticks(-1.4, 1.1) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert ticks(-0.03, 0.02)[0] == -0.03


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_have_the_colours_of_the_pages(theme: Theme) -> None:
    sheet = "tokens.css" if theme == "light" else "dark.css"
    block = Path(settings.STATICFILES_DIRS[0], "css", sheet).read_text(encoding="utf-8")
    values = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})", block))
    palette = PALETTES[theme]
    names = ("sheet", "ink", "ink-2", "rule", "edge", "fig-1")
    assert [getattr(palette, name.replace("-", "_")) for name in names] == [values[name] for name in names]


def test_a_name_that_no_drawing_can_hold_is_drawn_with_a_mark_in_its_place() -> None:
    drawing = drawn(ranking.spec(make_ranking(["bell\x07", "plain"]), theme="light", width="wide"))
    assert "bell\ufffd" in words_in(drawing.svg)
    assert drawing.png.startswith(b"\x89PNG")
