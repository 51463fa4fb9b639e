"""What the next text costs an annotator, in studies of a thousand to a hundred thousand texts, on both databases."""

from __future__ import annotations

from typing import Any

from benchmarks.desk.databases import DATABASES, environment_on, work
from benchmarks.scoreboard import Scoreboard
from tests.servers import MissingServersError

SIZES = [1_000, 10_000, 100_000]
N_ANSWERS = 5
N_ROUNDS = 20
MOST_QUERIES = 6
# The largest study beside the smallest; the rest is noise of a shared machine.
FLAT = 1.5
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
                    "benchmarks.desk.next_item_work",
                    environment,
                    sizes=SIZES,
                    ways=WAYS,
                    n_answers=N_ANSWERS,
                    n_rounds=N_ROUNDS,
                )
        except MissingServersError as missing:
            scoreboard.cannot_compare(database, str(missing))
            continue
        for rule, order in WAYS:
            _tell(
                scoreboard, database, [row for row in found if (row["rule"], row["order"]) == (rule, order)]
            )


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
