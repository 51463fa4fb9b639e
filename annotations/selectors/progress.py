"""How far a round is, now: from assignments and tallies, so that the cost does not grow with the
answers. Also what a report on a round reads: every current answer once."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from annotations.models import (
    Annotation,
    AnswerTally,
    Assignment,
    Job,
    Participant,
    RoundFigure,
    RoundReport,
    Study,
)
from annotations.selectors.answers import current_answers
from annotations.selectors.imports import withdrawn_imports
from annotations.selectors.open_items import IS_OPEN, without_counts
from hlv.core.figures.figure_files import FigureFile

DAYS_SHOWN = 28


@dataclass(frozen=True)
class ItemCoverage:
    """Of the texts that people are asked about: how many have how many answers."""

    n_items_by_answers: dict[int, int]
    n_in_hand: int
    wanted: int

    @property
    def n_items(self) -> int:
        return sum(self.n_items_by_answers.values())

    @property
    def n_wanted(self) -> int:
        return self.n_items * self.wanted

    @property
    def n_answers(self) -> int:
        # The wanted number may have been lowered since assignments were taken.
        total = sum(n * items for n, items in self.n_items_by_answers.items())
        return min(self.n_wanted, total)

    @property
    def n_complete(self) -> int:
        return sum(items for n, items in self.n_items_by_answers.items() if n >= self.wanted)

    @property
    def n_remaining(self) -> int:
        """Answers that texts still want: those beyond the wanted number help no other text."""
        return sum(max(0, self.wanted - n) * items for n, items in self.n_items_by_answers.items())


def item_coverage(study: Study) -> ItemCoverage:
    """Answers of people here, skips and imported sources left out, as everywhere where progress is shown."""
    asked = study.items.filter(without_counts())
    held = Assignment.objects.filter(without_counts("item__"), IS_OPEN, item__study=study)
    # Named, not asked for in a subquery: where nothing was withdrawn an index answers alone.
    withdrawn = list(withdrawn_imports().filter(study=study).values_list("pk", flat=True))
    if withdrawn:
        asked = asked.exclude(import_batch__in=withdrawn)
        held = held.exclude(item__import_batch__in=withdrawn)
    found: Counter[int] = Counter(dict(asked.order_by().values_list("seats_taken").annotate(n=Count("pk"))))
    n_in_hand = 0
    # An assignment in hand counts as taken, and its answer is still to come.
    for taken, n_open in (
        held.order_by().values_list("item_id").annotate(n=Count("pk")).values_list("item__seats_taken", "n")
    ):
        n_in_hand += n_open
        found[taken] -= 1
        found[max(0, taken - n_open)] += 1
    by_answers = {n: items for n, items in sorted(found.items()) if items}
    return ItemCoverage(by_answers, n_in_hand, study.answers_wanted)


def annotating_people(study: Study) -> QuerySet[Participant]:
    """Persons, not sources of files."""
    return study.participants.filter(role=Participant.Role.ANNOTATOR, user__isnull=False)


@dataclass(frozen=True)
class Share:
    """What one person gave since the beginning."""

    n_answers: int = 0
    n_skips: int = 0
    n_revisions: int = 0
    active_ms: int = 0
    first_hour: datetime | None = None
    last_hour: datetime | None = None

    @property
    def n_done(self) -> int:
        """Texts answered or skipped, as the person's own page counts them."""
        return self.n_answers + self.n_skips


def participant_shares(study: Study) -> dict[int, Share]:
    """By participant; who gave nothing has no entry."""
    rows = (
        AnswerTally.objects.filter(participant__study=study)
        .order_by()
        .values("participant_id")
        .annotate(
            answers=Sum("n_answers"),
            skips=Sum("n_skips"),
            revisions=Sum("n_revisions"),
            active=Sum("active_ms"),
            first=Min("hour"),
            last=Max("hour"),
        )
    )
    return {
        row["participant_id"]: Share(
            row["answers"], row["skips"], row["revisions"], row["active"], row["first"], row["last"]
        )
        for row in rows
    }


def answers_came_from_files(study: Study) -> bool:
    """Whether an import that stands gave answers of single annotators."""
    # Asked of each import: of all rows together, PostgreSQL may look for a first one among the answers of every study.
    answers = Annotation.objects.filter(import_batch=OuterRef("pk"))
    existing = study.imports.exclude(pk__in=withdrawn_imports().filter(study=study))
    return existing.filter(Exists(answers)).exists()


@dataclass(frozen=True)
class Pace:
    """Answers of each day, in the study's time zone, without a gap; skips and revisions are none."""

    days: list[tuple[date, int]]
    # Whether the days end with today, or with the last that had an answer.
    ends_today: bool

    @property
    def n_answers(self) -> int:
        return sum(n for _day, n in self.days)

    @property
    def per_day(self) -> float:
        """Of the days that are over."""
        over = self.days[:-1] if self.ends_today else self.days
        return sum(n for _day, n in over) / max(1, len(over))

    def whole_weeks(self, *, since: date) -> list[int]:
        """Of the days that are over, as many weeks back as the round is old."""
        over = [(day, n) for day, n in (self.days[:-1] if self.ends_today else self.days) if day >= since]
        n_days = len(over) // 7 * 7
        return [n for _day, n in over[len(over) - n_days :]]


def pace(study: Study, *, last_hour: datetime | None, now: datetime) -> Pace:
    """The last four weeks, up to today; of a round that rests, the last four weeks in which people worked."""
    zone = ZoneInfo(study.time_zone)
    today = now.astimezone(zone).date()
    last = today if last_hour is None else last_hour.astimezone(zone).date()
    ends_today = (today - last).days <= DAYS_SHOWN
    end = max(today, last) if ends_today else last
    # Four weeks of whole days: today is not over, and comes on top.
    first = end - timedelta(days=DAYS_SHOWN if ends_today else DAYS_SHOWN - 1)
    since = datetime.combine(first, datetime.min.time(), tzinfo=zone)
    rows: QuerySet[AnswerTally, Any] = AnswerTally.objects.filter(
        Q(hour__gte=since), participant__study=study
    ).order_by()
    by_day: Counter[date] = Counter()
    for hour, n in rows.values_list("hour").annotate(n=Sum("n_answers")):
        by_day[hour.astimezone(zone).date()] += n
    days = [first + timedelta(days=day) for day in range((end - first).days + 1)]
    return Pace([(day, by_day[day]) for day in days], ends_today)


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
