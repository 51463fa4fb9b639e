"""The analysis plan of a campaign: its versions, and a form that freezes the next one."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotations.models import User
from annotations.policy import Action
from metaeval.findings.choice_labels import (
    MODEL_WORDS,
    RESAMPLE_WORDS,
    STATISTIC_WORDS,
    TIES_WORDS,
    WEIGHTS_WORDS,
    left_out_words,
)
from metaeval.forms.preregistration import AnalysisPlanForm, initial_values
from metaeval.models import AnalysisPlan
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.selectors.exclusions import Exclusions
from metaeval.selectors.runs import preregistrations
from metaeval.services.preregistration import PlanRefusedError, freeze_plan, known_metrics
from metaeval.services.scoring import default_resamples
from metaeval.views.results import campaign_for


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def analysis_plan(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """What will be computed: read, or frozen anew."""
    campaign = campaign_for(request, campaign_uuid, Action.RUN_JOBS)
    study = campaign.study
    versions = list(preregistrations(campaign))
    if request.method == "POST":
        form = AnalysisPlanForm(request.POST, study=study)
        if form.is_valid():
            try:
                frozen = freeze_plan(campaign, form.planned(), by=cast(User, request.user))
            except PlanRefusedError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("Version %(n)s of the plan is frozen.") % {"n": frozen.version})
                return redirect("analysis-plan", campaign.uuid)
    else:
        known = known_metrics(study)
        standing = (
            PlannedAnalysis.of(versions[-1].content)
            if versions
            else PlannedAnalysis(n_resamples=default_resamples(study))
        )
        form = AnalysisPlanForm(study=study, initial=initial_values(standing))
        if not known:
            form.fields["metrics"].help_text = _(
                "The study has none yet: it needs labels, scores of metrics, or an automatic judge."
            )
    context = {
        "study": study,
        "campaign": campaign,
        "form": form,
        "versions": [plan_lines(plan, known_metrics(study)) for plan in reversed(versions)],
    }
    return render(request, "report/preregistration.html", context, status=400 if form.errors else 200)


def plan_lines(plan: AnalysisPlan, labels: dict[str, str]) -> dict[str, Any]:
    """A version as a page shows it: each setting with its words."""
    planned = PlannedAnalysis.of(plan.content)
    settings = [
        (_("Metrics"), ", ".join(labels.get(name, name) for name in planned.metrics)),
        (_("Statistics"), ", ".join(str(STATISTIC_WORDS[name]) for name in planned.statistics)),
        (_("Ranking"), str(MODEL_WORDS[planned.model])),
        (_("Ties"), str(TIES_WORDS[planned.ties])),
        (
            _("Resampling"),
            _("%(n)s resamples; what is resampled: %(unit)s")
            % {"n": f"{planned.n_resamples:,}", "unit": RESAMPLE_WORDS[planned.resample or ""]},
        ),
        (_("Permutations"), f"{planned.n_permutations:,}"),
        (_("Seed"), str(planned.seed)),
        (_("Prior"), _("none") if not planned.ridge else f"{planned.ridge:g}"),
        (_("Weights of human labels"), str(WEIGHTS_WORDS[planned.weights])),
        (
            _("Verdicts left out"),
            "; ".join(left_out_words(Exclusions.of(planned.as_content()))) or _("none"),
        ),
    ]
    return {
        "plan": plan,
        "settings": settings,
        "exclusions": planned.exclusions,
        "notes": planned.notes,
    }
