"""Cells of the table over campaigns: their estimates, and which of them are significant after correction."""

from __future__ import annotations

import pytest

from hlv.stats.meta_evaluation.agreement_result import Coefficient
from metaeval.results.agreement_over_campaigns import (
    AgreementCell,
    AgreementOverCampaigns,
    MetricOverCampaigns,
)
from metaeval.results.metric_rows import Estimate


def test_a_cell_has_the_estimate_of_its_coefficient() -> None:
    found = AgreementCell(coefficient=Coefficient(0.5, (0.2, 0.7), 0.01))
    assert found.estimate == Estimate(0.5, 0.2, 0.7, 0.01)
    assert AgreementCell(coefficient=Coefficient(0.5)).estimate == Estimate(0.5)


def test_an_undefined_coefficient_has_no_estimate() -> None:
    assert AgreementCell(coefficient=Coefficient(None, undetermined="All scores are equal.")).estimate is None
    assert AgreementCell().estimate is None


@pytest.mark.parametrize(
    ("p", "expected"), [(0.0, True), (0.049, True), (0.05, False), (1.0, False), (None, False)]
)
def test_significance_is_that_of_the_corrected_p(p: float | None, expected: bool) -> None:
    # The p of the cell alone is below the level.
    assert AgreementCell(coefficient=Coefficient(0.5, None, 0.001), adjusted_p=p).is_significant is expected


def test_tested_cells_are_those_with_a_corrected_p() -> None:
    tested, other = AgreementCell(adjusted_p=1.0), AgreementCell(undetermined="One method.")
    rows = [
        MetricOverCampaigns(name=name, label=name, origin="", higher_is_better=True, cells=cells)
        for name, cells in (("x", [other, tested]), ("y", [other]), ("z", [tested]))
    ]
    found = AgreementOverCampaigns(
        statistic="kendall_tau_b", columns=[], rows=rows, n_tests=2, smallest_adjusted_p=None, n_undecidable=0
    )
    assert found.tested == [tested, tested]
