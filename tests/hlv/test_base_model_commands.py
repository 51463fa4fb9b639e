"""hlv rank and hlv metaeval of one base model, of one group of judges, and where base models never met."""

from __future__ import annotations

import json
from typing import Any

import pytest

from metaeval.models import Ranking
from tests.hlv.test_result_commands import hlv
from tests.metaeval.grouped import NAMES, make_grouped

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FAST = ("--n-resamples=40", "--seed=3")


def answer(*words: str, code: int = 0) -> dict[str, Any]:
    ended, out, err = hlv(*words, *FAST, "--json")
    assert ended == code, err
    found: dict[str, Any] = json.loads(out)
    return found


def strengths(result: dict[str, Any]) -> list[float]:
    found = {row["name"].split(" (")[0]: row["strength"] for row in result["methods"]}
    return [found[name] for name in NAMES]


def test_base_models_that_never_met_are_ranked_one_by_one() -> None:
    make_grouped(met=False)
    code, out, err = hlv("rank", "grouped", *FAST, "--json")
    assert (code, json.loads(out)["base_models_alone"]) == (1, ["small", "large"])
    assert "Or rank one base model by itself: --base-model small, --base-model large." in err
    small = answer("rank", "grouped", "--base-model", "small")
    assert [row["name"] for row in small["methods"]] == list(NAMES)
    assert (small["parameters"]["base_model"], small["base_models_alone"]) == ("small", [])
    assert Ranking.objects.latest("pk").base_model == "small"


def test_a_refusal_that_no_base_model_helps_names_none() -> None:
    campaign = make_grouped(met=False)
    for method in campaign.study.methods.all():
        method.base_model = f"base {method.name}"
        method.name = method.base_model + str(method.pk)
        method.save()
    err = hlv("rank", "grouped", *FAST)[2]
    assert "fall into" in err
    assert "--base-model" not in err


def test_the_judges_of_one_group_are_ranked_by_themselves() -> None:
    make_grouped(met=True)
    whole = answer("rank", "grouped")
    bar = answer("rank", "grouped", "--judge-group=bar")
    assert (whole["n_judges"], bar["n_judges"]) == (4, 2)
    both = answer("metaeval", "grouped", "--judge-group=bar", "--base-model=large")
    assert (both["n_judges"], both["methods"]) == (2, list(NAMES))


@pytest.mark.parametrize("command", ["rank", "metaeval"])
@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--base-model=medium", "no such base model of several methods: 'medium'. Known are large, small."),
        ("--judge-group=bench", "no such group of judges: 'bench'. Known are academia, bar."),
    ],
)
def test_a_part_that_is_none_is_refused_with_those_there_are(
    command: str, option: str, sentence: str
) -> None:
    make_grouped(met=True)
    code, out, err = hlv(command, "grouped", option)
    assert (code, out) == (1, "")
    assert sentence in err


def test_a_score_that_people_gave_has_no_part() -> None:
    make_grouped(met=True)
    for option in ("--base-model=small", "--judge-group=bar"):
        code, _, err = hlv("metaeval", "grouped", "--against=everywhere", option)
        assert (code, "a part of its judgments" in err) == (1, True)
