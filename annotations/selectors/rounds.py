"""What a report on a round reads: every current answer once, in a worker."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from annotations.models import Annotation, Job, Participant, RoundFigure, RoundReport, Study
from annotations.selectors.answers import current_answers
from hlv.core.figures.figure_files import FigureFile

FLAGS = ("facts_insufficient", "guideline_unclear", "skipped")


@dataclass(frozen=True)
class Annotator:
    """Under the pseudonym of files, which no language changes."""

    pseudonym: str
    group: str


def round_annotators(study: Study) -> dict[int, Annotator]:
    rows = study.participants.filter(role=Participant.Role.ANNOTATOR).values_list("pk", "number", "group")
    return {pk: Annotator(f"Annotator {number}", group) for pk, number, group in rows}


def item_flags(study: Study, *, as_of: datetime) -> dict[int, tuple[int, int, int]]:
    """Of each item with any: current answers that say "facts insufficient", "guideline unclear", or skip."""
    flagged = current_answers(study, as_of=as_of).filter(
        Q(facts_insufficient=True) | Q(guideline_unclear=True) | Q(skipped=True)
    )
    counts = {flag: Count("pk", filter=Q(**{flag: True})) for flag in FLAGS}
    rows = flagged.order_by("item_id").values_list("item_id").annotate(**counts)
    return {item: (facts, guideline, skips) for item, facts, guideline, skips in rows}


def active_times(study: Study, *, as_of: datetime) -> dict[int, list[int]]:
    """Milliseconds of each first answer of a person here, by participant; skips and revisions left out."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = Annotation.objects.filter(
        item__study=study,
        import_batch__isnull=True,
        replaces__isnull=True,
        skipped=False,
        active_ms__isnull=False,
        received_at__lte=as_of,
    )
    for participant, active_ms in rows.values_list("participant_id", "active_ms").iterator(chunk_size=20_000):
        found[participant].append(active_ms or 0)
    return dict(found)


def item_order(study: Study) -> dict[int, tuple[str, int]]:
    """UUID and position of every item."""
    rows = study.items.order_by().values_list("pk", "uuid", "position")
    return {pk: (str(uuid), position) for pk, uuid, position in rows}


ASKED_FOR = (Job.State.QUEUED, Job.State.RUNNING)


def newest_report(study: Study, *, with_texts: bool = False) -> RoundReport | None:
    reports = RoundReport.objects.filter(study=study).select_related("agreement").order_by("-pk")
    return (reports if with_texts else reports.defer("texts")).first()


def figure_files(report: RoundReport | None) -> list[FigureFile]:
    rows = RoundFigure.objects.filter(report=report).order_by("pk")
    return [FigureFile(*row) for row in rows.values_list("uuid", "name", "theme", "media_type")]


def unfinished_report(study: Study) -> Job | None:
    """A report that is asked for and not over."""
    return study.jobs.filter(kind="round", state__in=ASKED_FOR).order_by("-pk").first()
