"""rank, score, metaeval and agreement: their JSON, their tables, and what they refuse."""

from __future__ import annotations

import csv
import json
import math
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotations.models import LabelAgreement, Snapshot, Study
from annotations.models.rounds import code_version
from annotations.services.imports import import_annotations
from hlv.core.rendering.terminal import terminal_table
from hlv.core.stored_results import load, plain
from hlv.stats.pairwise.ranking import rank_methods
from metaeval.findings.ranking_tables import other_models_table, ranking_table
from metaeval.models import Campaign, JudgeReport, MetricAgreement, Ranking
from metaeval.results.ranking import RankingResult, read_ranking
from tests.files import write_rows
from tests.making import (
    make_campaign,
    make_imported_judgment,
    make_items,
    make_methods,
    make_output,
    make_outputs,
    make_participant,
    make_study,
    make_uploaded_metric,
)
from tests.stats.pairwise.test_fixed_judges import cells_of, make_judgments

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def hlv(*words: str, details: bool = True) -> tuple[int, str, str]:
    """Exit code, output and errors of a command; `hlv.cli` turns a CommandError into its sentence."""
    out, err = StringIO(), StringIO()
    try:
        asked = ["--details"] if details and words[0] != "export" and "--json" not in words else []
        call_command(*words, *asked, stdout=out, stderr=err)
        code = 0
    except CommandError as refusal:
        err.write(str(refusal))
        code = refusal.returncode
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue(), err.getvalue()


def make_judged(*, slug: str = "judged", connected: bool = True, scored: bool = True) -> None:
    study = make_study(slug=slug, task="none", labels=())
    campaign = make_campaign(study)
    methods = make_methods(study)
    judges = [make_participant(study, "judge") for _ in range(3)]
    for judge in judges:
        for winner, loser in ((0, 1), (1, 2), (0, 2)):
            make_imported_judgment(campaign, winner=methods[winner], loser=methods[loser], judge=judge)
    if connected:
        for judge in judges:
            make_imported_judgment(campaign, winner=methods[2], loser=methods[0], judge=judge)
    if scored:
        make_uploaded_metric(study, methods, [0.9, 0.5, 0.1])


@pytest.mark.both_databases
def test_rank_prints_the_shape_that_programs_rely_on() -> None:
    make_judged()
    code, out, _ = hlv("rank", "judged", "--n-resamples=20", "--seed=4", "--json")
    result: dict[str, Any] = json.loads(out)
    assert code == 0
    assert {
        "methods", "model", "ties", "tie_parameter", "n_judgments", "n_judges", "seed", "n_resamples",
        "undetermined", "unconnected", "inseparable",
    } <= result.keys()  # fmt: skip
    assert {"name", "strength", "interval", "rank", "rank_interval", "n_judgments"} <= result["methods"][
        0
    ].keys()
    assert (result["seed"], result["n_resamples"], result["n_judgments"]) == (4, 20, 12)


def test_rank_says_whether_cannot_judge_has_to_do_with_the_methods() -> None:
    make_judged()
    campaign = Campaign.objects.get()
    alpha, beta, _ = campaign.study.methods.all()
    for judge in campaign.study.participants.filter(role="judge"):
        make_imported_judgment(campaign, winner=alpha, loser=beta, judge=judge, cannot=True)
    said = " ".join(hlv("rank", "judged", "--n-resamples=20")[1].split())
    words = "“Cannot judge”: 3 of 15 verdicts, most with beta (33.3%)"
    assert words in said
    found = Ranking.objects.get().result["checks"]["cannot_judge"]
    # of two judgments of this pair and three of others each judge could not make one of the pair
    assert found["by_method"][1] == {"method": "beta", "n": 3, "n_verdicts": 9, "share": 3 / 9}
    assert found["p"] is not None
    page = other_models_table(read_ranking(Ranking.objects.get()))
    assert page is not None
    assert words in page.note, "the page has the same table"


@pytest.mark.both_databases
def test_rank_without_an_answer_stores_it_prints_it_and_exits_with_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_judged(connected=False)
    code, out, err = hlv("rank", "judged", "--json")
    result = json.loads(out)
    assert code == 1
    assert result["undetermined"] in err
    assert "alpha" in result["undetermined"]
    assert result["unconnected"] == [["alpha"], ["beta"], ["gamma"]]
    assert Ranking.objects.get().undetermined == result["undetermined"]


def test_a_prior_that_was_asked_for_gives_an_answer_and_is_named() -> None:
    make_judged(connected=False)
    code, out, _ = hlv("rank", "judged", "--ridge=0.5", "--n-resamples=20", "--json")
    result = json.loads(out)
    assert (code, result["ridge"], result["undetermined"]) == (0, 0.5, None)
    assert any("prior" in note for note in result["notes"])


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


