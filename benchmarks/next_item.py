"""What the next text costs an annotator, in studies of a thousand to a hundred thousand texts, and how many texts
a crowd of two hundred gets through; on both databases."""

from __future__ import annotations

from typing import Any

from benchmarks.assignment.databases import DATABASES, environment_on, work
from benchmarks.scoreboard import Scoreboard
from tests.servers import MissingServersError

SIZES = [1_000, 10_000, 100_000]
N_ANSWERS = 5
N_ROUNDS = 20
MOST_QUERIES = 6
# The largest study beside the smallest; the rest is noise of a shared machine.
FLAT = 1.5
# As `hlv serve` answers: one process, sixteen threads.
CROWD = {"n_items": 10_000, "n_each": 2, "n_threads": 16}
SECONDS_A_TEXT = 30
WAYS = [("breadth", "fixed"), ("breadth", "random"), ("groups", "fixed")]
STEPS = {
    "seat": "the next seat",
    "page": "its page",
    "answer": "storing an answer",
    "following": "one more text ahead",
}


def run(scoreboard: Scoreboard) -> None:
    for database in DATABASES:
        try:
            with environment_on(database) as environment:
                found = work(
                    "benchmarks.assignment.next_item_work",
                    environment,
                    sizes=SIZES,
                    ways=WAYS,
                    n_answers=N_ANSWERS,
                    n_rounds=N_ROUNDS,
                )
            with environment_on(database) as environment:
                crowd = work("benchmarks.assignment.crowd_work", environment, **CROWD)
        except MissingServersError as missing:
            scoreboard.cannot_compare(database, str(missing))
            continue
        for rule, order in WAYS:
            rows = [row for row in found["steps"] if (row["rule"], row["order"]) == (rule, order)]
            _tell(scoreboard, database, rows)
        filled = ", ".join(f"{fill['size']:,} texts in {fill['seconds']:.0f} s" for fill in found["fills"])
        print(f"  filled before that, not measured: {filled}", flush=True)
        _tell_of_crowd(scoreboard, database, crowd)


def _tell(scoreboard: Scoreboard, database: str, rows: list[dict[str, Any]]) -> None:
    rule, order = rows[0]["rule"], rows[0]["order"]
    scoreboard.open_work(f"{database}, {N_ANSWERS} answers for each text, assignment {rule}, order {order}")
    for step, words in STEPS.items():
        costs = "  ".join(f"{row['size']:>7,}: {row[step]['seconds'] * 1e3:6.1f} ms" for row in rows)
        print(f"  {words:22}{costs}  {max(row[step]['queries'] for row in rows):3} queries", flush=True)
    most = max(row["seat"]["queries"] for row in rows)
    scoreboard.holds(
        f"{database}, {rule}, {order}: queries for the next seat", most <= MOST_QUERIES, f"{most}"
    )
    ratio = rows[-1]["seat"]["seconds"] / rows[0]["seat"]["seconds"]
    scoreboard.within(f"{database}, {rule}, {order}: 100,000 beside 1,000", ratio, at_most=FLAT)


def _tell_of_crowd(scoreboard: Scoreboard, database: str, crowd: dict[str, Any]) -> None:
    scoreboard.open_work(
        f"{database}, a crowd of {crowd['n_people']} people at work at once in {CROWD['n_items']:,} texts: of each text "
        f"the requests that a page makes (its answer stored, the next texts fetched ahead), without HTTP between, "
        f"by {CROWD['n_threads']} threads of one process"
    )
    per_second = crowd["n_answers"] / crowd["seconds"]
    print(
        f"  {per_second:.1f} texts/s ({crowd['n_answers']} in {crowd['seconds']:.0f} s); of one text, with "
        f"{CROWD['n_threads']} at once: median {crowd['median'] * 1e3:.0f} ms, p95 {crowd['p95'] * 1e3:.0f} ms; "
        f"{crowd['n_sent_again']} requests sent again",
        flush=True,
    )
    needed = crowd["n_people"] / SECONDS_A_TEXT
    scoreboard.holds(
        f"{database}: {crowd['n_people']} people who take {SECONDS_A_TEXT} s for a text are kept busy",
        per_second >= needed,
        f"{per_second:.1f} of {needed:.1f} texts/s",
    )
    scoreboard.holds(
        f"{database}: each answer one row, no text with more than was wanted",
        crowd["n_stored"] == crowd["n_answers"] and not crowd["n_over_assigned"],
        f"{crowd['n_stored']} rows, {crowd['n_over_assigned']} over-assigned",
    )
