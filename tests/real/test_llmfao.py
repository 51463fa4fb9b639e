"""llmfao: 8,931 judgments of a crowd, and two automatic judges on the same pairs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotations.models import Study
from annotations.services.imports import import_items
from metaeval.formats.evaluation_options import EvaluationOptions
from metaeval.models import Campaign
from metaeval.selectors.judgments import comparison_counts
from metaeval.services.imports import import_judgments
from tests.making import make_study

pytestmark = pytest.mark.django_db


def test_the_crowd_and_both_automatic_judges_import_whole(shared_data: Path, shared_reference: Path) -> None:
    study = make_study(task=Study.Task.NONE, labels=())
    folder = shared_data / "llmfao"
    expected = json.loads((shared_reference / "llmfao_ranking.json").read_text(encoding="utf-8"))
    report = import_judgments(study, [folder / "crowd-comparisons.csv"])
    assert report.n_added == 8931
    assert report.created == {"campaigns": 1, "items": 13, "judges": 124, "methods": 59}
    for name in ("gpt3-crowd", "gpt4-crowd"):
        automatic = import_judgments(
            study,
            [folder / f"{name}-comparisons.csv"],
            options=EvaluationOptions(automatic=name, strict=True),
        )
        assert automatic.n_added == expected[name]["n_judgments"] == 2139
        assert automatic.created == {"automatic judges": 1}
    campaign = Campaign.objects.get()
    crowd = comparison_counts(campaign).cells
    assert (crowd.n_judgments, crowd.n_ties) == (8931, expected["crowd"]["ties"])
    assert (crowd.n_judges, crowd.n_items) == (124, 13)
    for judge in study.automatic_judges.all():  # type: ignore[attr-defined]  # metaeval hangs its models on Study
        cells = comparison_counts(campaign, automatic_judge=judge).cells
        assert (cells.n_judgments, cells.n_ties) == (2139, expected[judge.name]["ties"])
    again = import_judgments(study, [folder / "crowd-comparisons.csv"])
    assert (again.n_added, again.n_known) == (0, 8931)


def test_prompts_give_their_texts_to_items_that_judgments_named(shared_data: Path) -> None:
    study = make_study(task=Study.Task.NONE, labels=())
    import_judgments(study, [shared_data / "llmfao" / "crowd-comparisons.csv"])
    import_items(study, [shared_data / "llmfao" / "prompts.jsonl"])
    assert study.items.filter(texts__isnull=True).count() == 0
    assert study.items.get(key="8").texts.get().text.startswith("Argue for and against the use of kubernetes")
