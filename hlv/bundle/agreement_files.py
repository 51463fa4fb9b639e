"""Files of the newest metric agreements in a bundle."""

from __future__ import annotations

from typing import Final

from metaeval.exporters.results import (
    AGREEMENT_HEADER,
    DIFFERENCE_HEADER,
    GROUP_HEADER,
    agreement_rows,
    difference_rows,
    group_rows,
)
from metaeval.findings.outlier_tables import OUTLIER_HEADER, outlier_rows

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
