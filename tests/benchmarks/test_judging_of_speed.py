"""What the benchmarks make of seconds and answers: ratios, medians, targets, and answers that differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from benchmarks.__main__ import main
from benchmarks.scoreboard import Scoreboard
from benchmarks.sections import SECTIONS, module_of
from benchmarks.timing import interleaved_medians


@pytest.fixture
def scoreboard() -> Scoreboard:
    scoreboard = Scoreboard()
    scoreboard.open_section("fit")
    return scoreboard


def test_a_ratio_is_their_time_over_ours(scoreboard: Scoreboard, capsys: pytest.CaptureFixture[str]) -> None:
    scoreboard.against("other", 3.0, ours=0.5, at_least=6)
    scoreboard.against("another", 2.9, ours=0.5, at_least=6)
    assert scoreboard.reached == ["fit, other: 6.00 x of at least 6 x"]
    assert scoreboard.missed == ["fit, another: 5.80 x of at least 6 x"]
    shown = capsys.readouterr().out
    assert "6.00 x (hlv 500.00 ms)" in shown
    assert "MISSED" in shown


def test_without_a_target_a_ratio_is_shown_and_not_counted(scoreboard: Scoreboard) -> None:
    scoreboard.against("other", 3.0, ours=0.5)
    assert not scoreboard.reached + scoreboard.missed


@pytest.mark.parametrize(("apart", "is_wrong"), [(1e-9, False), (1.1e-9, True), (math.nan, True)])
def test_answers_that_differ_are_wrong_however_fast(
    scoreboard: Scoreboard, apart: float, is_wrong: bool
) -> None:
    scoreboard.against("other", 100.0, ours=1.0, at_least=1, apart=apart, may_differ=1e-9)
    assert bool(scoreboard.wrong) == is_wrong
    assert ("Wrong: fit, other" in scoreboard.closing_line()) == is_wrong


@pytest.mark.parametrize(("ratio", "is_reached"), [(4.0, True), (4.1, False)])
def test_a_cost_must_not_be_larger(scoreboard: Scoreboard, ratio: float, is_reached: bool) -> None:
    scoreboard.within("one read of the data", ratio, at_most=4)
    assert (len(scoreboard.reached), len(scoreboard.missed)) == (is_reached, not is_reached)


def test_the_closing_line_counts_and_names(scoreboard: Scoreboard) -> None:
    scoreboard.against("other", 3.0, ours=1.0, at_least=2)
    scoreboard.holds("memory flat", False, "9 MiB")
    scoreboard.cannot_compare("third", "it is not installed here")
    assert scoreboard.closing_line().splitlines() == [
        "1 of 2 targets reached.",
        "Missed: fit, memory flat: 9 MiB.",
        "Not compared: fit, third.",
    ]


def make_run(name: str, seconds: list[float], order: list[str]) -> Callable[[], float]:
    """A run that says how long it took, and keeps that it had its turn."""
    left: Iterator[float] = iter(seconds)

    def run() -> float:
        order.append(name)
        return next(left)

    return run


def test_medians_are_of_runs_in_turn_and_the_first_turn_does_not_count() -> None:
    order: list[str] = []
    runs = {
        "a": make_run("a", [9.0, 1.0, 5.0, 2.0], order),
        "b": make_run("b", [9.0, 4.0, 3.0, 8.0], order),
    }
    assert interleaved_medians(runs, enough=0) == {"a": 2.0, "b": 4.0}
    assert order == ["a", "b"] * 4


def test_without_warming_up_the_first_turn_counts() -> None:
    order: list[str] = []
    runs = {"a": make_run("a", [9.0, 1.0, 5.0], order)}
    assert interleaved_medians(runs, enough=0, warm=False) == {"a": 5.0}


def test_a_short_run_is_repeated_within_its_turn() -> None:
    order: list[str] = []
    runs = {
        "short": make_run("short", [0.01] + [0.02] * 30, order),
        "long": make_run("long", [1.0] * 4, order),
    }
    assert interleaved_medians(runs, enough=0) == {"short": 0.02, "long": 1.0}
    assert order == ["short", "long", *(["short"] * 5 + ["long"]) * 3]


def test_every_section_has_a_module() -> None:
    assert all(find_spec(module_of(name)) for name in SECTIONS)


def test_an_unknown_section_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["fitt"])
    assert "no section is called fitt" in capsys.readouterr().err
