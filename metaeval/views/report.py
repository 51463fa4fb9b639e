"""The report of a campaign: to be read, printed and cited, and its parts as files for a paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from annotations import policy
from hlv.core.rendering.latex import PaperTable, latex_paragraph, latex_table
from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.tables import Table
from hlv.core.tabular.writing import iso
from metaeval.exporters.references import bibtex
from metaeval.findings.dashboard import dashboard, selection_words
from metaeval.findings.methods_section import citation, date_text, methods_paragraph, paper_tables
from metaeval.findings.preregistration_findings import Departure, PlanFindings, find_departure, plan_findings
from metaeval.findings.sensitivity_findings import sensitivity_section
from metaeval.models import AnalysisPlan, Campaign, MetricAgreement, Ranking
from metaeval.selectors.runs import newest_preregistration, preregistrations
from metaeval.selectors.snapshots import newest_sensitivity, snapshot_selection
from metaeval.services.preregistration import known_metrics
from metaeval.views.preregistration import plan_lines
from metaeval.views.results import campaign_for, snapshots_for

COLUMNS_OF_A_SHEET = 7
METHODS_TEX, METHODS_TEXT, REFERENCES = "methods.tex", "methods.txt", "references.bib"


@dataclass(frozen=True)
class Reported:
    """What a report speaks of: snapshots that belong together, and the plan that was in force for them."""

    campaign: Campaign
    ranked: Ranking
    agreed: MetricAgreement | None
    plan: AnalysisPlan | None

    @property
    def paragraph(self) -> list[str]:
        said = methods_paragraph(self.ranked, self.agreed, self.plan)
        return said if self.departure is None else [*said, *self.departure.sentences]

    @cached_property
    def departure(self) -> Departure | None:
        return find_departure(self.ranked, self.plan)

    @property
    def held_against_plan(self) -> PlanFindings | None:
        return plan_findings(self.plan, self.ranked, self.agreed)

    @property
    def tables(self) -> list[PaperTable]:
        return paper_tables(self.ranked, self.agreed)

    @property
    def references(self) -> str:
        return bibtex(
            citation(self.ranked, self.agreed),
            study=self.campaign.study.name,
            version=self.ranked.code_version,
            as_of=iso(date_text(self.ranked, self.agreed)),
        )

    def files(self) -> dict[str, str]:
        """For a paper, and therefore in its language whatever the reader's: name to text."""
        with override("en"):
            return {
                METHODS_TEXT: reported_text(self),
                METHODS_TEX: latex_paragraph(self.paragraph),
                REFERENCES: self.references,
                **{f"{table.name}.tex": latex_table(table) for table in self.tables},
            }


def reported(campaign: Campaign, ranked: Ranking, agreed: MetricAgreement | None) -> Reported:
    """With the plan that stood when the data were taken; an agreement with an earlier ranking is no part of it."""
    if agreed is not None and agreed.ranking_id != ranked.pk:
        agreed = None
    return Reported(campaign, ranked, agreed, newest_preregistration(campaign, as_of=ranked.as_of))


def reported_text(report: Reported) -> str:
    """The paragraph, and what was planned and added, as plain text."""
    lines = [" ".join(report.paragraph), ""]
    held = report.held_against_plan
    if held is None:
        return unmarked("\n".join(lines))
    lines.append(_("Planned and done:"))
    for line in held.lines:
        mark = _(" [departs from the plan]") if line.departs else ""
        lines.append(f"- {line.what}: {line.planned} | {line.done}{mark}")
    lines += ["", _("Added:"), *(f"- {words}" for words in held.added or [_("nothing")])]
    return unmarked("\n".join(lines) + "\n")


@require_safe
@login_required
def campaign_report(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """One document: what was planned, done and found; of the newest snapshot, or for good of the one named."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = snapshots_for(request, campaign)
    if ranked is None:
        return redirect("campaign-results", campaign.uuid)
    report = reported(campaign, ranked, agreed)
    agreed = report.agreed
    shown = dashboard(ranked, agreed, QueryDict())
    labels = known_metrics(campaign.study)
    context: dict[str, Any] = {
        "study": campaign.study,
        "campaign": campaign,
        "ranking": ranked,
        "agreement": agreed,
        "fixed": "snapshot" in request.GET,
        "part": selection_words(snapshot_selection(ranked)),
        "view_query": shown.view_query,
        "n_since": shown.n_since,
        "findings": shown.findings,
        "sensitivity": sensitivity_section(newest_sensitivity(ranked), ranked, None),
        "paragraph": report.paragraph,
        "held": report.held_against_plan,
        "departure": report.departure,
        "plan": report.plan,
        "versions": [plan_lines(plan, labels) for plan in preregistrations(campaign)],
        "later_plan": preregistrations(campaign).filter(frozen_at__gt=ranked.as_of).exists(),
        "figures": [*shown.first_figures, *shown.further_figures],
        "scores": report_sheets(shown.scores),
        "references": report.references,
        "file_names": [METHODS_TEXT, METHODS_TEX, REFERENCES, *(f"{one.name}.tex" for one in report.tables)],
    }
    return render(request, "report/report.html", context)


def report_sheets(table: Table | None) -> list[Table]:
    """In parts that a sheet of paper is wide enough for."""
    return [] if table is None else table.sheets(COLUMNS_OF_A_SHEET)


@require_safe
@login_required
def report_file(request: HttpRequest, campaign_uuid: UUID, name: str) -> HttpResponse:
    """A part of the report as a file: LaTeX, BibTeX or plain text."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = snapshots_for(request, campaign)
    if ranked is None:
        raise Http404("No such file.")
    text = reported(campaign, ranked, agreed).files().get(name)
    if text is None:
        raise Http404("No such file.")
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{slugify(campaign.study.slug)}-{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
