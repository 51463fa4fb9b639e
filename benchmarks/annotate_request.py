"""What the server does between two texts of an annotator, counted whole: middleware, session, the answer stored, the next text; on both databases."""

from __future__ import annotations

from typing import Any

from benchmarks.assignment.databases import DATABASES, environment_on, work
from benchmarks.scoreboard import Scoreboard
from tests.servers import MissingServersError

SIZES = [1_000, 100_000]
N_ANSWERS = 5
N_ROUNDS = 40
MOST_STATEMENTS = 14
# CPU of Python and of the database together.
MOST_MILLISECONDS = 15.0
# Beside the bytes of the text itself.
MOST_BYTES = 6_000


def run(scoreboard: Scoreboard) -> None:
    for database in DATABASES:
        try:
            with environment_on(database) as environment:
                found = work(
                    "benchmarks.assignment.annotate_request_work",
                    environment,
                    sizes=SIZES,
                    n_answers=N_ANSWERS,
                    n_rounds=N_ROUNDS,
                )
        except MissingServersError as missing:
            scoreboard.cannot_compare(database, str(missing))
            continue
        _tell(scoreboard, database, found)


def _tell(scoreboard: Scoreboard, database: str, rows: list[dict[str, Any]]) -> None:
    scoreboard.open_work(
        f"{database}, an answer stored and the next text fetched ahead, {N_ANSWERS} answers for each text before"
    )
    for row in rows:
        print(
            f"  {row['size']:>7,} texts: {row['requests']} requests, {row['statements']} statements, CPU "
            f"{row['python']:.1f} ms of Python and {row['database']:.1f} ms of the database, "
            f"{row['bytes']:,} bytes beside the text's own",
            flush=True,
        )
    largest = rows[-1]
    statements = max(row["statements"] for row in rows)
    scoreboard.holds(f"{database}: statements", statements <= MOST_STATEMENTS, f"{statements}")
    cpu = largest["python"] + largest["database"]
    scoreboard.holds(f"{database}: CPU", cpu <= MOST_MILLISECONDS, f"{cpu:.1f} ms")
    scoreboard.holds(f"{database}: bytes", largest["bytes"] <= MOST_BYTES, f"{largest['bytes']:,}")
