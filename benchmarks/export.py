"""Export of a study of 100,000 answers: the table of answers, and the whole bundle; on both databases.

Beside the table of answers: its columns fetched from the database and not written, which no export can do without.
"""

from __future__ import annotations

from typing import Any

from benchmarks.assignment.databases import DATABASES, environment_on, work
from benchmarks.scoreboard import Scoreboard
from tests.servers import MissingServersError

# Five answers to each.
SIZES = (2_000, 20_000)
N_ANSWERS = 5
ROWS_PER_SECOND = 50_000
SECONDS_OF_BUNDLE = 6.0
# Writing a table of what was fetched, beside fetching alone.
MOST_READS = 6.0
MIB = 1 << 20
# Reading and writing answers holds one text; distributions are arrays, whose memory grows with the texts.
BYTES_PER_TEXT = 1024


def run(scoreboard: Scoreboard) -> None:
    for database in DATABASES:
        try:
            with environment_on(database) as environment:
                work("benchmarks.assignment.export_work", environment, sizes=SIZES, n_answers=N_ANSWERS)
                # A process for each, so that the peak of one is not that of the other.
                found = [
                    work("benchmarks.assignment.export_work", environment, measured=size) for size in SIZES
                ]
        except MissingServersError as missing:
            scoreboard.cannot_compare(database, str(missing))
            continue
        _tell(scoreboard, database, found)


def _tell(scoreboard: Scoreboard, database: str, found: list[dict[str, Any]]) -> None:
    smaller, larger = found
    n = larger["rows"]
    scoreboard.open_work(f"{database}, {n:,} answers exported, CPU seconds of Python and of the database")
    answers, bundle = larger["answers"], larger["bundle"]
    scoreboard.holds(
        f"{database}: table of answers",
        n / answers >= ROWS_PER_SECOND,
        f"{n / answers:,.0f} rows/s of at least {ROWS_PER_SECOND:,} ({answers:.2f} s)",
    )
    scoreboard.within(
        f"{database}: beside fetching its columns",
        answers / larger["fetched"],
        at_most=MOST_READS,
        remark=f"fetching alone {larger['fetched']:.2f} s",
    )
    scoreboard.holds(
        f"{database}: whole bundle",
        bundle <= SECONDS_OF_BUNDLE,
        f"{bundle:.2f} s of at most {SECONDS_OF_BUNDLE:g} s, {larger['statements']} statements",
    )
    grown = (larger["grown"] - smaller["grown"]) / (SIZES[1] - SIZES[0])
    scoreboard.holds(
        f"{database}: memory of a bundle",
        grown < BYTES_PER_TEXT,
        f"{smaller['grown'] / MIB:.0f} MiB for {SIZES[0]:,} texts and {larger['grown'] / MIB:.0f} MiB for "
        f"{SIZES[1]:,}, {grown:,.0f} bytes for each further text",
    )
