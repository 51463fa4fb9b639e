"""The columns that docs/formats.md gives for CSV files are those of the program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from metaeval.exporters.results import AGREEMENT_HEADER, DIFFERENCE_HEADER, GROUP_HEADER
from metaeval.findings.agreement_over_campaigns_tables import OVER_CAMPAIGNS_HEADER
from metaeval.findings.agreement_robustness import CEILING_HEADER
from metaeval.findings.annotator_number_tables import ANNOTATOR_HEADER, CORRECTED_HEADER
from metaeval.findings.judge_findings import JUDGE_HEADER
from metaeval.findings.outlier_tables import OUTLIER_HEADER
from metaeval.findings.pair_findings import PAIR_HEADER
from metaeval.findings.ranking_tables import RANKING_HEADER
from metaeval.findings.score_tables import SCORE_HEADER
from metaeval.findings.segment_agreement_tables import (
    HUMAN_SYSTEMS_HEADER,
    SEGMENT_DIFFERENCE_HEADER,
    SEGMENT_HEADER,
    SEGMENT_SYSTEMS_HEADER,
)
from metaeval.findings.sensitivity_findings import SENSITIVITY_HEADER
from metaeval.results.method_scores import METHOD_SCORE_HEADER

FORMATS = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
HEADERS: dict[str, Sequence[str]] = {
    "ranking": RANKING_HEADER,
    "metric-agreement": AGREEMENT_HEADER,
    "metric-differences": DIFFERENCE_HEADER,
    "metric-groups": GROUP_HEADER,
    "agreement-over-campaigns": OVER_CAMPAIGNS_HEADER,
    "metric-outliers": OUTLIER_HEADER,
    "scores": SCORE_HEADER,
    "judges": JUDGE_HEADER,
    "pairs": PAIR_HEADER,
    "metric-ranks": METHOD_SCORE_HEADER,
    "sensitivity": SENSITIVITY_HEADER,
    "segment-agreement": SEGMENT_HEADER,
    "segment-differences": SEGMENT_DIFFERENCE_HEADER,
    "segment-systems": SEGMENT_SYSTEMS_HEADER,
    "human-systems": HUMAN_SYSTEMS_HEADER,
    "annotator-numbers": ANNOTATOR_HEADER,
    "corrected-scores": CORRECTED_HEADER,
    "noise-ceiling": CEILING_HEADER,
}


def documented_columns(table: str) -> list[str]:
    """In their order. What brackets explain is no column."""
    section = FORMATS.read_text(encoding="utf-8").partition("## CSV of results")[2]
    row = next(line for line in section.splitlines() if line.startswith(f"| `{table}` |"))
    columns = re.sub(r"\([^)]*\)", "", row.split(" | ")[2])
    names = re.findall(r"`([^`]+)`", columns)
    if "then as" not in columns:
        return names
    before, (as_table, *left_out) = names[: names.index("metric-agreement")], names[-2:]
    return [*before, *(name for name in documented_columns(as_table) if name not in {*left_out, *before})]


@pytest.mark.parametrize("table", HEADERS)
def test_the_docs_give_the_columns_of_a_table_in_their_order(table: str) -> None:
    assert documented_columns(table) == list(HEADERS[table])
