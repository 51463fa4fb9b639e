"""Import of a file of annotations into an empty study, CPU seconds and memory for each million; on both databases."""

from __future__ import annotations

from benchmarks.assignment.databases import DATABASES, environment_on, work
from benchmarks.scoreboard import Scoreboard
from tests.servers import MissingServersError

N_ROWS = 50_000
MILLION = 1_000_000
MOST_SECONDS = {"PostgreSQL": 60.0, "SQLite": 90.0}
# Of the whole process.
MOST_MIB = 250
MIB = 1 << 20


def run(scoreboard: Scoreboard) -> None:
    for database in DATABASES:
        try:
            with environment_on(database) as environment:
                found = work("benchmarks.assignment.annotation_import_work", environment, n_rows=N_ROWS)
        except MissingServersError as missing:
            scoreboard.cannot_compare(database, str(missing))
            continue
        scoreboard.open_work(f"{database}, {N_ROWS:,} annotations imported, 5 for each text")
        python, of_database = found["python"], found["database"]
        seconds = (python + of_database) * MILLION / N_ROWS
        scoreboard.holds(
            f"{database}: a million",
            seconds <= MOST_SECONDS[database],
            f"{seconds:.0f} s of CPU at this rate, of at most {MOST_SECONDS[database]:g} s "
            f"(measured: {python:.2f} s of Python and {of_database:.2f} s of the database)",
        )
        whole = (found["before"] + found["grown"] * MILLION / N_ROWS) / MIB
        scoreboard.holds(
            f"{database}: memory",
            whole <= MOST_MIB,
            f"{whole:.0f} MiB for a million at this rate, of at most {MOST_MIB} MiB "
            f"({found['grown'] / N_ROWS:.0f} bytes for each row)",
        )