def test_the_ranking_names_its_estimate_and_its_interval() -> None:
    make_judged()
    out = hlv("rank", "judged", "--n-resamples=20", "--resample=judgments")[1]
    assert "The intervals are analytic: from robust standard errors (CR3)" in out
    assert "Strength" in out
    assert "Bootstrap interval" in out
    out = hlv("rank", "judged", "--n-resamples=20", "--resample=judgments", "--model=win-rate")[1]
    assert "The intervals are bootstrap intervals" in out
    assert "Win rate" in out
    assert "Strength" not in out


def test_intervals_of_these_judges_stand_beside_the_default_where_judges_are_few() -> None:
    drawn = make_judgments(7)
    names = [f"m{place}" for place in range(10)]
    few = plain(rank_methods(cells_of(drawn), names, n_resamples=0, seed=1).summary())
    many = few | {"given_judges": few["given_judges"] | {"matters": False}}

    found = terminal_table(ranking_table(load(RankingResult, few)))
    without = terminal_table(ranking_table(load(RankingResult, many)))

    heads = [str(column.header) for column in found.columns]
    assert heads[3:6] == ["Strength, these judges", "Rank, these judges", "Judgments"]
    first = few["methods"][0]["rank_interval_given_judges"]
    assert next(iter(found.columns[4].cells)) == f"1 ({first[0]} to {first[1]})"
    assert "Strength, these judges" not in [str(column.header) for column in without.columns]


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


@pytest.mark.both_databases
def test_agreement_of_sets_says_every_distance_every_label_and_what_went_in(tmp_path: Path) -> None:
    study = make_study(slug="labelled", labels=("housing", "contract"))
    items = make_items(study, 3)
    said = ("housing", "contract", "housing")
    answers = [(item.key, "w1", "housing") for item in items]
    answers += [(item.key, "w2", label) for item, label in zip(items, said, strict=True)]
    import_annotations(study, [write_rows(tmp_path / "a.csv", ("item", "annotator", "label"), *answers)])
    code, out, _ = hlv("agreement", "labelled", "--n-resamples=10")
    assert code == 0
    for words in (
        "MASI",
        "Jaccard",
        "nominal",
        "Gwet’s AC1",
        "contract",
        "6 answers of 2 annotators to 3 texts",
    ):
        assert words in out


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


def make_labelled(tmp_path: Path, *labels: str, task: str = "single") -> None:
    study = make_study(slug="labelled", task=task, labels=labels)
    items = make_items(study, 3)
    answers = [(item.key, "w1", labels[0]) for item in items]
    answers += [(item.key, "w2", label) for item, label in zip(items, (*labels, labels[0]), strict=False)]
    import_annotations(study, [write_rows(tmp_path / "a.csv", ("item", "annotator", "label"), *answers)])


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
        (["metaeval", "judged"], MetricAgreement, 2),
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


def test_a_table_of_dropped_ties_says_how_many_judgments_entered_the_fit() -> None:
    make_judged()
    campaign = Campaign.objects.get()
    alpha, beta, _ = campaign.study.methods.all()
    judge = campaign.study.participants.filter(role="judge")[0]
    for _ in range(2):
        make_imported_judgment(campaign, winner=alpha, loser=beta, judge=judge, tie=True)
    said = " ".join(hlv("rank", "judged", "--ties=drop", "--n-resamples=0")[1].split())
    assert "14 judgments of 3 judges, 12 of them in the fit" in said
    assert "2 ties are left out." in said
    assert "in the fit" not in hlv("rank", "judged", "--n-resamples=0")[1]


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


def test_a_rule_for_ties_is_sent_to_its_model() -> None:
    make_judged()
    said = hlv("rank", "judged", "--ties=denominator")[2]
    assert "'denominator' belongs to the model rank-centrality; bradley-terry knows half, davidson," in said


@pytest.mark.parametrize("task", ["single", "ordinal"])
def test_two_labels_say_their_agreement_once(tmp_path: Path, task: str) -> None:
    make_labelled(tmp_path, "low", "high", task=task)
    out = hlv("agreement", "labelled", "--n-resamples=10")[1]
    assert "low" not in out, "labels have no rows"
    assert "has the same values" in " ".join(out.split())
    assert len(json.loads(hlv("agreement", "labelled", "--n-resamples=10", "--json")[1])["per_label"]) == 2


def test_every_p_is_printed_the_same_way() -> None:
    make_judged()
    out = hlv("rank", "judged", "--n-resamples=20", "--resample=judgments")[1]
    assert re.search(r"1 d\.f\., p (= \.\d{3}|= 1|< \.001), ", " ".join(out.split()))
    assert "p = 0." not in out
    assert "1 pairs" not in out
