"""How a round of annotating goes: live counts above, the newest report below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from annotations import policy
from annotations.findings import round_findings as say
from annotations.findings import round_tables as tabled
from annotations.models import DrawParams, Missing, Participant, RoundFigure, RoundReport, Study
from annotations.results.round_report import AnnotationTime, read_label_agreement, read_round
from annotations.selectors.answers import (
    MOST_REMARKS,
    has_labels_of_people,
    n_open_remarks,
    remarks,
    remarks_for_page,
)
from annotations.selectors.exports import names_by_pseudonym
from annotations.selectors.progress import (
    Share,
    annotating_people,
    answers_came_from_files,
    figure_files,
    item_coverage,
    newest_report,
    pace,
    participant_shares,
    unfinished_report,
)
from annotations.submit_responses import reply_with_figure, reply_with_job
from annotations.views.divisive_texts import choices, chosen, page_of, remark_line, text_lines
from annotations.workers import no_worker_running
from hlv.core.figures.figure_files import FigureFile, picture
from hlv.core.rendering.sentences import Finding
from hlv.core.rendering.tables import Table

PEOPLE_PER_PAGE = 50
NEWEST_REMARKS = 5
ORDERS: dict[str, str | Promise] = {
    "number": gettext_lazy("by number"),
    "most": gettext_lazy("most done first"),
    "least": gettext_lazy("least done first"),
    "latest": gettext_lazy("latest at work first"),
}


@require_safe
@login_required
def progress(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    study = policy.study_for(request.user, study_uuid, policy.Action.WATCH)
    if study.task == Study.Task.NONE:
        return render(request, "progress/no_labels.html", {"study": study})
    actions = policy.actions_in(request.user, study)
    sees_names = policy.Action.SEE_NAMES in actions
    order = chosen(request.GET, {"people": ORDERS.keys()})
    report = newest_report(study)
    names = names_by_pseudonym(study, with_names=sees_names)
    context = {
        "study": study,
        "now": timezone.now(),
        "actions": actions,
        "sees_names": sees_names,
        **_live(study),
        "orders": choices(order, {"people": ORDERS})["people"],
        "people_query": urlencode(order),
        "newest": [
            remark_line(answer, sees_names=sees_names)
            for answer in remarks_for_page(remarks(study))[:NEWEST_REMARKS]
        ],
        "report": report,
        "running": (running := unfinished_report(study)),
        "no_worker": running is not None and no_worker_running(),
    }
    context["people"] = _people(
        list(annotating_people(study).select_related("user")),
        context["shares"],
        report,
        order["people"],
        request,
    )
    if report is not None:
        context |= _computed(study, report, names)
    elif not has_labels_of_people(study):
        context["missing"] = [Missing.ANSWERS]
    return render(request, "progress/progress.html", context)


def _live(study: Study) -> dict[str, Any]:
    """Numbers of this moment, whose cost does not grow with the answers."""
    now = timezone.now()
    covered = item_coverage(study)
    shares = participant_shares(study)
    hours = [share.last_hour for share in shares.values() if share.last_hour]
    first = min((share.first_hour for share in shares.values() if share.first_hour), default=None)
    paced = pace(study, last_hour=max(hours, default=None), now=now)
    since = None if first is None else first.astimezone(ZoneInfo(study.time_zone)).date()
    waiting = n_open_remarks(study)
    from_files = answers_came_from_files(study)
    return {
        "headline": say.headline(covered, from_files=from_files),
        "from_files": from_files,
        "covered": covered,
        "percent": int(100 * covered.n_answers / covered.n_wanted) if covered.n_wanted else 0,
        "shares": shares,
        "n_at_work": sum(hour >= now - timedelta(days=7) for hour in hours),
        "n_waiting": waiting,
        "more_waiting": waiting >= MOST_REMARKS,
        "coverage": {
            "reading": say.coverage_reading(covered, from_files=from_files),
            "bars": tabled.coverage_bars(covered),
        },
        "pace": {
            "reading": say.pace_reading(paced),
            "projection": say.projection(study, covered, paced, since=since),
            "columns": tabled.pace_columns(paced),
            "width": 10 * len(paced.days),
            "first": paced.days[0][0],
            "last": paced.days[-1][0],
            "ends_today": paced.ends_today,
            "most": max(n for _day, n in paced.days),
            "table": tabled.pace_table(paced),
        },
    }


@dataclass(frozen=True)
class PersonLine:
    """A person with what they gave, and how long a text takes them."""

    person: Participant
    share: Share
    time: AnnotationTime | None

    @property
    def active(self) -> str:
        return _duration(self.share.active_ms)

    def rank(self, order: str) -> float:
        """Their place by one of `ORDERS`; those who never worked come last."""
        last = self.share.last_hour
        return {
            "most": -self.share.n_done,
            "least": self.share.n_done,
            "latest": -last.timestamp() if last else 0.0,
        }.get(order, 0.0)


def _people(
    people: list[Participant],
    shares: dict[int, Share],
    report: RoundReport | None,
    order: str,
    request: HttpRequest,
) -> Page[PersonLine]:
    times = {row.annotator: row for row in read_round(report).times} if report else {}

    lines = [
        PersonLine(person, shares.get(person.pk, Share()), times.get(f"Annotator {person.number}"))
        for person in people
    ]
    lines.sort(key=lambda line: (line.rank(order), line.person.number))
    return page_of(lines, request.GET, size=PEOPLE_PER_PAGE)


def _duration(ms: int) -> str:
    minutes = round(ms / 60_000)
    if minutes >= 60:
        return _("%(h)s h %(m)s min") % {"h": minutes // 60, "m": f"{minutes % 60:02d}"}
    return _("%(m)s min") % {"m": minutes} if ms else "–"


def _computed(study: Study, report: RoundReport, names: dict[str, str]) -> dict[str, Any]:
    """The newest report, which was computed by a worker as of a time."""
    files, result = figure_files(report), read_round(report)
    agreement = read_label_agreement(report.agreement)
    figures = [
        _figure(
            files, 3, "agreement", _("Agreement"), say.agreement_reading(agreement),
            tabled.agreement_table(agreement, result.groups), missing=report.undetermined,
        ),
        _figure(
            files, 4, "growth", _("Agreement as it grew"), say.growth_reading(result.growth, n_from_files=result.n_from_files),
            tabled.growth_table(result) if result.growth else None, missing=say.no_growth(result),
        ),
        _figure(
            files, 5, "entropy", _("How divided the texts are"),
            say.entropy_reading(result.entropy, several_labels=not study.one_label_only),
            tabled.entropy_table(result.entropy), missing=_("There is no text to draw yet."),
        ),
    ]  # fmt: skip
    return {
        "figures": figures,
        "annotators": {
            "reading": say.annotators_reading(result.annotators),
            "table": tabled.annotators_table(result, names=names),
        },
        "divided": text_lines(study, result.divided, labels=result.labels),
        "n_flagged": result.n_flagged,
        "n_resamples": result.n_resamples,
    }


def _figure(
    files: list[FigureFile],
    number: int,
    name: str,
    title: str,
    reading: Sequence[Finding | str],
    table: Table | None,
    *,
    missing: str,
) -> dict[str, Any]:
    return {
        "number": number,
        "id": f"figure-{number}",
        "title": title,
        "reading": reading,
        "picture": picture(files, name),
        "summary": " ".join(map(str, reading)),
        "missing": missing or _("There is nothing to draw yet."),
        "table": table,
    }


@require_POST
@login_required
def recompute_report(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Ask a worker for a new report; asking twice is asking once."""
    study = policy.study_for(request.user, study_uuid, policy.Action.WATCH)
    # Whatever it draws, a report that is on its way is the one that is asked for.
    return reply_with_job(request, study, "round", DrawParams(), same=lambda _job: True)


@require_safe
@login_required
def figure(request: HttpRequest, figure_uuid: UUID) -> HttpResponse:
    """A drawing as it was kept, shown in a page, or saved as a file with `?download`."""
    found = RoundFigure.objects.select_related("report__study").filter(uuid=figure_uuid).first()
    if found is None:
        raise Http404("No such figure.")
    study = found.report.study
    policy.require(request.user, study, policy.Action.WATCH, of="figure")
    theme = "" if found.theme == "light" else f"-{found.theme}"
    return reply_with_figure(
        bytes(found.content),
        found.media_type,
        name=f"{slugify(study.slug)}-{found.name}{theme}",
        download="download" in request.GET,
        printed="printed" in request.GET,
    )
