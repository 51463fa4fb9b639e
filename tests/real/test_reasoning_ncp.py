"""reasoning_ncp: one campaign for each criterion, and scores of the same systems under other names."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.formats.import_options import ImportRefusedError
from annotations.models import Study
from hlv.core.tabular.mapping import Mapping
from metaeval.formats.evaluation_options import EvaluationOptions
from metaeval.models import Campaign, Judgment, Method, MetricScore
from metaeval.selectors.judgments import comparison_counts
from metaeval.services.imports import import_judgments, import_scores
from tests.making import make_study

pytestmark = pytest.mark.django_db

CRITERIA = ("plot", "character", "creativity", "development", "language", "overall_quality")
NAMES = {"base3": "base3b", "sft3": "basesft_3b", "basewr3": "basewr_3b", "rl3": "trained_3b"}


def test_six_campaigns_and_their_scores_share_four_methods(shared_data: Path) -> None:
    study = make_study(task=Study.Task.NONE, labels=())
    folder = shared_data / "reasoning_ncp"
    for criterion in CRITERIA:
        mapping = Mapping.parse(["left,right=options", f"winner={criterion}", "item=texts"])
        report = import_judgments(
            study,
            [folder / "3b_pairwise_annotations.csv"],
            options=EvaluationOptions(campaign=criterion, mapping=mapping),
        )
        assert report.n_added == 120
    assert list(Campaign.objects.values_list("name", flat=True)) == list(CRITERIA)
    plot = comparison_counts(Campaign.objects.get(name="plot")).cells
    assert (plot.n_judgments, plot.n_ties, plot.n_judges, plot.n_items) == (120, 20, 0, 120)
    with pytest.raises(ImportRefusedError, match="--names"):
        import_scores(study, [folder / "raw_automated_metrics_3b.csv"])
    scores = import_scores(
        study, [folder / "raw_automated_metrics_3b.csv"], options=EvaluationOptions(names=NAMES)
    )
    assert (scores.n_added, scores.created) == (15928, {"metrics": 20})
    assert Method.objects.count() == 4
    assert Judgment.objects.count() == 720
    of_one = MetricScore.objects.filter(metric__name="rouge-l-f", method__name="basesft_3b")
    assert sorted(of_one.values_list("occurrence", flat=True)) == list(range(362))
