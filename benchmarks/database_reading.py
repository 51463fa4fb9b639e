"""One way from judgments in PostgreSQL to strengths, in a process of its own, which tells its seconds and its memory.

    python -m benchmarks.database_reading grouped|fetched|columns CAMPAIGN

Reads a line before each round, so that two ways can run in turn.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import django

from benchmarks.machine import peak_memory
from hlv.stats.arrays import FloatArray

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from metaeval.models import Campaign, Judgment


def main(way: str, campaign_id: int) -> None:
    django.setup()
    # loaded before memory is measured
    import metaeval.selectors.judgments  # noqa: F401
    from metaeval.models import Campaign

    read = {"grouped": grouped, "fetched": fetched, "columns": columns}[way]
    campaign = Campaign.objects.get(pk=campaign_id)
    before = peak_memory()
    for line in sys.stdin:
        if not line.strip():
            break
        begun = time.perf_counter()
        strengths = read(campaign)
        seconds = time.perf_counter() - begun
        reply = {"seconds": seconds, "grown": peak_memory() - before, "strengths": strengths.tolist()}
        print(json.dumps(reply), flush=True)


def grouped(campaign: Campaign) -> FloatArray:
    """The database counts; some rows for each pair travel."""
    from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
    from hlv.stats.pairwise.comparisons import pair_counts
    from metaeval.selectors.judgments import pair_counts_as_of

    board = pair_counts_as_of(campaign)
    return fit_bradley_terry(*pair_counts(board.cells, len(board.methods))).strengths


def fetched(campaign: Campaign) -> FloatArray:
    """Every judgment travels as a row of the table, and is counted here: as one writes it down with Django."""
    said = (
        (judgment.comparison.low_id, judgment.comparison.high_id, judgment.low_is_left, judgment.verdict)
        for judgment in _first_verdicts(campaign).select_related("comparison").iterator()
    )
    return _strengths(said)


def columns(campaign: Campaign) -> FloatArray:
    """Of every judgment nothing travels but the four values that are counted: as quick as fetching can be."""
    return _strengths(
        _first_verdicts(campaign).values_list(
            "comparison__low_id", "comparison__high_id", "low_is_left", "verdict"
        )
    )


def _first_verdicts(campaign: Campaign) -> QuerySet[Judgment]:
    from metaeval.models import Judgment
    from metaeval.selectors.judgments import FIRST_VERDICTS, current_judgments

    cannot = Judgment.Verdict.CANNOT
    return current_judgments(campaign).filter(FIRST_VERDICTS).exclude(verdict=cannot)


def _strengths(said: Iterable[tuple[int, int, bool, str]]) -> FloatArray:
    from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
    from hlv.stats.pairwise.comparisons import judgment_counts
    from metaeval.models import Method
    from metaeval.selectors.judgment_groups import TIES, Verdict

    rows = list(said)
    keys = Method.objects.order_by("position").values_list("pk", flat=True)
    place = {pk: index for index, pk in enumerate(keys)}
    outcome: dict[tuple[str, bool], int] = {(verdict, left): 2 for verdict in TIES for left in (True, False)}
    for verdict in (Verdict.LEFT, Verdict.RIGHT):
        outcome |= {(verdict, left): int((verdict == Verdict.LEFT) != left) for left in (True, False)}
    counts = judgment_counts(
        first=[place[row[0]] for row in rows],
        second=[place[row[1]] for row in rows],
        outcome=[outcome[row[3], row[2]] for row in rows],
        n_methods=len(place),
    )
    return fit_bradley_terry(*counts).strengths


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
