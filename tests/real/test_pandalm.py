"""pandalm: 999 pairs with a column for each of three judges."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from annotations.models import Study
from metaeval.models import Judgment
from metaeval.services.imports import import_judgments
from tests.making import make_study

pytestmark = pytest.mark.django_db


def test_each_column_of_a_judge_gives_999_judgments(shared_data: Path) -> None:
    study = make_study(task=Study.Task.NONE, labels=())
    path = shared_data / "pandalm" / "testset-v1.json"
    report = import_judgments(study, [path])
    assert report.n_added == 3 * 999
    assert report.created == {"campaigns": 1, "items": 999, "judges": 3, "methods": 5}
    told = Counter(row["annotator1"] for row in json.loads(path.read_text(encoding="utf-8")))
    stored = Counter(
        Judgment.objects.filter(participant__source="annotator1").values_list("verdict", flat=True)
    )
    assert stored == {"tie": told[0], "left": told[1], "right": told[2]}
    assert import_judgments(study, [path]).n_added == 0
