"""Supplementary analyses as snapshots: what all kinds share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from annotations.jobs import store
from annotations.models import Job, SnapshotStored, Study, code_version
from hlv.core.stored_results import dump
from metaeval.figures.drawn_figures import drawn_figures, keep_figures
from metaeval.models import Campaign, Metric, SupplementaryAnalysis
from metaeval.results.ranking_options import Setting


@dataclass(frozen=True, kw_only=True)
class Computed:
    """A result with what it was computed from.

    Attributes
    ----------
    result
        Of a stored kind.
    """

    kind: SupplementaryAnalysis.Kind
    result: object
    parameters: Mapping[str, Setting]
    seed: int
    fingerprint: str
    as_of: datetime
    campaign: Campaign | None = None
    against: Metric | None = None
    undetermined: str = ""


def keep_analysis(job: Job, study: Study, computed: Computed) -> SnapshotStored:
    """Store the snapshot with its figures, and end the job."""
    snapshot = SupplementaryAnalysis(
        study=study,
        job=job,
        kind=computed.kind,
        campaign=computed.campaign,
        against=computed.against,
        seed=computed.seed,
        parameters=dict(computed.parameters),
        code_version=code_version(),
        data_fingerprint=computed.fingerprint,
        as_of=computed.as_of,
        result=dump(computed.result),
        undetermined=computed.undetermined,
    )
    drawings = drawn_figures(snapshot)
    result = SnapshotStored("supplementary_analysis", snapshot.uuid, snapshot.undetermined)
    with transaction.atomic():
        snapshot.save()
        keep_figures(snapshot, drawings)
        store(job, result)
    return result
