"""hlv simulate, as a researcher runs it before anybody judges."""

from __future__ import annotations

import json

import pytest

from tests.hlv.commands import refusal, run

pytestmark = pytest.mark.django_db

ARGUMENTS = ("simulate", "--methods=4", "--judges=10", "--judgments=400", "--simulations=5", "--items=20")


def test_a_forecast_is_printed_with_what_it_means() -> None:
    out = run(*ARGUMENTS, "--ties=0.2", "--alternatives")
    for words in (
        "true order found",
        "4 x the judges",
        "false alarms of",
        "places apart",
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
        ("--judgments=0", "n_judgments must be 1 or more"),
        ("--ties=1", "tie_share"),
        ("--better=0.2", "worse and better"),
        ("--simulations=0", "--simulations takes whole numbers from 1"),
        ("--seed=-1", "--seed from 0"),
    ],
)
def test_an_impossible_campaign_is_one_sentence(option: str, sentence: str) -> None:
    said = refusal(*ARGUMENTS, option)
    assert sentence in said
    assert "\n" not in said
