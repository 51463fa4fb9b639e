"""hlv simulate, as a researcher runs it before anybody judges."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import load_command_class

from tests.hlv.commands import refusal, run

pytestmark = pytest.mark.django_db

ARGUMENTS = ("simulate", "--methods=4", "--judges=10", "--judgments=400", "--simulations=5", "--items=20")


def test_a_forecast_is_printed_with_what_it_means() -> None:
    out = run(*ARGUMENTS, "--ties=0.2", "--alternatives", "--details")
    for words in (
        "Results of 5 simulations",
        "Four times",
        "PERM-BOTH",
        "Rank distance",
    ):
        assert words in out


def test_json_is_all_that_is_printed_and_the_same_seed_gives_the_same() -> None:
    first, again = (json.loads(run(*ARGUMENTS, "--json", "--alternatives")) for _ in range(2))
    assert first == again
    assert (first["plan"]["n_judges"], first["n_simulations"], first["seed"]) == (10, 5, 1)
    assert [row["plan"]["n_judgments"] for row in first["alternatives"]] == [800, 800, 1600, 1600]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--judgments=0", "--judgments must be 1 or more, not 0"),
        ("--ties=30", "--ties must be 0 or more and less than 1"),
        ("--better=0.2", "--worse must be"),
        ("--simulations=0", "--simulations takes whole numbers from 1"),
        ("--judgments=4000000000", "--judgments must be 4,000,000 or less, not 4,000,000,000"),
        ("--methods=101", "--methods must be 100 or less"),
        ("--simulations=10000000", "--simulations must be 100,000 or less with 4 methods"),
        ("--seed=-1", "--seed from 0"),
    ],
)
def test_an_impossible_campaign_is_one_sentence(option: str, sentence: str) -> None:
    said = refusal(*ARGUMENTS, option)
    assert sentence in said
    assert "\n" not in said


def test_alternatives_too_large_for_the_memory_are_refused_by_name() -> None:
    said = refusal(*ARGUMENTS, "--judgments=2000000", "--alternatives")
    assert "not 8,000,000 (4 x the judgments of the same judges)" in said


def test_details_name_all_assumptions_of_a_forecast() -> None:
    out = run(*ARGUMENTS, "--item-effect=0.4", "--evenness=inf", "--details")
    for words in (
        "4 methods",
        "20 texts",
        "0% ties",
        "judges differ by 0.3 and texts by 0.4",
        "all judges equally active",
        "5 simulations, seed 1, hlv ",
        "There are only 5 simulations",
    ):
        assert words in out


def test_one_judge_is_a_caution_and_coverage_stands_in_the_table() -> None:
    out = run(*ARGUMENTS, "--judges=1", "--alternatives", "--details")
    for words in (
        "Caution: There is one judge: items are resampled, so the intervals ignore differences between judges.",
        "Intervals too narrow",
        "Joint",
        "undetermined",
    ):
        assert words in out
    assert "no number suffices" not in out
    found = json.loads(run(*ARGUMENTS, "--judges=1", "--json"))
    assert found["cautions"][0].startswith("There is one judge")
    assert found["code_version"].startswith("hlv ")


def test_help_says_what_is_supposed_where_nothing_is_given() -> None:
    parser = load_command_class("hlv", "simulate").create_parser("hlv", "simulate")
    said = StringIO()
    parser.print_help(said)
    words = " ".join(said.getvalue().split())
    for usual in ("default: 100", "default: 0.3", "default: 200"):
        assert usual in words
