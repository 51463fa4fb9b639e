"""`hlv imports` and `hlv withdraw`: files of a study by number, withdrawn and reinstated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotations.models import Import, Study
from annotations.selectors.imports import withdrawn_imports
from metaeval.services.imports import import_scores
from tests.files import write_rows
from tests.hlv.commands import refusal, run
from tests.making import make_methods, make_person, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_imported_study(folder: Path) -> tuple[Study, Import]:
    study = make_study(slug="ready")
    make_methods(study, ["A"])
    path = write_rows(folder / "s.csv", ("method", "elo", "licence"), ("A", "1200", "MIT"))
    import_scores(study, [path], by=make_person("Lin Okafor"))
    return study, Import.objects.get()


def test_imports_are_listed_with_their_numbers(tmp_path: Path) -> None:
    _, batch = make_imported_study(tmp_path)
    (row,) = json.loads(run("imports", "ready", "--json"))["imports"]
    assert (row["number"], row["kind"], row["file"], row["who"]) == (
        batch.pk,
        "scores",
        "s.csv",
        "Lin Okafor",
    )
    assert (row["rows"], row["added"], row["state"]) == (1, 1, "counts")
    assert "Ignored columns of s.csv: “licence”." in row["notes"]
    assert "Lin Okafor" in run("imports", "ready")
    make_study(slug="empty")
    assert run("imports", "empty") == "No file has been imported into empty.\n"


def test_an_import_is_withdrawn_with_a_reason_and_comes_back(tmp_path: Path) -> None:
    _, batch = make_imported_study(tmp_path)
    number = str(batch.pk)
    told = run("withdraw", "ready", number, "--reason", "Wrong file")
    assert told == f"Import {number}, s.csv, is withdrawn: its rows no longer count.\n"
    assert withdrawn_imports().get() == batch
    assert batch.reversals.get().reason == "Wrong file"
    assert json.loads(run("imports", "ready", "--json"))["imports"][0]["state"] == "withdrawn"
    assert run("withdraw", "ready", number, "--undo") == f"Import {number}, s.csv, counts again.\n"
    assert not withdrawn_imports().exists()
    again = json.loads(run("withdraw", "ready", number, "--reason", "again", "--json"))
    assert (again["number"], again["state"]) == (batch.pk, "withdrawn")


def test_what_cannot_be_withdrawn_is_told_in_a_sentence(tmp_path: Path) -> None:
    _, batch = make_imported_study(tmp_path)
    make_study(slug="other")
    number = str(batch.pk)
    assert "Give the reason" in refusal("withdraw", "ready", number)
    assert "was not withdrawn" in refusal("withdraw", "ready", number, "--undo")
    assert "has no import 999999" in refusal("withdraw", "ready", "999999", "--reason", "x")
    assert f"The study other has no import {number}" in refusal("withdraw", "other", number, "--reason", "x")
    run("withdraw", "ready", number, "--reason", "x")
    assert "already withdrawn" in refusal("withdraw", "ready", number, "--reason", "x")
