"""hlv train and hlv table: from labels to a table of trained methods."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from metaeval.models import Method, Training
from tests.metaeval.making_training import make_split_study

pytestmark = pytest.mark.django_db

QUICK = ("--split", "split", "--runs", "2", "--lr", "0.03", "--methods", "SL", "MV", "LA-mean")


def test_the_dry_run_says_what_would_be_trained(capsys: pytest.CaptureFixture[str]) -> None:
    study = make_split_study()
    call_command("train", study.slug, "--split", "split", "--dry-run")
    printed = " ".join(capsys.readouterr().out.split())
    assert "15 methods, 3 runs each" in printed
    assert "On these labels LA-mean is the same as SL" in printed
    assert "On these labels AR, ARh are the same as MV" in printed
    assert "differ by about 0.038 in PO-JSD" in printed
    assert "Expected time" in printed
    assert not Method.objects.exists()
    call_command("train", study.slug, "--split", "split", "--dry-run", "--json")
    plan = json.loads(capsys.readouterr().out)
    assert (plan["n_tested"], plan["parts"]) == (12, [{"train": 36, "dev": 12, "test": 12}])


def test_trained_methods_are_scored_and_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    study = make_split_study()
    call_command("train", study.slug, *QUICK)
    printed = " ".join(capsys.readouterr().out.split())
    assert "84 outputs filed" in printed
    assert f"Next: hlv table {study.slug}" in printed
    call_command(
        *("table", study.slug, "--split", "test", "--n-resamples", "50"),
        *("--csv", str(tmp_path / "t.csv"), "--latex", str(tmp_path / "t.tex"), "--details"),
    )
    printed = capsys.readouterr().out
    assert "PO-JSD" in printed
    assert "On 12 texts" in " ".join(printed.split())
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()))
    of_metric = {row["method"]: row for row in rows if row["metric"] == "po_jsd"}
    assert set(of_metric) == {"Train mean", "SL", "MV", "LA-mean"}
    assert float(of_metric["SL"]["mean_of_runs"]) == pytest.approx(
        float(of_metric["LA-mean"]["mean_of_runs"])
    )
    assert of_metric["SL"]["groups"] == of_metric["LA-mean"]["groups"]
    assert r"\toprule" in (tmp_path / "t.tex").read_text(encoding="utf-8")


def test_json_has_the_trainings_and_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    study = make_split_study()
    call_command("train", study.slug, *QUICK, "--json")
    result = json.loads(capsys.readouterr().out)
    assert result["n_added"] == 84
    assert len(result["runs"]) == 6
    assert result["snapshot"] == str(Training.objects.get().uuid)
    call_command("table", study.slug, "--metric", "po_jsd", "--n-resamples", "30", "--json")
    metric = json.loads(capsys.readouterr().out)["metrics"][0]
    assert len(metric["differences"]) == 6
    assert sorted({name for group in metric["groups"] for name in group}) == sorted(
        ["Train mean", "SL", "MV", "LA-mean"]
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--features", "x.npy"), "needs --items"),
        (("--methods", "XX"), "No training method"),
        (("--split", "colour"), "has the fact 'colour'"),
    ],
)
def test_what_cannot_be_trained_is_refused(arguments: tuple[str, ...], sentence: str) -> None:
    study = make_split_study()
    with pytest.raises(CommandError, match=sentence):
        call_command("train", study.slug, *arguments)


def test_a_table_needs_two_methods_of_a_known_base_model() -> None:
    study = make_split_study()
    with pytest.raises(CommandError, match="No method has outputs yet"):
        call_command("table", study.slug)
    call_command("train", study.slug, *QUICK, "--json")
    with pytest.raises(CommandError, match="known are char n-grams"):
        call_command("table", study.slug, "--base-model", "llama")


def test_several_studies_share_one_table(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    one, other = make_split_study(), make_split_study(seed=2)
    call_command("train", one.slug, *QUICK, "--json")
    call_command("train", other.slug, *QUICK[:-1], "--json")
    capsys.readouterr()
    call_command(
        *(
            "table",
            one.slug,
            other.slug,
            "--metric",
            "hard_accuracy",
            "--metric",
            "po_jsd",
            "--n-resamples",
            "50",
        ),
        *("--csv", str(tmp_path / "t.csv"), "--latex", str(tmp_path / "t.tex")),
        *("--figure", str(tmp_path / "t.svg")),
    )
    printed = capsys.readouterr().out
    assert "PO-JSD" in printed
    drawing = (tmp_path / "t.svg").read_text(encoding="utf-8")
    assert all(f"{study.slug}: PO-JSD ↑" in drawing for study in (one, other))
    assert "Hard accuracy ↑: means" not in printed
    assert one.slug in printed
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()))
    methods = {(row["study"], row["method"]) for row in rows if row["metric"] == "po_jsd"}
    assert methods == {
        *((one.slug, name) for name in ("Train mean", "SL", "MV", "LA-mean")),
        *((other.slug, name) for name in ("Train mean", "SL", "MV")),
    }
    assert (tmp_path / "t.tex").read_text(encoding="utf-8").count(r"\toprule") == 2
    call_command("table", one.slug, other.slug, "--metric", "po_jsd", "--n-resamples", "30", "--json")
    assert set(json.loads(capsys.readouterr().out)["studies"]) == {one.slug, other.slug}


def test_a_refusal_among_several_studies_names_the_study(capsys: pytest.CaptureFixture[str]) -> None:
    one = make_split_study()
    call_command("train", one.slug, *QUICK, "--json")
    with pytest.raises(CommandError, match=f"{one.slug}: No method has the base model 'llama'"):
        call_command("table", one.slug, one.slug, make_split_study().slug, "--base-model", "llama")
