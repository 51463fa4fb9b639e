"""alpaca_eval: a wide table with line breaks in its header and many blanks."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from annotations.models import Study
from metaeval.models import Metric, MetricScore
from metaeval.services.imports import import_scores
from tests.making import make_study

pytestmark = pytest.mark.django_db
HUMAN = "Arena Elo [Feb 2, 2024]"


def test_blanks_are_missing_and_the_correlations_are_as_published(shared_data: Path) -> None:
    study = make_study(task=Study.Task.NONE, labels=())
    path = shared_data / "alpaca_eval" / "benchmarks.csv"
    report = import_scores(study, [path])
    with path.open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in list(csv.reader(stream))[1:] for cell in row[1:]]
    assert report.n_added == MetricScore.objects.count() == sum(cell.strip() != "" for cell in cells)
    assert "blanks are missing scores" in report.notes[0]
    assert Metric.objects.filter(name=HUMAN).exists()
    scores: dict[str, dict[str, float]] = {}
    for metric, method, value in MetricScore.objects.values_list("metric__name", "method__name", "value"):
        assert value is not None
        scores.setdefault(metric, {})[method] = value
    for metric, expected in (("LC AlpacaEval 2.0", 0.975), ("AlpacaEval 2.0", 0.931)):
        both = sorted(scores[HUMAN].keys() & scores[metric].keys())
        human, given = ([scores[name][method] for method in both] for name in (HUMAN, metric))
        assert np.round(spearmanr(human, given).statistic, 3) == expected
