"""hlv rank and hlv metaeval of one base model, of one group of judges, and where base models never met."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from metaeval.models import MetricAgreement, Ranking
from tests.hlv.result_commands import hlv
from tests.metaeval.grouped import NAMES, SCORES, make_grouped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

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
    assert "Or rank one base model: --base-model small, --base-model large." in err
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
    assert "connects" in err
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
        assert (code, "an uploaded human score has none" in err) == (1, True)


@pytest.mark.parametrize("automatic", [False, True])
def test_each_base_model_has_the_table_that_it_has_by_itself(automatic: bool) -> None:
    make_grouped(met=False, automatic=automatic)
    code, out, err = hlv("metaeval", "grouped", *FAST, "--json")
    assert code == 0
    assert "Within one base model there is an answer: small, large." in err
    result = json.loads(out)
    assert all(row["undetermined"] for row in result["metrics"])
    each = {table["group"]: table for table in result["groups"]["each"]}
    assert list(each) == ["small", "large"]
    for base, table in each.items():
        alone = answer("metaeval", "grouped", "--base-model", base)
        assert (table["methods"], table["n_methods"], table["n_judgments"]) == (
            list(NAMES),
            4,
            alone["n_judgments"],
        )
        assert len(table["metrics"]) == 2 + automatic
        for row, other in zip(table["metrics"], alone["metrics"], strict=True):
            assert row | {"remark": ""} == {key: other[key] for key in row} | {"remark": ""}
        tau = table["metrics"][0]["kendall_tau_b"]
        assert tau["value"] == pytest.approx(stats.kendalltau(SCORES[base], [4, 3, 2, 1]).statistic)
        assert tau["interval"] is not None
        assert tau["p"] is not None
    notes = " ".join(result["groups"]["notes"])
    assert "its own ranking" in notes
    assert ("one of each group too: program." in notes) is automatic
    if automatic:
        of_program = each["small"]["metrics"][2]
        assert of_program["kendall_tau_b"]["value"] == pytest.approx(1)
        assert of_program["soft_pairwise_accuracy"]["p"] is not None


@pytest.mark.both_databases
def test_base_models_on_one_scale_take_their_strengths_from_it() -> None:
    make_grouped(met=True)
    result = answer("metaeval", "grouped")
    ranking = Ranking.objects.get().result
    found = {row["name"]: row["strength"] for row in ranking["methods"]}
    for table in result["groups"]["each"]:
        of_all = [found[f"{name} ({table['group']})"] for name in NAMES]
        for name, coefficient in (("pearson", stats.pearsonr), ("spearman", stats.spearmanr)):
            expected = coefficient(SCORES[table["group"]], of_all).statistic
            assert table["metrics"][0][name]["value"] == pytest.approx(expected)
        assert "n_judgments" not in table
    assert "from the ranking of all" in result["groups"]["notes"][0]
    assert result["undetermined"] is None


def test_a_metric_of_one_base_model_has_its_row_there_and_the_mean_says_what_lacks() -> None:
    make_grouped(met=False)
    groups = answer("metaeval", "grouped")["groups"]
    small, large = (table["metrics"][1] for table in groups["each"])
    assert (small["name"], small["undetermined"], small["n_methods"]) == ("small only", None, 4)
    assert small["kendall_tau_b"]["value"] == pytest.approx(-1)
    assert large["undetermined"].startswith("Only 0 methods have both")
    mean = groups["metrics"][1]
    assert (mean["undetermined"], mean["per_group"]) == (
        "large: some method has no score, or an infinite one.",
        None,
    )
    assert groups["metrics"][0]["kendall_tau_b"]["value"] == pytest.approx((1 + 1 / 3) / 2)


def test_the_command_prints_a_table_of_each_base_model_and_the_mean() -> None:
    make_grouped(met=False)
    out = " ".join(hlv("metaeval", "grouped", *FAST)[1].split())
    for base in ("small", "large"):
        assert f"Agreement of metrics with people, over 4 methods, within {base}" in out
    assert "With 4 methods the smallest possible two-sided p" in out
    assert "Mean over base models" in out
    assert "Mean of small and large over the methods that all of them have: a, b, c and d." in out
    assert "0.67" in out
    assert "large: some method" in out


def test_methods_without_a_twin_leave_no_mean_and_each_base_model_its_table() -> None:
    campaign = make_grouped(met=False)
    for method in campaign.study.methods.filter(base_model="large"):
        method.name = f"{method.name} else"
        method.save()
    groups = answer("metaeval", "grouped")["groups"]
    assert groups["undetermined"].startswith("No method was ranked in each of small, large")
    assert groups["groups"] == ["small", "large"]
    assert [table["undetermined"] for table in groups["each"]] == [None, None]
    assert (
        "Mean over base models: not determined. No method was ranked" in hlv("metaeval", "grouped", *FAST)[1]
    )


@pytest.mark.parametrize("met", [True, False])
def test_a_base_model_of_one_method_stands_in_no_mean(met: bool) -> None:
    campaign = make_grouped(met=met)
    single = campaign.study.methods.get(base_model="large", name="d")
    single.base_model = "alone"
    single.save()
    groups = answer("metaeval", "grouped")["groups"]
    assert (groups["groups"], groups["methods"], groups["left_out"]) == (
        ["small", "large"],
        ["a", "b", "c"],
        ["d"],
    )
    assert [table["group"] for table in groups["each"]] == ["small", "large", "alone"]
    assert groups["each"][2]["undetermined"].startswith("A correlation needs two or more methods")
    assert "therefore in no mean: alone." in groups["notes"][1]
    out = hlv("metaeval", "grouped", *FAST)[1]
    assert "Within alone: not determined. A correlation needs two or more methods" in out
    assert "methods, within alone" not in out


def test_no_base_model_with_an_answer_is_no_answer() -> None:
    make_grouped(met=False, scored=False)
    code, _, err = hlv("metaeval", "grouped", *FAST)
    assert code == 1
    assert "Or rank one base model" in err
    assert MetricAgreement.objects.get().undetermined


def test_the_bundle_has_a_row_for_each_base_model_and_for_the_mean(tmp_path: Path) -> None:
    make_grouped(met=False)
    answer("metaeval", "grouped")
    hlv("export", "grouped", str(tmp_path / "out"))
    with (tmp_path / "out" / "metric-groups.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    taus = [row for row in rows if (row["metric"], row["statistic"]) == ("everywhere", "kendall_tau_b")]
    assert [(row["over"], row["group"]) for row in taus] == [
        ("group", "small"),
        ("group", "large"),
        ("mean", ""),
    ]
    assert [float(row["value"]) for row in taus] == pytest.approx([1, 1 / 3, 2 / 3])
    assert taus[0]["n_judgments"] == str(sum((6, 4, 5, 3, 5, 4, 2, 2, 5, 2, 1, 3)))
    stored = json.loads((tmp_path / "out" / "metric-agreements.json").read_text(encoding="utf-8"))
    assert [table["group"] for table in stored[0]["result"]["groups"]["each"]] == ["small", "large"]
