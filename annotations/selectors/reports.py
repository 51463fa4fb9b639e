"""Reports on rounds, as pages read them; the bytes of figures stay where they are."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from annotations.models import Job, RoundFigure, RoundReport, Study

ASKED_FOR = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True)
class RoundFigureFile:
    """One drawn file of a figure, by what a page asks for."""

    uuid: UUID
    name: str
    theme: str
    media_type: str


def newest_report(study: Study, *, with_texts: bool = False) -> RoundReport | None:
    reports = RoundReport.objects.filter(study=study).select_related("agreement").order_by("-pk")
    return (reports if with_texts else reports.defer("texts")).first()


def figure_files(report: RoundReport | None) -> list[RoundFigureFile]:
    rows = RoundFigure.objects.filter(report=report).order_by("pk")
    return [RoundFigureFile(*row) for row in rows.values_list("uuid", "name", "theme", "media_type")]


def unfinished_report(study: Study) -> Job | None:
    """A report that is asked for and not over."""
    return study.jobs.filter(kind="round", state__in=ASKED_FOR).order_by("-pk").first()
