"""Seals: what came since the last one gets its links in the chain of its study, and so do the heads of participants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet
from django.utils import timezone

from annotations.history.chain import extend_study_chain
from annotations.history.kinds import CHUNK, Kind, all_kinds, digests, linked
from annotations.models import HistoryLink, Participant, Study, StudyChange

SEAL = "seal"
ERASED = "erased"
CHANGE = "change"
# A transaction that began before a seal may end after it.
LONGEST_SUBMIT = timedelta(minutes=10)

# The rows of each kind, by study.
Waiting = Mapping[int, Mapping[str, list[int]]]


@dataclass(frozen=True)
class Anchor:
    """The newest link of a study: who keeps it elsewhere can prove later that nothing before it was changed."""

    number: int
    mac: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.number}:{self.mac}"


def anchor_of(study: Study, *, as_of: datetime | None = None) -> Anchor | None:
    links = HistoryLink.objects.filter(study=study, participant=None)
    newest = (links if as_of is None else links.filter(at__lte=as_of)).order_by("-number").first()
    return None if newest is None else Anchor(newest.number, newest.mac, newest.at)


def seal_studies(studies: Iterable[Study] | None = None) -> int:
    """Seal what waits, in each study; returns how many links were added."""
    # Read first: a chain that another worker extends meanwhile is left to that worker.
    chosen = list(
        Study.objects.order_by("pk")
        if studies is None
        else Study.objects.filter(pk__in=[one.pk for one in studies])
    )
    waiting = _waiting_rows([study.pk for study in chosen])
    return sum(_seal(study, waiting.get(study.pk, {})) for study in chosen)


def _waiting_rows(studies: list[int]) -> Waiting:
    found: defaultdict[int, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    # Read once and first: what a change was made to is read after it, and both are sealed together.
    changes = list(unsealed_changes().filter(study__in=studies).values_list("study", "pk", "what"))
    for study, pk, _what in changes:
        found[study][CHANGE].append(pk)
    for kind in all_kinds().values():
        if kind.at_submit or kind.name == CHANGE:
            continue
        rows = kind.rows().filter(~linked(kind.name), **{f"{kind.study}__in": studies}).order_by()
        if kind.first_only:
            (part,) = kind.parts
            given = part.model._default_manager.filter(part.where, **{part.of: OuterRef("pk")})
            rows = rows.filter(Exists(given), study__chain_length=0)
        for study, pk in rows.values_list(F(kind.study), "pk"):
            found[study][kind.name].append(pk)
        for study in {study for study, _pk, what in changes if what == kind.changes}:
            found[study][kind.name] += _changed_rows(kind, study)
    return found


def unsealed_changes() -> QuerySet[StudyChange]:
    return StudyChange.objects.filter(~linked(CHANGE)).order_by("pk")


def _changed_rows(kind: Kind, study: int) -> list[int]:
    newest = {
        link.row: link for link in HistoryLink.objects.filter(study=study, what=kind.name).order_by("number")
    }
    salts = {row: link.salt for row, link in newest.items() if row is not None and link.salt is not None}
    changed = [row for row, digest in digests(kind, salts).items() if digest != newest[row].digest]
    return list(
        kind.rows().filter(kind.may_change, pk__in=changed).order_by("pk").values_list("pk", flat=True)
    )


def _seal(study: Study, waiting: Mapping[str, list[int]]) -> int:
    """Digests are computed before anything is locked: an import has millions of rows."""
    links = list(new_links(waiting))
    with transaction.atomic():
        locked = Study.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=study.pk).first()
        # Another worker sealed meanwhile, or an import runs: the next minute does it.
        if locked is None or locked.chain_length != study.chain_length:
            return 0
        heads = _new_heads(locked)
        if heads:
            links.append(HistoryLink(what=SEAL, salt=None, heads=heads, at=timezone.now()))
        if links:
            extend_study_chain(locked, links)
    return len(links)


def new_links(waiting: Mapping[str, list[int]]) -> Iterator[HistoryLink]:
    for name, rows in waiting.items():
        ordered = sorted(rows)
        for first in range(0, len(ordered), CHUNK):
            salts = {row: uuid4() for row in ordered[first : first + CHUNK]}
            for row, digest in sorted(digests(all_kinds()[name], salts).items()):
                yield HistoryLink(what=name, row=row, salt=salts[row], digest=digest, at=timezone.now())


def _new_heads(study: Study) -> list[list[int | str]]:
    """Participants whose chain grew, each with the number and the keyed hash of its newest link."""
    seals = HistoryLink.objects.filter(study=study, participant=None, what=SEAL)
    last = seals.aggregate(last=Max("at"))["last"]
    grown = Participant.objects.filter(study=study, chain_length__gt=0)
    known: set[tuple[int | str, ...]] = set()
    if last is not None:
        since = last - LONGEST_SUBMIT
        newest = HistoryLink.objects.filter(
            participant=OuterRef("pk"), number=OuterRef("chain_length"), at__gte=since
        )
        grown = grown.filter(Exists(newest))
        known = {tuple(head) for seal in seals.filter(at__gte=since) for head in seal.heads or ()}
    heads = grown.order_by("pk").values_list("pk", "chain_length", "chain_head")
    return [list(head) for head in heads if head not in known]


@transaction.atomic
def record_erasure(study: Study, links: Iterable[HistoryLink], *, left: Iterable[HistoryLink] = ()) -> None:
    """Their rows were erased: without its salt a digest tells nothing, and the gap is part of the log.

    `left`: links that cover what is left of these rows.
    """
    locked = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    erased = list(links)
    HistoryLink.objects.filter(pk__in=[link.pk for link in erased]).update(salt=None)
    now = timezone.now()
    gaps = [HistoryLink(what=ERASED, row=link.pk, salt=None, digest=link.digest, at=now) for link in erased]
    extend_study_chain(locked, [*gaps, *left])
