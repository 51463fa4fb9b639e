"""One way from judgments in PostgreSQL to strengths, in a process of its own, which tells its seconds and its memory.

    python -m benchmarks.database_reading grouped|fetched CAMPAIGN ROUNDS

Reads a line before each round, so that two ways can run in turn.
"""

from __future__ import annotations

import json
import sys
import time

import django
import numpy as np

from benchmarks.machine import peak_memory


def main(way: str, campaign_id: int) -> None:
    django.setup()
    # loaded before memory is measured
    import metaeval.science.bradley_terry
    import metaeval.selectors.judgments  # noqa: F401
    from metaeval.models import Campaign

    read = {"grouped": grouped, "fetched": fetched}[way]
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


def grouped(campaign) -> np.ndarray:  # type: ignore[no-untyped-def]
    """The database counts; some rows for each pair travel."""
    from metaeval.science.bradley_terry import fit_bradley_terry
    from metaeval.science.comparisons import pair_counts
    from metaeval.selectors.judgments import board_of_pairs

    board = board_of_pairs(campaign)
    return fit_bradley_terry(*pair_counts(board.cells, len(board.methods))).strengths


def fetched(campaign) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Every judgment travels, and is counted here."""
    from metaeval.models import Method
    from metaeval.science.bradley_terry import fit_bradley_terry
    from metaeval.science.comparisons import judgment_counts
    from metaeval.selectors.groups_of_judgments import TIES, Verdict
    from metaeval.selectors.judgments import FIRST_VERDICTS, standing_judgments

    rows = list(
        standing_judgments(campaign)
        .filter(FIRST_VERDICTS)
        .exclude(verdict=Verdict.CANNOT)
        .values_list("comparison__low_id", "comparison__high_id", "low_is_left", "verdict")
    )
    place = {
        pk: index for index, pk in enumerate(Method.objects.order_by("position").values_list("pk", flat=True))
    }
    outcome = {(verdict, left): 2 for verdict in TIES for left in (True, False)}
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
