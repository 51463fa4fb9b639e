"""Results: a dashboard that reads snapshots and computes nothing but sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from annotations import jobs, policy
from annotations.models import Study, User
from metaeval.charts import metric_agreement, ranking
from metaeval.charts.figures import PDF, PNG, SLIM, SVG
from metaeval.charts.tables import MetricRow, read_methods, read_metrics
from metaeval.forms import ComputeForm
from metaeval.models import Campaign, MetricAgreement, Ranking
from metaeval.selectors.judgments import n_judgments_since
from metaeval.selectors.snapshots import (
    FigureFile,
    agreements_with_scores,
    campaigns_with_standing,
    figure_files,
    newest_agreement,
    newest_ranking,
    unfinished_job,
)
from metaeval.tasks import wake
from metaeval.views.findings import findings, listed, ranking_headline, read_agreement
from metaeval.views.result_tables import Table, agreement_table, as_csv, ranking_table, scores_table

RESAMPLED = {
    "judges": _lazy("judges"),
    "items": _lazy("texts"),
    "both": _lazy("judges and texts"),
    "judgments": _lazy("bare judgments"),
}
TABLES = ("metric-agreement", "ranking", "scores")


@dataclass(frozen=True)
class Picture:
    """The addresses of one figure: drawn wide and slim, light and dark, and as files."""

    light: UUID
    dark: UUID
    slim_light: UUID
    slim_dark: UUID
    files: list[tuple[str, UUID]]


def picture(files: Sequence[FigureFile], name: str) -> Picture | None:
    found = {(file.name, file.theme, file.media_type): file.uuid for file in files}
    light = found.get((name, "light", SVG))
    if light is None:
        return None
    dark = found.get((name, "dark", SVG), light)
    kinds = (("SVG", SVG), ("PNG", PNG), ("PDF", PDF))
    return Picture(
        light=light,
        dark=dark,
        slim_light=found.get((name + SLIM, "light", SVG), light),
        slim_dark=found.get((name + SLIM, "dark", SVG), dark),
        files=[
            (words, found[name, "light", kind]) for words, kind in kinds if (name, "light", kind) in found
        ],
    )


@require_safe
@login_required
def results(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """All campaigns, or straight to the one there is."""
    study = policy.study_for(request.user, study_uuid, policy.Action.SEE_RESULTS)
    campaigns = list(campaigns_with_standing(study))
    with_scores = agreements_with_scores(study)
    if len(campaigns) == 1 and not with_scores:
        return redirect("campaign-results", campaigns[0].uuid)
    context = {
        "study": study,
        "campaigns": campaigns,
        "agreements": [_against_score(agreement, number) for number, agreement in enumerate(with_scores, 1)],
    }
    return render(request, "results/list.html", context)


def _against_score(agreement: MetricAgreement, number: int) -> dict[str, Any]:
    name = agreement.against.name if agreement.against else ""
    return {
        "snapshot": agreement,
        "name": name,
        "findings": findings(None, agreement.result, experts=listed([name])),
        "figure": _agreement_figure(agreement, figure_files(agreement), number=number),
    }


def _campaign_for(request: HttpRequest, campaign_uuid: UUID, action: policy.Action) -> Campaign:
    campaign = Campaign.objects.select_related("study").filter(uuid=campaign_uuid).first()
    if campaign is None:
        raise Http404("No such campaign.")
    policy.require(request.user, campaign.study, action)
    return campaign


@require_safe
@login_required
def campaign_results(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    campaign = _campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = newest_ranking(campaign), newest_agreement(campaign)
    running = unfinished_job(campaign)
    context: dict[str, Any] = {
        "study": campaign.study,
        "campaign": campaign,
        "ranking": ranked,
        "agreement": agreed,
        "running": running,
        "no_worker": running is not None and jobs.no_worker_running(),
        "may_compute": True,
    }
    if ranked is None:
        context["n_judgments"] = n_judgments_since(campaign, campaign.created_at)
        return render(request, "results/empty.html", context)
    files = figure_files(ranked, agreed)
    agreement_result = agreed.result if agreed is not None else None
    context |= {
        "findings": findings(ranked.result, agreement_result, experts=_("the experts")),
        "provenance": _provenance(ranked, agreed),
        "n_since": n_judgments_since(campaign, ranked.as_of),
        "figures": [
            *([_agreement_figure(agreed, files, number=1)] if agreed is not None else []),
            _ranking_figure(ranked, files, number=2 if agreed is not None else 1),
        ],
        "scores": _scores(ranked, agreed),
    }
    return render(request, "results/dashboard.html", context)


def _provenance(ranked: Ranking, agreed: MetricAgreement | None) -> list[str]:
    """All that is needed to compute it again, in the order of interest; the times stand in the template."""
    result = ranked.result
    parts = []
    n_judges = int(result.get("n_judges") or 0)
    parts.append(_("%(n)s judges") % {"n": n_judges} if n_judges else _("judges not known"))
    words = _("%(n)s judgments") % {"n": f"{int(result.get('n_judgments') or 0):,}"}
    if result.get("n_items"):
        words += _(" on %(n)s texts") % {"n": f"{int(result['n_items']):,}"}
    if result.get("n_cannot_judge"):
        words += _(", %(n)s “cannot judge” left out") % {"n": f"{int(result['n_cannot_judge']):,}"}
    parts.append(words)
    if agreed is not None and agreed.scoring is not None:
        parts.append(_("%(n)s scored texts") % {"n": f"{int(agreed.scoring.result.get('n_items') or 0):,}"})
    n_resamples = int(result.get("n_resamples") or 0)
    lost = int(result.get("n_resamples_without_answer") or 0)
    words = _("%(n)s resamples") % {"n": f"{n_resamples:,}"}
    unit = RESAMPLED.get(str(result.get("resampling_unit") or ""))
    if unit and n_resamples:
        words = _("%(n)s resamples of %(unit)s") % {"n": f"{n_resamples:,}", "unit": unit}
    parts.append(words + (_(", %(n)s without an answer") % {"n": lost} if lost else ""))
    parts.append(_("seed %(seed)s") % {"seed": ranked.seed})
    parts.append(ranked.code_version)
    return parts


def _agreement_figure(agreed: MetricAgreement, files: Sequence[FigureFile], *, number: int) -> dict[str, Any]:
    result = agreed.result
    read = read_agreement(result)
    return {
        "number": number,
        "id": f"figure-{number}",
        "title": _("Metrics against the experts")
        if agreed.against is None
        else _("Metrics against %(name)s") % {"name": agreed.against.name},
        "reading": _agreement_reading(
            read.n_methods,
            has_dashes=(chance := metric_agreement.chance_in(result)) is not None and chance.line is not None,
            has_groups=bool(metric_agreement.lettered_groups(result)),
        ),
        "cautions": [*_copies(read_metrics(result)), *(str(note) for note in result.get("notes") or [])],
        "picture": picture(files, metric_agreement.NAME),
        "says": _agreement_says(result),
        "missing": agreed.undetermined or _("No figure was drawn for this snapshot."),
        "table": agreement_table(result),
        "csv": "metric-agreement",
    }


def _agreement_reading(n_methods: int, *, has_dashes: bool, has_groups: bool) -> str:
    sentences = [
        _(
            "Each dot is how alike a metric and people order the %(n)s methods: 1 is the same order, 0 is no relation."
        )
        % {"n": n_methods},
        _("Open dots and all left of the dashes may be chance.")
        if has_dashes
        else _("Open dots may be chance."),
    ]
    if has_groups:
        sentences.append(_("Metrics joined by a line on the right cannot be told apart."))
    return " ".join(sentences)


def _agreement_says(result: Mapping[str, Any]) -> str:
    """The figure in words, for those who do not see it."""
    rows = [row for row in read_metrics(result) if row.tau]
    if not rows:
        return _("No metric has an agreement to show.")
    said = [f"{row.name} {_in_words(row)}" for row in rows[:8]]
    more = len(rows) - len(said)
    return _("Kendall tau-b with 95 %% intervals, best first: %(rows)s%(more)s.") % {
        "rows": "; ".join(said),
        "more": _("; %(n)s more in the table") % {"n": more} if more else "",
    }


def _in_words(row: MetricRow) -> str:
    tau = row.tau
    if tau is None:
        return _("undefined")
    if tau.low is None or tau.high is None:
        return f"{tau.value:.2f}"
    return _("%(value)s, %(low)s to %(high)s") % {
        "value": f"{tau.value:.2f}",
        "low": f"{tau.low:.2f}",
        "high": f"{tau.high:.2f}",
    }


def _copies(rows: Sequence[MetricRow]) -> list[str]:
    """Metrics that only rescale one another: the same finding under several names."""
    named: dict[str, list[str]] = {}
    for row in rows:
        named.setdefault(row.hypothesis, []).append(row.name)
    return [
        _("%(names)s are one measure on different scales and count once.") % {"names": listed(names, most=8)}
        for names in named.values()
        if len(names) > 1
    ]


def _ranking_figure(ranked: Ranking, files: Sequence[FigureFile], *, number: int) -> dict[str, Any]:
    result = ranked.result
    methods = read_methods(result)
    return {
        "number": number,
        "id": f"figure-{number}",
        "title": _("The experts’ own ranking"),
        "reading": "" if ranked.undetermined else ranking_headline(methods),
        "cautions": [
            *([_("Thick bars are the ranks that the judgments leave open.")] if methods else []),
            *(str(note) for note in result.get("notes") or []),
        ],
        "picture": picture(files, ranking.NAME),
        "says": _("%(scale)s with 95 %% intervals, strongest first: %(rows)s.")
        % {
            "scale": ranking.scale_title(result),
            "rows": "; ".join(f"{row.name} {row.strength.value:.2f}" for row in methods[:12]),
        },
        "missing": ranked.undetermined or _("No figure was drawn for this snapshot."),
        "table": None if ranked.undetermined else ranking_table(result),
        "csv": "ranking",
    }


def _scores(ranked: Ranking | None, agreed: MetricAgreement | None) -> Table | None:
    if agreed is None or agreed.scoring is None:
        return None
    order = [row.name for row in read_methods(ranked.result)] if ranked is not None else []
    table = scores_table(agreed.scoring.result, order=order)
    return table if table.rows else None


@require_safe
@login_required
def campaign_table(request: HttpRequest, campaign_uuid: UUID, table: str) -> HttpResponse:
    """A table of the dashboard as a file."""
    campaign = _campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = newest_ranking(campaign), newest_agreement(campaign)
    found: Table | None = None
    if table == "metric-agreement" and agreed is not None:
        found = agreement_table(agreed.result)
    elif table == "ranking" and ranked is not None:
        found = ranking_table(ranked.result)
    elif table == "scores":
        found = _scores(ranked, agreed)
    if table not in TABLES or found is None:
        raise Http404("No such table.")
    name = f"{slugify(campaign.study.slug)}-{table}.csv"
    return HttpResponse(
        as_csv(found),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_POST
@login_required
def compute(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Ask a worker for a new snapshot; asking twice is asking once."""
    study = policy.study_for(request.user, study_uuid, policy.Action.RUN_JOBS)
    form = ComputeForm(request.POST)
    if not form.is_valid():
        context = {"reason": _("Say which campaign is to be computed.")}
        return render(request, "400.html", context, status=400)
    return redirect("job", _job_of(request, study, form.cleaned_data["campaign"]))


def _job_of(request: HttpRequest, study: Study, campaign_uuid: UUID) -> UUID:
    with transaction.atomic():
        # The lock makes the second of two clicks find the job of the first.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        campaign = study.campaigns.filter(uuid=campaign_uuid).first()
        if campaign is None:
            raise Http404("No such campaign.")
        known = unfinished_job(campaign)
        if known is not None:
            return known.uuid
        job = jobs.create(
            kind="metaeval",
            study=study,
            params={"campaign": str(campaign.uuid)},
            created_by=request.user if isinstance(request.user, User) else None,
        )
        wake(job)
        return job.uuid
