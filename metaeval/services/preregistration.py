"""Preregistrations: the planned analysis, frozen with a time and a digest before results are known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.jobs import JobRefusedError
from annotations.models import Study, User
from hlv.core.tabular.writing import iso
from hlv.stats.labels.distributions import checked_task
from hlv.stats.metrics.registry import metrics_for
from metaeval.models import AnalysisPlan, AutomaticJudge, Campaign, Metric
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.results.ranking_options import Setting
from metaeval.selectors.judgments import FIRST_VERDICTS, current_judgments
from metaeval.selectors.snapshots import newest_preregistration
from metaeval.services.metric_agreement import check_options
from metaeval.services.text_blocks import text_blocks

# What a plan may name as its tests, the primary one first.
STATISTICS: Final = (
    "kendall_tau_b",
    "spearman",
    "pearson",
    "pairwise_accuracy",
    "soft_pairwise_accuracy",
)
MOST_EXCLUSIONS: Final = 50
LONGEST_LINE: Final = 500
LONGEST_NOTES: Final = 20_000


class PreregistrationRefusedError(ValueError):
    """Nothing was frozen; the sentence gives the reason."""


def known_metrics(study: Study) -> dict[str, str]:
    """Names that a plan may give, with what pages call them: built in, uploaded, and automatic judges."""
    found: dict[str, str] = {}
    if study.task != Study.Task.NONE:
        found |= {metric.name: metric.label for metric in metrics_for(checked_task(study.task))}
    uploads = Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED).order_by("name")
    judges = AutomaticJudge.objects.filter(study=study).order_by("name")
    for name in (*uploads.values_list("name", flat=True), *judges.values_list("name", flat=True)):
        found.setdefault(name, name)
    return found


def preregister(campaign: Campaign, planned: PlannedAnalysis, *, by: User | None) -> AnalysisPlan:
    """Another version of the plan, which stays as it is.

    Raises
    ------
    PreregistrationRefusedError
        It could not be computed, or it equals the version in force.
    """
    check_plan(campaign.study, planned)
    content = planned.as_content()
    with transaction.atomic():
        # Two at once would take one number.
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        before = newest_preregistration(campaign)
        # As it is read today: what an old version lacks has the program's default.
        if before is not None and PlannedAnalysis.of(before.content).as_content() == content:
            raise PreregistrationRefusedError(
                _("Version %(n)s is identical, so nothing was frozen.") % {"n": before.version}
            )
        moment = timezone.now()
        version = 1 if before is None else before.version + 1
        n_before = current_judgments(campaign).filter(FIRST_VERDICTS).count()
        return AnalysisPlan.objects.create(
            campaign=campaign,
            version=version,
            content=content,
            n_judgments_before=n_before,
            frozen_at=moment,
            frozen_by=by,
            digest=digest_of(
                campaign,
                version=version,
                content=content,
                frozen_at=moment,
                n_judgments_before=n_before,
                before="" if before is None else before.digest,
            ),
        )


def planned_params(campaign: Campaign) -> dict[str, Setting]:
    """The options of the plan in force; empty where there is none."""
    plan = newest_preregistration(campaign)
    return {} if plan is None else PlannedAnalysis.of(plan.content).as_job_params()


def planned_ranking_params(campaign: Campaign) -> dict[str, Setting]:
    """The same for a ranking alone, which has no metrics whose labels could be weighted."""
    return {name: value for name, value in planned_params(campaign).items() if name != "weights"}


def digest_of(
    campaign: Campaign,
    *,
    version: int,
    content: Mapping[str, Setting],
    frozen_at: datetime,
    n_judgments_before: int,
    before: str,
) -> str:
    """SHA-256 of the content of a plan, chained to the version before it: no version can be changed alone."""
    hashed = {
        "campaign": str(campaign.uuid),
        "version": version,
        "content": content,
        "frozen_at": iso(frozen_at),
        "n_judgments_before": n_judgments_before,
        "before": before,
    }
    return hashlib.sha256(
        json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def check_plan(study: Study, planned: PlannedAnalysis) -> None:
    """Refuse what no computation could follow."""
    try:
        check_options(study, planned.as_job_params())
        text_blocks(study, planned.block_by)
    except JobRefusedError as refusal:
        raise PreregistrationRefusedError(str(refusal)) from refusal
    if not planned.metrics:
        raise PreregistrationRefusedError(_("Name at least one metric: the one for the claim."))
    known = known_metrics(study)
    for name in planned.metrics:
        if name not in known:
            raise PreregistrationRefusedError(
                _("The study has no metric %(name)s; it has %(known)s.")
                % {"name": f"“{name}”", "known": ", ".join(known) or _("none yet")}
            )
    for name in planned.statistics:
        if name not in STATISTICS:
            raise PreregistrationRefusedError(
                _("There is no statistic %(name)s (known: %(known)s).")
                % {"name": f"“{name}”", "known": ", ".join(STATISTICS)}
            )
    if not planned.statistics:
        raise PreregistrationRefusedError(_("Name at least one statistic, the primary one first."))
    for names in (planned.metrics, planned.statistics):
        if len(set(names)) < len(names):
            raise PreregistrationRefusedError(_("A name is repeated. Remove it."))
    if len(planned.exclusions) > MOST_EXCLUSIONS or any(
        len(line) > LONGEST_LINE for line in planned.exclusions
    ):
        raise PreregistrationRefusedError(
            _("At most %(n)s exclusions of %(letters)s letters each.")
            % {"n": MOST_EXCLUSIONS, "letters": LONGEST_LINE}
        )
    if len(planned.notes) > LONGEST_NOTES:
        raise PreregistrationRefusedError(
            _("The notes are longer than %(n)s letters.") % {"n": f"{LONGEST_NOTES:,}"}
        )
