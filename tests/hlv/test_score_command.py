"""hlv score: the study's own uploaded metrics beside the built-in ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError

from annotations.models import Import, Study
from annotations.services.imports import withdraw_import
from metaeval.models import AutomaticJudge, MetricAgreement, MetricScore, Scoring
from tests.files import write_rows
from tests.hlv.commands import refusal, run
from tests.making import make_campaign, make_items, make_methods, make_outputs, make_participant, make_study
from tests.metaeval.making import signed_in
from tests.metaeval.test_agreement_diagnostics import judge_all
from tests.metaeval.test_results import make_labelled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

METHODS = ("a", "b", "c", "d")
ASK = ("--n-resamples=200", "--seed=5")
# Of texts 1 to 6 by method.
VALUES = {"a": (1, 2, 3, 4, 5, 9), "b": (2, 2, 2, 2, 2, 2), "c": (0, 1, 0, 1, 0, 1), "d": (5, 4, 3, 2, 1, 0)}


def upload(study: Study, folder: Path, *, by_text: bool = True, name: str = "mymetric") -> None:
    rows: list[tuple[str, ...]] = [
        ("method", "value", "metric"),
        *((method, "0.5", name) for method in METHODS[:3]),
    ]
    if by_text:
        keys = list(study.items.values_list("key", flat=True))
        rows = [("method", "value", "metric", "item")]
        rows += [
            (method, str(value), name, key)
            for method in METHODS
            for key, value in zip(keys, VALUES[method], strict=True)
        ]
    file = write_rows(folder / f"{name}.csv", *rows)
    run("import", "scores", file, f"--study={study.slug}", f"--direction={name}=down")


def make_scored() -> Study:
    study = make_study(slug="scored")
    make_labelled(study)
    make_outputs(make_methods(study, METHODS), list(study.items.all()))
    return study


def scored(*words: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(run("score", "scored", *ASK, *words, "--json"))
    return result


def test_an_uploaded_metric_stands_beside_the_others_with_intervals_over_its_texts(tmp_path: Path) -> None:
    study = make_scored()
    before = scored()
    upload(study, tmp_path)
    result = scored()
    assert result["metrics"][:-1] == before["metrics"]
    assert {row["origin"] for row in before["metrics"]} == {"built-in"}
    own = result["metrics"][-1]
    assert (own["name"], own["origin"], own["higher_is_better"], own["n_items"]) == (
        "mymetric",
        "uploaded",
        False,
        6,
    )
    assert [row["method"] for row in own["scores"]] == list(METHODS)
    assert [row["value"] for row in own["scores"]] == pytest.approx(
        [np.mean(VALUES[name]) for name in METHODS]
    )
    low, high = own["scores"][0]["interval"]
    assert 1 <= low < 4 < high <= 9
    assert own["scores"][1]["interval"] == [2, 2]
    assert own["scores"][0]["runs"] == []
    assert result["parameters"]["uploaded"] == ["mymetric"]
    assert result["data_fingerprint"] != before["data_fingerprint"]
    assert before["data_fingerprint"] == scored("--metric=po_jsd")["data_fingerprint"]


def test_the_interval_is_the_one_that_metric_agreement_draws(tmp_path: Path) -> None:
    study = make_scored()
    judge_all(make_campaign(study), list(study.methods.all()))
    upload(study, tmp_path)
    run("metaeval", "scored", *ASK)
    agreed = MetricAgreement.objects.get()
    drawn = agreed.result["scores"]["metrics"]["mymetric"]
    (own,) = scored("--metric=mymetric")["metrics"]
    assert [list(ends) for ends in zip(drawn["low"], drawn["high"], strict=True)] == [
        row["interval"] for row in own["scores"]
    ]
    # the page of results lists it, too, and so does its file
    client = signed_in(make_participant(study, "researcher"))
    address = f"/campaigns/{study.campaigns.get().uuid}/results/"
    assert "mymetric ↓" in client.get(address).content.decode()
    rows = csv.DictReader(b"".join(client.get(f"{address}scores.csv")).decode().splitlines())
    assert {row["method"] for row in rows if row["metric"] == "mymetric"} == set(METHODS)


def test_it_is_chosen_by_its_name_in_text_and_in_the_file_of_texts(tmp_path: Path) -> None:
    study = make_scored()
    upload(study, tmp_path)
    upload(study, tmp_path, by_text=False, name="whole")
    written = tmp_path / "items.csv"
    out = run(
        "score", "scored", *ASK, "--metric=mymetric", "--metric=po_jsd", "--details", f"--items={written}"
    )
    assert "mymetric, lower is better, uploaded" in out
    assert "(po_jsd)" in out
    assert "whole" not in out
    assert (
        "mymetric was uploaded: 24 values of 6 texts. A score is their mean; intervals resample them." in out
    )
    rows = list(csv.DictReader(written.read_text(encoding="utf-8-sig").splitlines()))
    of_a = [float(row["value"]) for row in rows if (row["metric"], row["method"]) == ("mymetric", "a")]
    assert tuple(of_a) == VALUES["a"]
    assert {row["metric"] for row in rows} == {"mymetric", "po_jsd"}

    out = run("score", "scored", *ASK, "--metric=whole", "--details")
    assert "No interval: one value per method cannot be resampled" in " ".join(out.split())
    assert "no score was uploaded" in out
    assert "human labels" not in out


@pytest.mark.both_databases
def test_scores_of_labels_are_written_for_methods_and_runs(tmp_path: Path) -> None:
    study = make_scored()
    written = tmp_path / "labels.csv"
    run(
        "score", "scored", *ASK, "--metric=hard_macro_f1", "--metric=soft_macro_recall", f"--labels={written}"
    )
    rows = list(csv.DictReader(written.read_text(encoding="utf-8-sig").splitlines()))
    labels = list(study.labels.order_by("position").values_list("key", flat=True))
    of_a = [row for row in rows if (row["method"], row["run"]) == ("a", "")]
    assert [(row["kind"], row["label"]) for row in of_a] == [
        (kind, label) for kind in ("hard", "soft") for label in labels
    ]
    assert {row["n_items"] for row in rows} == {"6"}
    assert {row["run"] for row in rows} != {""}, "runs have rows of their own"
    metrics = {row["name"]: row for row in scored()["metrics"]}
    for kind, column, name in (("hard", "f1", "hard_macro_f1"), ("soft", "recall", "soft_macro_recall")):
        mean = np.mean([float(row[column]) for row in of_a if row["kind"] == kind])
        assert mean == pytest.approx(metrics[name]["scores"][0]["value"])
    with pytest.raises(CommandError, match="cannot be written"):
        run("score", "scored", *ASK, f"--labels={tmp_path / 'no' / 'file.csv'}")


@pytest.mark.both_databases
def test_uploaded_scores_alone_are_an_answer_and_say_why_there_are_no_others(tmp_path: Path) -> None:
    study = make_study(slug="scored", task="none", labels=())
    make_items(study, 6)
    make_methods(study, METHODS)
    upload(study, tmp_path)
    out = run("score", "scored", *ASK, "--details")
    assert "No built-in metrics: This study has no labels" in out
    result = scored()
    assert [row["name"] for row in result["metrics"]] == ["mymetric"]
    assert result["without_built_in"].startswith("This study has no labels")
    assert "This study has no labels" in refusal("score", "scored", "--metric=po_jsd")
    # what it is made of is kept once, as it came in
    assert not MetricScore.objects.filter(scoring__isnull=False).exists()
    assert Scoring.objects.count() == 2


def test_names_that_no_metric_has_are_refused_and_so_are_withdrawn_ones(tmp_path: Path) -> None:
    study = make_scored()
    upload(study, tmp_path)
    assert "No metric is called 'taste'; known are mymetric, " in refusal("score", "scored", "--metric=taste")
    withdraw_import(Import.objects.get(kind=Import.Kind.SCORES), by=None)
    assert "The import that gave 'mymetric' was withdrawn" in refusal("score", "scored", "--metric=mymetric")
    assert "mymetric" not in [row["name"] for row in scored()["metrics"]]


def test_automatic_judges_are_sent_to_the_metric_agreement() -> None:
    study = make_scored()
    AutomaticJudge.objects.create(study=study, name="gpt")
    assert "gpt is an automatic judge and not scored here. Run hlv metaeval for" in run(
        "score", "scored", *ASK, "--details"
    )
