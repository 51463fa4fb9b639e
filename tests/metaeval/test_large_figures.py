"""Figures of few and of many methods: what they hold, in which letters, in which theme."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from benchmarks.dashboard_pages import large_results
from hlv.core.figures.canvas import Canvas
from hlv.core.figures.drawing import SHOWN_WIDTH, Margins, drawn, on_paper, recoloured, to_svg
from hlv.core.figures.figure_files import PDF, PNG, SVG
from hlv.core.figures.layers import slim_rows, text_width, wrapped
from hlv.core.figures.palette import PALETTES
from hlv.core.stored_results import load
from metaeval.figures import metric_agreement, rank_lines, ranking, strength_scores, win_matrix
from metaeval.figures.drawn_figures import drawn_figures, figure_files
from metaeval.models import Figure, MetricAgreement, Ranking
from metaeval.results.method_scores import MethodScores, method_scores, ranked
from metaeval.results.metric_agreement import MetricAgreementResult
from tests.metaeval.making import agreement_result, metric, ranking_result


def words_in(svg: bytes) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg.decode())


@pytest.mark.parametrize(("n_methods", "n_metrics"), [(3, 1), (60, 2)])
def test_three_and_sixty_methods_are_drawn(n_methods: int, n_metrics: int) -> None:
    ranked_, agreement = large_results(n_methods, n_metrics)
    found = [*drawn_figures(Ranking(result=ranked_)), *drawn_figures(MetricAgreement(result=agreement))]
    names = {name for name, theme, media, _ in found if media == SVG and theme == "dark"}
    assert {
        "ranking",
        "win-matrix-slim",
        "metric-agreement",
        "rank-lines",
        "strength-against-score-1",
    } <= names
    # On paper come the figures that a page shows unless it is asked for others.
    assert len(found) == 6 * 5 + 4 * (n_metrics - 1)


def test_a_kept_drawing_goes_on_paper_as_if_it_had_just_been_drawn() -> None:
    result = ranking_result(names=("خسارة التباعد", "b", "c"))
    for drawing in (
        drawn(win_matrix.spec(result, theme="light", width="wide")),
        drawn(ranking.spec(result, theme="light", width="wide")),
        drawn(metric_agreement.spec(agreement_result(metric("po_jsd", 0.5)), theme="light", width="wide")),
    ):
        assert on_paper(drawing.svg).drawn == drawing.drawn


def test_files_of_a_snapshot_hold_those_that_nobody_asked_for_yet() -> None:
    _, agreement = large_results(3, 2)
    rows = [
        Figure(name=name, theme=theme, media_type=media, content=content)
        for name, theme, media, content in drawn_figures(MetricAgreement(result=agreement))
    ]
    files = {(name, media) for name, theme, media, _ in figure_files(rows) if theme == "light"}
    assert {("strength-against-score-2", media) for media in (SVG, PNG, PDF)} <= files
    assert len(files) == 4 * 4


def test_the_dark_drawing_is_the_light_one_in_other_colours() -> None:
    light, dark = (
        to_svg(win_matrix.spec(ranking_result(), theme=theme, width="wide")) for theme in ("light", "dark")
    )
    assert recoloured(light, of=PALETTES["light"], to=PALETTES["dark"]) == dark


def test_forty_metrics_show_those_that_agree_best_and_say_of_how_many() -> None:
    agreement = load(MetricAgreementResult, large_results(6, 40)[1])
    scores = method_scores(agreement)
    assert scores is not None
    shown = rank_lines.shown_metrics(scores, "slim")
    assert [scored.row.label for scored in shown] == [f"Metric {number}" for number in range(5, -1, -1)]
    slim = to_svg(rank_lines.spec(agreement, theme="light", width="slim"))
    assert "the 6 metrics that agree best, of 40" in words_in(slim)


def test_arabic_names_have_their_letters() -> None:
    result = ranking_result(names=("خسارة التباعد", "b", "c"))
    svg = to_svg(win_matrix.spec(result, theme="light", width="wide")).decode()
    assert "خسارة التباعد" in svg
    assert re.search(r"Arabic[^>]*>1 خسارة", svg)


def test_a_pair_that_was_judged_against_the_order_stands_out() -> None:
    pairs = ranking_result().compared
    assert [pair.against_the_order for pair in pairs] == [True, False, False]
    assert pairs[0].observed == 0.45
    assert not ranking_result(pairs=None).compared


def points_in(svg: bytes) -> list[str]:
    layers = re.findall(r'<g class="[^"]* points_\d+_marks"[^>]*>(.*?)</g>', svg.decode(), re.DOTALL)
    return list(dict.fromkeys(re.findall(r'aria-label="([^"]*)"', "".join(layers))))


def test_every_point_says_its_row_its_number_and_its_interval() -> None:
    ranked, agreed = ranking_result(), agreement_result(metric("po_jsd", 0.5))
    scores = method_scores(agreed)
    assert scores is not None
    for made in (
        ranking.spec(ranked, theme="light", width="slim"),
        metric_agreement.spec(agreed, theme="light", width="wide"),
        strength_scores.spec(scores, scores.metrics[0], theme="light", width="wide"),
    ):
        said = points_in(to_svg(made))
        assert said
        assert all(re.match(r".+: .*\d\.\d\d, (95 % interval .+ to |no interval)", words) for words in said)
    seen = points_in(to_svg(win_matrix.spec(ranked, theme="light", width="wide")))
    assert len(seen) == len(ranked.compared)
    assert re.match(r".+ against .+: better 45 times of 100 in \d+ judgments; expected ", seen[0])
    # The line of a method bears its name alone.
    lines = points_in(to_svg(rank_lines.spec(agreed, theme="light", width="wide")))
    assert set(scores.methods) <= set(lines)
    assert f"{scores.methods[0]}: rank 1 by the experts; strength " in "".join(lines)


NAMES = (
    "Soft micro F1 loss",
    "نموذج لغوي كبير مع إرشادات قانونية",
    "A language model with a long name, prompted with five examples",
)


def make_named(n_metrics: int) -> MethodScores:
    _, agreement = large_results(3, n_metrics)
    scores = method_scores(load(MetricAgreementResult, agreement | {"methods": list(NAMES)}))
    assert scores is not None
    return scores


@pytest.mark.parametrize("n_metrics", [1, 17])
def test_the_experts_first_method_has_its_whole_name_beside_its_rank(n_metrics: int) -> None:
    agreement = load(MetricAgreementResult, large_results(3, n_metrics)[1] | {"methods": list(NAMES)})
    for width in SHOWN_WIDTH:
        said = words_in(to_svg(rank_lines.spec(agreement, theme="light", width=width)))
        assert {NAMES[0], "1", "2", "3"} <= set(said)
        assert n_metrics > 1 or width == "slim" or any(words.endswith("five examples") for words in said)


def test_heads_of_metrics_stay_within_the_drawing() -> None:
    _, agreement = large_results(3, 2)
    agreement["metrics"][1]["label"] = "KL divergence of the output from the human labels"
    result = load(MetricAgreementResult, agreement)
    svg = to_svg(rank_lines.spec(result, theme="light", width="wide")).decode()
    (margin,) = re.findall(r'<g fill="none"[^>]*translate\((\d+),', svg)
    lines = [words for words in words_in(svg.encode()) if words.startswith("KL") or words.endswith("labels")]
    assert lines
    assert all(text_width(words, size=12) / 2 < float(margin) for words in lines)


def test_a_dot_bears_its_rank_and_name_where_no_line_runs_through_them() -> None:
    scores = make_named(1)
    svg = to_svg(strength_scores.spec(scores, scores.metrics[0], theme="light", width="wide")).decode()
    assert "1 Soft micro F1 loss" in words_in(svg.encode())
    # The same dot between lines that leave no room for a name, or for anything.
    names, dot = {0: ["1 Soft micro F1 loss", "1"]}, [(0, 100.0, 100.0)]
    for lines, said in (
        ([], "1 Soft micro F1 loss"),
        ([(120.0, 0.0, 121.0, 200.0), (80.0, 0.0, 81.0, 200.0)], "1"),
    ):
        canvas = Canvas(PALETTES["light"])
        strength_scores.label(canvas, dot, names, lines, plot=400, height=200)
        made = canvas.spec(margins=Margins(0, 0, 0, 0), width=400, height=200, description="")
        assert words_in(to_svg(made)) == [said]


def test_a_mark_that_says_nothing_is_hidden_from_whoever_listens() -> None:
    svg = to_svg(ranking.spec(ranking_result(), theme="light", width="wide")).decode()
    silent = re.findall(r'<g class="mark-(?:rule|text)[^>]*layer_[^>]*>', svg)
    assert silent
    assert all('aria-hidden="true"' in group for group in silent)


def test_what_people_typed_into_a_name_stays_words_in_what_a_point_says() -> None:
    name = "\"<script>alert('1')</script>&"
    result = ranking_result(names=(name, "b", "c"))
    svg = to_svg(ranking.spec(result, theme="light", width="wide"))
    root = ElementTree.fromstring(svg)
    assert any(str(mark.get("aria-label")).startswith(name) for mark in root.iter())
    assert not [mark for mark in root.iter() if mark.tag.endswith("script")]


def test_a_metric_without_a_score_of_a_method_leaves_it_out_of_the_ranks() -> None:
    assert ranked([0.5, None, 0.7, 0.5 + 1e-13], "score") == [2.5, None, 1, 2.5]
    scores = {"human": {"values": [0.8, 0.0, -0.8]}, "metrics": {"po_jsd": {"values": [None, None, 0.3]}}}
    result = agreement_result(metric("po_jsd", 0.5), scores=scores)
    assert strength_scores.specs(method_scores(result)) == []


def test_long_names_go_over_lines_before_they_lose_their_middle() -> None:
    assert wrapped("KL divergence of the output from the human labels", 190) == [
        "KL divergence of the",
        "output from the…man labels",
    ]
    assert slim_rows(["short", "KL divergence of the output"], room=150) == ([(0, 24), (54, 39)], 123)


def test_beside_many_brackets_a_slim_name_keeps_its_words_and_numbers_stand_beneath() -> None:
    name = "KL divergence of the output from the human labels"
    rows = [metric(f"m{n}", 0.9 - n / 10) | {"label": name if not n else f"M {n}"} for n in range(6)]
    sets = [[f"m{n}", f"m{n + 1}"] for n in range(5)]
    compared = {"metrics": [{"name": f"m{n}", "copies": [f"m{n}"], "value": 0.9 - n / 10} for n in range(6)]}
    result = agreement_result(*rows, differences={"kendall_tau_b": compared | {"groups": sets}})
    said = words_in(to_svg(metric_agreement.spec(result, theme="light", width="slim")))
    assert not [words for words in said if "…" in words]
    assert name in " ".join(said)


def test_a_dot_among_lines_has_its_rank_all_the_same() -> None:
    canvas = Canvas(PALETTES["light"])
    everywhere = [(0.0, 0.0, 200.0, 200.0)]
    strength_scores.label(canvas, [(0, 100, 100)], {0: ["3 A name", "3"]}, everywhere, plot=200, height=200)
    spec = canvas.spec(margins=Margins(0, 0, 0, 0), width=200, height=200, description="")
    assert words_in(to_svg(spec)) == ["3"]
