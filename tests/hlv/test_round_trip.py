"""What is exported and imported into an empty study gives the same numbers again."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from annotations.models import LabelCount, Study
from hlv.demo.load import load_demonstration
from metaeval.models import AutomaticJudge, Campaign, Method, MetricScore
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.scores import shown_names
from metaeval.services.ranking import fit_ranking
from tests.files import write_rows
from tests.making import make_study

pytestmark = pytest.mark.django_db


def hlv(*words: str | Path, **options: Any) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def make_studied(tmp_path: Path) -> Study:
    """The demonstration, its methods in two base models with a name in common, and a program that judged."""
    study = load_demonstration()
    methods = list(Method.objects.filter(study=study))
    for place, method in enumerate(methods):
        method.base_model = "one" if place < 4 else "two"
        method.name = "Same" if place in (0, 4) else method.name
        method.save()
    names = shown_names(methods)
    items = list(study.items.values_list("key", flat=True)[:8])
    rng = np.random.default_rng(3)
    rows = [
        (item, names[one], names[other], ("left", "right", "tie")[rng.integers(3)])
        for item in items
        for one in range(9)
        for other in range(one)
    ]
    path = write_rows(tmp_path / "auto.csv", ("item", "left", "right", "winner"), *rows)
    campaign = Campaign.objects.get(study=study)
    hlv("import", "judgments", path, study=study.slug, campaign=campaign.name, automatic="A program")
    path = write_rows(
        tmp_path / "own.csv",
        ("model", "own loss", "own gain"),
        *((name, str(place / 7), str(place % 3)) for place, name in enumerate(names)),
    )
    hlv("import", "scores", path, study=study.slug, direction=["own loss=down"])
    path = write_rows(
        tmp_path / "of-items.csv",
        ("method", "item", "metric", "value"),
        *((name, items[place % 2], "by text", str(0.1 * place)) for place, name in enumerate(names)),
    )
    hlv("import", "scores", path, study=study.slug)
    return study


def make_again(study: Study, folder: Path) -> Study:
    """As README.txt of the folder says."""
    card = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    again = make_study(task=card["task"], labels=[label["key"] for label in card["labels"]])
    name = Campaign.objects.get(study=study).name
    people, program = sorted((folder / "judgments").iterdir(), key=lambda path: "-by-" in path.name)
    hlv("import", "items", folder / "items.jsonl", study=again.slug)
    hlv("import", "annotations", folder / "answers.csv", study=again.slug)
    hlv("import", "outputs", folder / "outputs.jsonl", study=again.slug)
    hlv("import", "judgments", people, study=again.slug, campaign=name, strict=True)
    hlv("import", "judgments", program, study=again.slug, campaign=name, strict=True, automatic="A program")
    hlv(
        "import",
        "scores",
        folder / "uploaded-scores.csv",
        folder / "uploaded-item-scores.csv",
        study=again.slug,
    )
    return again


def own_scores(study: Study) -> list[tuple[Any, ...]]:
    kept = MetricScore.objects.filter(metric__study=study, import_batch__isnull=False)
    return sorted(
        kept.values_list(
            "metric__name",
            "metric__higher_is_better",
            "method__base_model",
            "method__name",
            "item__key",
            "value",
        ),
        key=str,
    )


def strengths(study: Study, *, by_program: bool) -> dict[str, float]:
    campaign = Campaign.objects.get(study=study)
    judge = AutomaticJudge.objects.get(study=study) if by_program else None
    found = fit_ranking(comparison_counts(campaign, automatic_judge=judge), RankingOptions(n_resamples=0))
    return dict(zip(found.names, found.strengths.tolist(), strict=True))


def test_an_exported_study_imports_to_the_same_ranking_and_agreement(tmp_path: Path) -> None:
    study = make_studied(tmp_path)
    hlv("export", study.slug, tmp_path / "out")
    again = make_again(study, tmp_path / "out")
    for by_program in (False, True):
        found = strengths(again, by_program=by_program)
        assert found == pytest.approx(strengths(study, by_program=by_program), abs=1e-9)
        assert len(found) == 9
    alpha, alpha_again = (
        json.loads(hlv("agreement", one.slug, n_resamples=0, as_json=True)) for one in (study, again)
    )
    assert alpha_again["krippendorff_alpha"]["value"] == pytest.approx(
        alpha["krippendorff_alpha"]["value"], abs=1e-12
    )
    scores, scores_again = (
        json.loads(hlv("score", one.slug, n_resamples=0, metrics=["po_jsd"], as_json=True))["metrics"][0][
            "scores"
        ]
        for one in (study, again)
    )
    assert scores == scores_again
    assert own_scores(study) == own_scores(again)
    assert len(own_scores(study)) >= 27
    readme = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    assert "hlv import scores uploaded-scores.csv uploaded-item-scores.csv --study STUDY" in readme
    assert "the order in which judges and texts were stored" in readme


def test_counts_and_scores_alone_import_again(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=["yes", "no"])
    items = write_rows(tmp_path / "items.csv", ("id", "text"), ("a", "A"), ("b", "B"))
    counts = write_rows(tmp_path / "counts.csv", ("id", "yes", "no"), ("a", "3", "2"), ("b", "0", "4"))
    scores = write_rows(tmp_path / "scores.csv", ("method", "bleu"), ("M", "0.5"), ("N", "0.25"))
    hlv("import", "items", items, study=study.slug)
    hlv("import", "annotations", counts, study=study.slug, format="label-counts")
    hlv("import", "scores", scores, study=study.slug, direction=["up"])
    hlv("export", study.slug, tmp_path / "out")
    again = make_study(task=Study.Task.SINGLE, labels=["yes", "no"])
    lines = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8").splitlines()
    commands = [line.split() for line in lines if line.startswith("  hlv import")]
    assert [command[2] for command in commands] == ["items", "annotations", "scores"]
    for _, word, kind, name, *_ in commands:
        hlv(word, kind, tmp_path / "out" / name, study=again.slug)
    assert own_scores(again) == own_scores(study)
    found, before = (
        list(
            LabelCount.objects.filter(item__study=one)
            .order_by("item__key", "label__key")
            .values_list("item__key", "label__key", "n_chosen", "n_annotators")
        )
        for one in (again, study)
    )
    assert found == before
    assert len(found) == 4


def test_a_study_of_judgments_alone_has_its_items_in_order(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.NONE, labels=())
    rows = [("b", "x", "A", "B", "left"), ("a", "x", "A", "B", "right"), ("a", "y", "B", "A", "tie")]
    path = write_rows(tmp_path / "j.csv", ("item", "judge", "left", "right", "winner"), *rows)
    hlv("import", "judgments", path, study=study.slug)
    hlv("export", study.slug, tmp_path / "out")
    again = make_study(task=Study.Task.NONE, labels=())
    hlv("import", "items", tmp_path / "out" / "items.jsonl", study=again.slug)
    assert "2 records are known already" in hlv(
        "import", "items", tmp_path / "out" / "items.jsonl", study=again.slug
    )
    hlv("import", "judgments", tmp_path / "out" / "judgments" / "judging.csv", study=again.slug)
    assert list(again.items.order_by("position").values_list("key", flat=True)) == ["b", "a"]
    assert strengths(again, by_program=False) == pytest.approx(strengths(study, by_program=False))
