"""A replication: files to parts, conclusions only where all selection rules agree, and what was not run."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from hlv.core.tabular.errors import FormatError
from hlv.stats.training.work import SELECTIONS
from metaeval.findings.replication_findings import answers
from metaeval.results.method_table import MethodDifference, MethodRow, MethodTable, MetricOfMethods
from metaeval.results.replication import (
    DataSetReplication,
    PairConclusion,
    Relation,
    Replication,
    RuleDifference,
)
from metaeval.services.replication import conclusions, metric_pairs
from metaeval.services.replication_data import lewidi_files, read_lewidi
from tests.metaeval.making_training import WORDS


def write_lewidi(folder: Path, name: str, *, parts: tuple[str, ...], n_texts: int = 40) -> None:
    """Texts of two moods, each answered by three people who mostly agree with its words."""
    generator = np.random.default_rng(3)
    for part in parts:
        rows = {}
        for number in range(1, n_texts + 1):
            side = int(generator.integers(2))
            answers = [side if generator.random() < 0.8 else 1 - side for _ in range(3)]
            rows[str(number)] = {
                "text": f"{' '.join(generator.choice(WORDS[side], size=4))} {part}{number}",
                "annotators": "Ann1,Ann2,Ann3",
                "annotations": ",".join(map(str, answers)),
                "lang": "en",
                "split": part,
            }
        (folder / f"{name}_{part}.json").write_text(json.dumps(rows), encoding="utf-8")


def make_table(
    difference: float, interval: tuple[float, float], p: float, *, higher_is_better: bool = True
) -> MethodTable:
    """SL and MV by one metric; their difference is stored as MV less SL."""
    rows = [
        MethodRow(
            method=name, n_runs=1, mean_of_runs=mean, sd_of_runs=None, interval=None, of_mean_output=mean
        )
        for name, mean in (("MV", 0.9 - difference), ("SL", 0.9))
    ]
    turned = MethodDifference(
        first="MV",
        second="SL",
        difference=-difference,
        interval=(-interval[1], -interval[0]),
        standard_error=0.01,
        p=p,
    )
    metric = MetricOfMethods(
        name="po_jsd",
        label="PO-JSD",
        higher_is_better=higher_is_better,
        methods=rows,
        differences=[turned],
        groups=None,
    )
    return MethodTable(
        methods=["MV", "SL"], metrics=[metric], n_items=10, n_incomplete={}, n_resamples=10, seed=1
    )


def concluded(*tables: MethodTable, margin: float = 0.01) -> tuple[str, bool]:
    by_rule = {f"rule {number}": table for number, table in enumerate(tables)}
    (found,) = conclusions(by_rule, [("SL", "MV"), ("SL", "JSD")], margin=margin)
    return found.relation, found.is_equivalent


def test_a_conclusion_needs_every_rule() -> None:
    clear, other = make_table(0.02, (0.01, 0.03), 0.001), make_table(0.015, (0.002, 0.03), 0.04)
    assert concluded(clear, other) == ("better", False)
    assert concluded(clear, make_table(0.015, (0.002, 0.03), 0.06)) == ("undecided", False)
    assert concluded(clear, make_table(-0.02, (-0.03, -0.01), 0.001)) == ("undecided", False)
    assert concluded(make_table(-0.02, (-0.03, -0.01), 0.001)) == ("worse", False)


def test_a_smaller_distance_is_better() -> None:
    assert concluded(make_table(-0.02, (-0.03, -0.01), 0.001, higher_is_better=False)) == ("better", False)


def test_equivalence_needs_every_interval_within_the_margin() -> None:
    close, wide = make_table(0.001, (-0.004, 0.006), 0.8), make_table(0.001, (-0.011, 0.006), 0.8)
    assert concluded(close, close) == ("undecided", True)
    # Without a significant difference alone, nothing is equal.
    assert concluded(close, wide) == ("undecided", False)
    assert concluded(close, wide, margin=0.02) == ("undecided", True)


def test_differences_keep_their_sign_and_interval() -> None:
    (found,) = conclusions({"r": make_table(0.02, (0.01, 0.03), 0.001)}, [("SL", "MV")], margin=0.01)
    assert found.differences[0].difference == pytest.approx(0.02)
    assert found.differences[0].interval == (0.01, 0.03)


def test_metrics_that_order_methods_alike_have_a_tau_of_one() -> None:
    table = make_table(0.02, (0.01, 0.03), 0.001)
    (metric,) = table.metrics
    distance = replace(
        metric,
        name="distance",
        higher_is_better=False,
        methods=[replace(row, mean_of_runs=1 - (row.mean_of_runs or 0)) for row in metric.methods],
    )
    constant = replace(
        metric, name="constant", methods=[replace(row, mean_of_runs=0.5) for row in metric.methods]
    )
    found = metric_pairs({"r": replace(table, metrics=[metric, distance, constant])})
    assert [(pair.first, pair.second, pair.low) for pair in found] == [
        ("po_jsd", "distance", 1.0),
        ("po_jsd", "constant", None),
        ("distance", "constant", None),
    ]


def test_the_official_split_is_read_from_files(tmp_path: Path) -> None:
    write_lewidi(tmp_path, "ArMIS", parts=("train", "dev", "test"))
    data = read_lewidi("ArMIS", lewidi_files(tmp_path)["ArMIS"])
    assert [len(part) for part in (data.fold.train, data.fold.dev, data.fold.test)] == [40, 40, 40]
    assert all(f"test{number}" not in data.words[row] for row in data.fold.train for number in range(41))
    assert data.labels.has_annotators
    assert data.note == ""


def test_without_a_training_file_half_of_the_test_texts_train(tmp_path: Path) -> None:
    write_lewidi(tmp_path, "MD-Agreement", parts=("dev", "test"))
    data = read_lewidi("MD-Agreement", lewidi_files(tmp_path)["MD-Agreement"])
    assert [len(part) for part in (data.fold.train, data.fold.dev, data.fold.test)] == [20, 40, 20]
    assert "training file is missing" in data.note


def test_a_data_set_needs_its_test_file(tmp_path: Path) -> None:
    write_lewidi(tmp_path, "ArMIS", parts=("train", "dev"))
    with pytest.raises(FormatError) as refused:
        read_lewidi("ArMIS", lewidi_files(tmp_path)["ArMIS"])
    assert "put ArMIS_test.json into the folder" in refused.value.sentence


def test_the_command_answers_the_questions_and_says_what_it_did_not_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_lewidi(tmp_path, "HS-Brexit", parts=("train", "dev", "test"))
    call_command(
        *("reproduce", "kurniawan2026", str(tmp_path), "--runs", "2", "--methods", "SL", "ReL", "MV"),
        *("--n-resamples", "50", "--csv", str(tmp_path / "r.csv"), "--latex", str(tmp_path / "r.tex")),
        "--details",
    )
    printed = " ".join(capsys.readouterr().out.split())
    assert "HS-Brexit: 40 training, 40 dev and 40 test texts" in printed
    assert "Not run: ArMIS, because its files are not in the folder." in printed
    assert "Not run: TAG, because its data are private." in printed
    assert "Soft and repeated labels against the majority vote. HS-Brexit: " in printed
    assert "SL and ReL are equivalent within ±0.01 by these metrics. HS-Brexit: " in printed
    assert "Soft labels against metrics as losses. HS-Brexit: not trained." in printed
    assert "claims about methods need at least five repeated partitions" in printed
    rows = list(csv.DictReader((tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["rule"] for row in rows} == set(SELECTIONS)
    pairs = {(row["first"], row["second"]) for row in rows}
    assert pairs == {("SL", "MV"), ("ReL", "MV"), ("SL", "ReL"), ("SL", "Train mean")}
    assert r"\toprule" in (tmp_path / "r.tex").read_text(encoding="utf-8")


def make_replication(relation: Relation, *, is_equivalent: bool) -> Replication:
    """Of one data set with the pairs SL and MV, and SL and ReL, by one metric."""
    difference = RuleDifference(rule="none", difference=0.02, interval=(0.012, 0.031), p=0.001)
    pairs = [
        PairConclusion(
            metric="po_jsd",
            label="PO-JSD",
            first="SL",
            second=second,
            relation=relation if second == "MV" else "undecided",
            is_equivalent=is_equivalent,
            differences=[difference],
        )
        for second in ("MV", "ReL")
    ]
    data_set = DataSetReplication(
        name="ArMIS",
        n_train=6,
        n_dev=2,
        n_test=2,
        note="",
        same=[],
        tables={"none": make_table(0.02, (0.01, 0.03), 0.001)},
        conclusions=pairs,
        metric_pairs=[],
    )
    return Replication(
        data_sets=[data_set],
        not_run=[],
        rules=["none"],
        n_runs=1,
        seed=1,
        margin=0.01,
        n_resamples=10,
        seconds=1,
    )


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        ("better", "ArMIS: SL is better than MV by PO-JSD (SL − MV: +0.012 to +0.031)."),
        ("worse", "ArMIS: MV is better than SL by PO-JSD"),
        ("undecided", "ArMIS: no conclusion by any metric."),
    ],
)
def test_an_answer_names_the_better_method_with_its_interval(relation: Relation, words: str) -> None:
    first, *_rest = answers(make_replication(relation, is_equivalent=False))
    assert words in first


def test_only_equivalent_methods_are_called_equivalent() -> None:
    assert "ArMIS: PO-JSD." in answers(make_replication("undecided", is_equivalent=True))[2]
    assert "ArMIS: by no metric." in answers(make_replication("undecided", is_equivalent=False))[2]


def test_one_run_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--runs is 2 or more"):
        call_command("reproduce", "kurniawan2026", str(tmp_path), "--runs", "1")


def test_a_folder_without_the_data_sets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="has no LeWiDi files"):
        call_command("reproduce", "kurniawan2026", str(tmp_path))
