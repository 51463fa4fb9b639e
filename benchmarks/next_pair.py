"""What the next pair costs a judge, in campaigns of a thousand to a hundred thousand comparisons, on both databases."""

from __future__ import annotations

from typing import Any

from benchmarks.assignment.databases import DATABASES, environment_on, work
from benchmarks.scoreboard import Scoreboard
from tests.servers import MissingServersError

# A tenth of the paper's campaign, the whole, and ten of it.
SIZES = [1_248, 12_480, 124_800]
N_ROUNDS = 20
MOST_QUERIES = 12
# The largest campaign beside the smallest; the rest is noise of a shared machine.
FLAT = 1.5
STEPS = {
    "seat": "the next pair",
    "next": "the address that leads to it",
    "first page": "its page, at first",
    "page": "its page",
    "verdict": "storing a verdict",
}


def run(scoreboard: Scoreboard) -> None:
    for database in DATABASES:
        try:
            with environment_on(database) as environment:
                found = work(
                    "benchmarks.assignment.next_pair_work", environment, sizes=SIZES, n_rounds=N_ROUNDS
                )
        except MissingServersError as missing:
            scoreboard.cannot_compare(database, str(missing))
            continue
        _tell(scoreboard, database, found)


def _tell(scoreboard: Scoreboard, database: str, rows: list[dict[str, Any]]) -> None:
    scoreboard.open_work(f"{database}, three judges of each comparison, the first of whom has judged it")
    for step, words in STEPS.items():
        costs = "  ".join(f"{row['size']:>7,}: {row[step]['seconds'] * 1e3:6.1f} ms" for row in rows)
        print(f"  {words:30}{costs}  {max(row[step]['queries'] for row in rows):3} queries", flush=True)
    most = max(row["seat"]["queries"] for row in rows)
    scoreboard.holds(f"{database}: queries for the next pair", most <= MOST_QUERIES, f"{most}")
    ratio = rows[-1]["seat"]["seconds"] / rows[0]["seat"]["seconds"]
    scoreboard.within(f"{database}: 124,800 beside 1,248", ratio, at_most=FLAT)
