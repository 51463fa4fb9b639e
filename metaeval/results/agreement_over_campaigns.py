"""Metric agreement over several criteria, campaigns and studies: one table with one correction."""

from __future__ import annotations

from dataclasses import dataclass, field

from hlv.stats.meta_evaluation.agreement_result import Coefficient
from metaeval.results.metric_rows import LEVEL, Estimate, estimate_of


@dataclass(frozen=True, kw_only=True)
class AgreementSource:
    """One column: what the metrics are compared with, and the snapshot that has it.

    Attributes
    ----------
    study
        Its short name.
    campaign, against
        The criterion of judgments, or the uploaded human score; the other is blank.
    base_model
        Blank for all methods.
    title
        What distinguishes it from the other columns.
    snapshot, as_of, seed, code_version
        Of the metric agreement.
    undetermined
        Why no metric has a value.
    corrected
        Metrics whose direction was corrected after the snapshot.
    """

    study: str
    campaign: str = ""
    against: str = ""
    base_model: str = ""
    title: str
    snapshot: str
    as_of: str
    seed: int
    code_version: str
    n_methods: int
    n_judgments: int | None = None
    undetermined: str = ""
    corrected: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class AgreementCell:
    """One metric in one column.

    Attributes
    ----------
    coefficient
        None where the column has no such metric.
    adjusted_p
        By Holm's rule over all tested cells of the table; None where nothing was tested.
    """

    coefficient: Coefficient | None = None
    n_methods: int | None = None
    adjusted_p: float | None = None
    undetermined: str = ""

    @property
    def estimate(self) -> Estimate | None:
        return estimate_of(self.coefficient)

    @property
    def is_significant(self) -> bool:
        return self.adjusted_p is not None and self.adjusted_p < LEVEL


@dataclass(frozen=True, kw_only=True)
class MetricOverCampaigns:
    """One row: the cells of a metric, in the order of the columns."""

    name: str
    label: str
    origin: str
    higher_is_better: bool
    cells: list[AgreementCell]


@dataclass(frozen=True, kw_only=True)
class AgreementOverCampaigns:
    """The table.

    Attributes
    ----------
    n_tests
        Of the family; affine copies of a metric in a column count once.
    smallest_adjusted_p
        The smallest that any cell can have; None without tests.
    n_undecidable
        Tested cells whose smallest possible adjusted p is not below the level.
    left_out
        Human scores of a column that are uploaded metrics elsewhere and no rows here.
    """

    statistic: str
    columns: list[AgreementSource]
    rows: list[MetricOverCampaigns]
    n_tests: int
    smallest_adjusted_p: float | None
    n_undecidable: int
    left_out: list[str] = field(default_factory=list)

    @property
    def tested(self) -> list[AgreementCell]:
        return [cell for row in self.rows for cell in row.cells if cell.adjusted_p is not None]
