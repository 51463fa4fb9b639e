"""Files of the newest metric agreements in a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hlv.bundle.folder import Bundle
from hlv.core.rendering.tables import file_rows
from metaeval.exporters.agreement_over_campaigns import FILE_NAME
from metaeval.exporters.results import (
    AGREEMENT_HEADER,
    DIFFERENCE_HEADER,
    GROUP_HEADER,
    agreement_rows,
    difference_rows,
    group_rows,
)
from metaeval.findings.agreement_over_campaigns_tables import OVER_CAMPAIGNS_HEADER, file_table
from metaeval.findings.outlier_tables import OUTLIER_HEADER, outlier_rows
from metaeval.models import MetricAgreement
from metaeval.results.metric_rows import MEASURES
from metaeval.services.agreement_over_campaigns import agreement_over_campaigns

# Of each file its name, header, rows of one, and what a file holds.
OF_AGREEMENTS: Final = (
    (
        "metric-agreements.csv",
        AGREEMENT_HEADER,
        agreement_rows,
        "the newest agreement of metrics with each human side",
    ),
    (
        "metric-differences.csv",
        DIFFERENCE_HEADER,
        difference_rows,
        "which of two metrics agrees better with each human side, every two of them",
    ),
    (
        "metric-groups.csv",
        GROUP_HEADER,
        group_rows,
        "the same agreement within each base model, and its mean over base models",
    ),
    (
        "metric-outliers.csv",
        OUTLIER_HEADER,
        outlier_rows,
        "the same agreement without outlier methods, and without a direction",
    ),
)


def write_over_campaigns(bundle: Bundle, snapshots: Sequence[MetricAgreement]) -> None:
    """One table of all human sides, where there are several; each statistic has its own Holm correction."""
    if len(snapshots) < 2:
        return
    tables = [
        table
        for statistic in MEASURES
        for table in file_table(agreement_over_campaigns(snapshots, statistic=statistic))
    ]
    bundle.table(
        f"{FILE_NAME}.csv",
        OVER_CAMPAIGNS_HEADER,
        file_rows(tables, OVER_CAMPAIGNS_HEADER),
        about="the newest agreement with all human sides: for each statistic one Holm correction over all of them",
    )
