"""Verification of the log: each chain up to its first broken link, and rows that no link covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from hmac import compare_digest
from itertools import islice
from uuid import UUID

from django.db.models import Q

from annotations.history import Checked
from annotations.history.chain import link_mac
from annotations.history.kinds import CHUNK, all_kinds, digests, linked
from annotations.history.sealing import ERASED, SEAL, unsealed_changes
from annotations.models import Chained, HistoryLink, Participant, Study

# What seals recorded: participant and number of a link, with the seal and the keyed hash.
Recorded = dict[tuple[int, int], tuple[int, str]]


@dataclass
class _Chain:
    """One chain: who it belongs to, its links in order, and what is needed to check them."""

    owner: str
    head: Chained
    links: Sequence[int]
    erased: frozenset[int | None]
    recorded: Recorded = field(default_factory=dict)
    # For kinds that may change, the last link of each row alone is compared, and not while a change waits for its seal.
    superseded: frozenset[int] = frozenset()
    n_checked: int = 0
    n_erased: int = 0

    def first_fault(self) -> str:
        number, mac = 0, ""
        rows = iter(self.links)
        while keys := list(islice(rows, CHUNK)):
            chunk = sorted(HistoryLink.objects.filter(pk__in=keys), key=lambda link: link.number)
            contents = self._contents(chunk)
            for link in chunk:
                fault = self._fault(link, number + 1, mac, contents)
                if fault:
                    return fault
                number, mac = link.number, link.mac
                self.n_checked += 1
        if (number, mac) != (self.head.chain_length, self.head.chain_head):
            return (
                f"The chain of {self.owner} ends at link {number}; its head is link {self.head.chain_length}."
            )
        return ""

    def _contents(self, links: list[HistoryLink]) -> dict[int, str | None]:
        """By the key of a link: the digest of its row as stored now, None where the row is missing."""
        salts: defaultdict[str, dict[int, UUID]] = defaultdict(dict)
        compared = [link for link in links if link.what in all_kinds() and link.pk not in self.superseded]
        for link in compared:
            if link.salt is not None and link.row is not None:
                salts[link.what][link.row] = link.salt
        found = {what: digests(all_kinds()[what], of_rows) for what, of_rows in salts.items()}
        return {
            link.pk: found[link.what].get(link.row)
            for link in compared
            if link.salt is not None and link.row is not None
        }

    def _fault(self, link: HistoryLink, number: int, before: str, contents: dict[int, str | None]) -> str:
        if link.number != number:
            return f"Link {number} of {self.owner} is missing."
        named = _named(link, self.owner)
        if not compare_digest(link_mac(link, before=before), link.mac):
            return f"{named}: the link was changed, or HISTORY_KEY is not the one that wrote it."
        seal, mac = self.recorded.pop((link.participant_id or 0, number), (0, link.mac))
        if mac != link.mac:
            return f"{named}: seal {seal} of the study recorded another link."
        if link.what in all_kinds() and link.salt is None:
            self.n_erased += 1
            return "" if link.pk in self.erased else f"{named}: its salt was removed without a record."
        if link.pk in contents and contents[link.pk] is None:
            return f"{named}: the row is missing."
        if link.pk in contents and contents[link.pk] != link.digest:
            return f"{named}: the content was changed."
        return ""


def _named(link: HistoryLink, owner: str) -> str:
    kind = all_kinds().get(link.what)
    row = f"{kind.title if kind else link.what} {link.row or ''}".rstrip()
    return f"Link {link.number} of {owner}, {row} ({link.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)"


def check_log(studies: Sequence[Study], *, anchor: tuple[int, str] | None = None) -> list[Checked]:
    """Every chain of these studies, and every row that should have a link.

    Parameters
    ----------
    anchor
        Number and keyed hash of a link of the study, kept outside the database.
    """
    found = {
        "log of studies": Checked("log of studies", 0, []),
        "log of participants": Checked("log of participants", 0, []),
    }
    for study in studies:
        study.refresh_from_db()
        chains = list(_chains(study))
        for what, chain in chains:
            fault = chain.first_fault()
            found[what] = _added(found[what], chain, fault)
        if anchor is not None:
            found["log of studies"].faults.extend(_anchor_faults(study, *anchor))
    return [*found.values(), _rows_without_link(studies)]


def _added(checked: Checked, chain: _Chain, fault: str) -> Checked:
    faults = [*checked.faults, *([fault] if fault else [])]
    if not fault and chain.recorded:
        (_participant, number), (seal, _mac) = min(chain.recorded.items())
        faults.append(f"Link {number} of {chain.owner} is missing: seal {seal} of the study recorded it.")
    return Checked(
        checked.what, checked.n_checked + chain.n_checked, faults, 0, checked.n_erased + chain.n_erased
    )


def _chains(study: Study) -> Iterator[tuple[str, _Chain]]:
    own = HistoryLink.objects.filter(study=study, participant=None).order_by("number")
    erased = frozenset(own.filter(what=ERASED).values_list("row", flat=True))
    yield (
        "log of studies",
        _Chain(
            f"study {study.slug}",
            study,
            list(own.values_list("pk", flat=True)),
            erased,
            superseded=_superseded(study),
        ),
    )
    recorded: defaultdict[int, Recorded] = defaultdict(dict)
    for seal in own.filter(what=SEAL):
        for participant, number, mac in seal.heads or ():
            recorded[participant][participant, number] = (seal.number, mac)
    links: defaultdict[int, list[int]] = defaultdict(list)
    of_people = HistoryLink.objects.filter(study=study, participant__isnull=False).order_by(
        "participant", "number"
    )
    for participant, pk in of_people.values_list("participant", "pk"):
        links[participant].append(pk)
    wanted = Q(pk__in={*links, *recorded}) | Q(chain_length__gt=0)
    for participant in Participant.objects.filter(wanted, study=study).order_by("pk"):
        yield (
            "log of participants",
            _Chain(
                f"{participant.pseudonym} of {study.slug}",
                participant,
                links[participant.pk],
                erased,
                recorded[participant.pk],
            ),
        )


def _superseded(study: Study) -> frozenset[int]:
    """Links of rows that may change: all but the last of each row, and the last while a recorded change waits."""
    found: set[int] = set()
    waiting = set(unsealed_changes().filter(study=study).values_list("what", flat=True))
    for kind in all_kinds().values():
        if not kind.changes:
            continue
        links = HistoryLink.objects.filter(study=study, what=kind.name)
        newest = {link.row: link.pk for link in links.order_by("number")}
        current = set() if kind.changes in waiting else set(newest.values())
        found |= set(links.values_list("pk", flat=True)) - current
    return frozenset(found)


def _anchor_faults(study: Study, number: int, mac: str) -> list[str]:
    link = HistoryLink.objects.filter(study=study, participant=None, number=number).first()
    if link is None:
        return [
            f"The study {study.slug} has no link {number}, which the anchor names: the end of its chain is missing."
        ]
    return (
        []
        if compare_digest(link.mac, mac)
        else [f"{_named(link, f'study {study.slug}')}: the anchor names another link."]
    )


def _rows_without_link(studies: Sequence[Study]) -> Checked:
    """Answers and verdicts that the program did not write; before its first seal a study may have older ones."""
    n, n_unsealed, faults = 0, 0, []
    earlier = {kind.parts[0].model: kind for kind in all_kinds().values() if kind.first_only}
    for kind in all_kinds().values():
        if not kind.at_submit:
            continue
        rows = kind.rows().filter(**{f"{kind.study}__in": [study.pk for study in studies]})
        n += rows.count()
        bare = rows.filter(~linked(kind.name)).exclude(linked(earlier[kind.model].name, "participant_id"))
        begun = {study.pk for study in studies if study.chain_length}
        for study, pk in bare.order_by("pk").values_list(kind.study, "pk"):
            if study in begun:
                faults.append(
                    f"The {kind.title} {pk} has no link in the log: it was added outside the program."
                )
            else:
                n_unsealed += 1
    return Checked("answers and verdicts in the log", n, faults, n_unsealed)
