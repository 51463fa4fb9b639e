"""rank, score, metaeval and agreement: their JSON, their tables, and what they refuse."""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path

import pytest

from annotations.models import LabelAgreement, Snapshot, Study
from annotations.models.rounds import code_version
from annotations.services.imports import import_annotations
from metaeval.models import JudgeReport, MetricAgreement, Ranking
from tests.files import write_rows
from tests.hlv.result_commands import hlv, make_judged, make_labelled
from tests.making import (
    make_campaign,
    make_items,
    make_methods,
    make_output,
    make_outputs,
    make_study,
    make_uploaded_metric,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def test_metaeval_exits_with_1_only_where_every_metric_is_undetermined(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_judged(slug="known")
    make_judged(slug="unknown", connected=False)
    assert hlv("metaeval", "known", "--n-resamples=20")[0] == 0
    code, _, err = hlv("metaeval", "unknown", "--n-resamples=20")
    assert code == 1
    assert "alpha" in err
    assert MetricAgreement.objects.count() == 2


def test_metaeval_names_each_reason_with_its_metrics() -> None:
    make_judged(scored=False)
    study = Study.objects.get(slug="judged")
    constant = make_uploaded_metric(study, list(study.methods.all()), [0.5, 0.5, 0.5])
    few = make_uploaded_metric(study, list(study.methods.all()), [0.5, None, None])
    also_few = make_uploaded_metric(study, list(study.methods.all()), [None, None, 0.2])
    code, _, err = hlv("metaeval", "judged", "--n-resamples=20")
    assert code == 1
    first, second = err.strip().splitlines()
    assert first.endswith(f"({constant.name})")
    assert second.endswith(f"({few.name}, {also_few.name})")


def test_tables_are_for_people() -> None:
    make_judged()
    assert "alpha" in hlv("rank", "judged", "--n-resamples=20")[1]
    out = hlv("metaeval", "judged", "--n-resamples=20")[1]
    assert "τ-b" in out
    assert "Add methods." in out
    assert "Metrics were not compared with each other: There is one metric to compare" in out


def test_metaeval_says_which_metrics_are_told_apart_and_json_and_export_have_all(tmp_path: Path) -> None:
    make_judged()
    study = Study.objects.get(slug="judged")
    other = make_uploaded_metric(study, list(study.methods.all()), [0.1, 0.9, 0.5])
    assert (
        "The tests cannot show which metric agrees better" in hlv("metaeval", "judged", "--n-resamples=20")[1]
    )
    words = ("metaeval", "judged", "--n-resamples=60")
    out = hlv(*words)[1]
    assert "agrees significantly better than each other compared metric." in " ".join(out.split())
    assert "p is exact (Kendall’s distribution)" in " ".join(out.split())
    assert "oise ceiling: " in out
    assert "τ-b changes most for" in " ".join(out.split())
    found = json.loads(hlv(*words, "--json")[1])
    assert {"differences", "without_each_method", "noise_ceiling", "verdicts", "groups"} <= found.keys()
    (pair,) = found["differences"]["kendall_tau_b"]["differences"]
    hlv("export", "judged", str(tmp_path / "out"))
    rows = (tmp_path / "out" / "metric-differences.csv").read_text(encoding="utf-8").splitlines()
    # each statistic, and that three methods are too few for Williams' t
    assert len(rows) == 4
    assert rows[1].split(",")[1:5] == ["kendall_tau_b", pair["first"], other.name, str(pair["difference"])]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rank", "nowhere"], "There is no study 'nowhere'"),
        (["rank", "judged", "--campaign=taste"], "no campaign 'taste'"),
        (["rank", "judged", "--n-resamples=-1"], "whole numbers from 0"),
        (["rank", "judged", "--model=win-rate", "--ties=davidson"], "davidson"),
        (["metaeval", "judged", "--against=nothing"], "No uploaded score is called 'nothing'"),
        (["agreement", "judged"], "has no labels"),
        (["score", "judged", "--metric=po_jsd"], "has no labels"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(words: list[str], sentence: str) -> None:
    make_judged()
    code, out, err = hlv(*words)
    assert (code, out) == (1, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 1


def test_score_names_metrics_and_refuses_unknown_ones() -> None:
    study = make_study(slug="scored")
    methods = make_methods(study)
    make_outputs(methods, make_items(study))
    assert "No text of this study has labels" in hlv("score", "scored")[2]
    assert "No metric is called 'taste'" in hlv("score", "scored", "--metric=taste")[2]
    assert "no meaning for a multilabel task" in hlv("score", "scored", "--metric=hard_accuracy")[2]


def test_score_says_whom_the_methods_miss_and_writes_the_score_of_every_text(tmp_path: Path) -> None:
    study = make_study(slug="scored", task="single", labels=("housing", "contract"))
    methods = make_methods(study, ["one", "other"])
    items = make_items(study, 3)
    answers = [(item.key, "w1", "housing") for item in items]
    answers += [(item.key, "w2", "contract") for item in items]
    import_annotations(study, [write_rows(tmp_path / "a.csv", ("item", "annotator", "label"), *answers)])
    for item in items:
        make_output(methods[0], item, [0.9, 0.1], run="a")
        make_output(methods[0], item, [0.7, 0.3], run="b")
        make_output(methods[1], item, [0.2, 0.8])
    words = ("score", "scored", "--n-resamples=40", "--metric=perspectivist_error_rate")
    written = tmp_path / "items.csv"
    code, out, _ = hlv(*words, f"--items={written}")
    assert code == 0
    assert "Error rates by annotator" in out
    assert "Mean over 2 annotators" in out
    rows = list(csv.DictReader(written.read_text(encoding="utf-8-sig").splitlines()))
    # 3 texts by the mean and both runs of the one, the mean and the only run of the other
    assert len(rows) == 15
    assert {row["value"] for row in rows} == {"0.5"}

    result = json.loads(hlv(*words, "--json")[1])
    # Numbers of pseudonyms are dealt out at random.
    assert sorted(row["error_rates"] for row in result["annotators"]["rows"]) == [[0.0, 1.0], [1.0, 0.0]]
    (metric,) = result["metrics"]
    assert metric["scores"][0]["run_intervals"] == [[0.5, 0.5], [0.5, 0.5]]
    assert "cannot be written" in hlv(*words, f"--items={tmp_path / 'nowhere' / 'items.csv'}")[2]


@pytest.mark.both_databases
def test_score_says_all_that_a_published_number_needs(tmp_path: Path) -> None:
    """Direction, intervals, runs, the reason for no score, and the number that stands beside."""
    study = make_study(slug="scored", labels=("housing", "contract", "family"))
    methods = make_methods(study, ["even", "sure"])
    items = make_items(study, 4)
    answers = [(item.key, person, "housing") for item in items for person in ("w1", "w2")]
    import_annotations(study, [write_rows(tmp_path / "a.csv", ("item", "annotator", "label"), *answers)])
    for item in items:
        for run in ("1", "2"):
            make_output(methods[0], item, [0.6 if run == "1" else 0.8, 0.2, 0.0], run=run)
        make_output(methods[1], item, [0.0, 0.0, 0.0])
    words = ("score", "scored", "--n-resamples=20", "--metric=soft_macro_f1", "--metric=kl_divergence")
    code, out, _ = hlv(*words)
    assert code == 0
    assert "Soft macro F1 (soft_macro_f1), higher is better" in out
    assert "(kl_divergence), lower is better" in out
    assert "infinite" in out
    assert "2: " in out
    assert "over labels that" in out
    assert "Scored on 4 texts" in out

    result = json.loads(hlv(*words, "--json")[1])
    assert result["runs"] == {"even": ["1", "2"], "sure": ["1"]}
    macro, kl = result["metrics"]
    assert macro["beside"]["name"] == "soft_macro_f1_of_human_labels"
    # F1 of the mean 0.7 on housing alone is 2 * 0.7 / 1.7; the contract label is 0 and family, unused, 1.
    even = macro["scores"][0]
    assert even["beside"] == pytest.approx(1.4 / 1.7)
    assert even["value"] == pytest.approx((1.4 / 1.7 + 0 + 1) / 3)
    assert len(even["runs"]) == 2
    assert even["sd_of_runs"] == pytest.approx(abs(even["runs"][0] - even["runs"][1]) / math.sqrt(2))
    assert ", SD " in out
    assert macro["scores"][1]["sd_of_runs"] is None
    assert even["interval"] is not None
    assert kl["beside"] is None
    assert "infinite" in kl["scores"][1]["undefined"]


def test_what_is_missing_is_called_by_its_name() -> None:
    make_campaign(make_study(slug="fresh", task="none", labels=()))
    assert "Nobody has judged yet" in "".join(hlv("rank", "fresh")[1:])


def test_a_metric_without_an_interval_has_the_reason_beside_it() -> None:
    make_judged()
    said = " ".join(hlv("metaeval", "judged", "--n-resamples", "0")[1].split())
    assert "Without interval: no resamples were requested" in said


CITED = {
    "snapshot",
    "as_of",
    "computed_at",
    "seed",
    "n_resamples",
    "parameters",
    "code_version",
    "data_fingerprint",
}


@pytest.mark.parametrize(
    ("words", "model", "n_tables"),
    [
        (["rank", "judged"], Ranking, 3),
        (["metaeval", "judged"], MetricAgreement, 3),
        (["agreement", "labelled"], LabelAgreement, 1),
        (["judges", "judged"], JudgeReport, 1),
    ],
)
def test_what_must_be_cited_stands_beneath_every_table_and_in_json(
    tmp_path: Path, words: list[str], model: type[Snapshot], n_tables: int
) -> None:
    make_judged()
    make_labelled(tmp_path, "housing", "contract", "family")
    out = hlv(*words, "--n-resamples=20", "--seed=4")[1]
    made = model.objects.get()  # type: ignore[attr-defined]
    said = (
        f"seed 4 · 20 resamples · {code_version()} · as of {made.as_of:%Y-%m-%dT%H:%M:%SZ} · snapshot {made.uuid} · "
        f"data {made.data_fingerprint[:12]}"
    )
    assert out.splitlines().count(said) == n_tables
    found = json.loads(hlv(*words, "--n-resamples=20", "--seed=4", "--json")[1])
    made = model.objects.latest()  # type: ignore[attr-defined]
    assert found.keys() >= CITED | made.result.keys()
    assert (found["snapshot"], found["seed"], found["n_resamples"]) == (str(made.uuid), 4, 20)
    assert (found["parameters"], found["data_fingerprint"]) == (made.parameters, made.data_fingerprint)


@pytest.mark.parametrize(
    "words", [["rank", "judged"], ["metaeval", "judged"], ["agreement", "labelled"], ["judges", "judged"]]
)
def test_by_default_a_command_prints_one_table_and_at_most_five_sentences(
    tmp_path: Path, words: list[str]
) -> None:
    make_judged()
    make_labelled(tmp_path, "housing", "contract", "family")
    table, source, remarks = hlv(*words, "--n-resamples=20", details=False)[1].rpartition("data ")
    assert table.count("┏") == 1
    assert source
    sentences = re.findall(r"[.!?](?:\s|$)", remarks)
    assert 1 <= len(sentences) <= 5


@pytest.mark.both_databases
def test_a_metric_agreement_as_a_table_says_how_its_intervals_were_made(tmp_path: Path) -> None:
    make_judged()
    hlv("metaeval", "judged", "--n-resamples=20")
    hlv("export", "judged", str(tmp_path / "out"))
    with (tmp_path / "out" / "metric-agreements.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["interval_method"].startswith("Errors-in-variables posterior")
    assert row["interval_method"].endswith("20 resamples, 95%")
    assert row["resampling_unit"] == "judges"
    assert (row["n_resamples"], row["n_judges"], row["n_judgments"]) == ("20", "3", "12")


def test_every_p_is_printed_the_same_way() -> None:
    make_judged()
    out = hlv("rank", "judged", "--n-resamples=20", "--resample=judgments")[1]
    assert re.search(r"1 d\.f\., p (= \.\d{3}|= 1|< \.001), ", " ".join(out.split()))
    assert "p = 0." not in out
    assert "1 pairs" not in out
