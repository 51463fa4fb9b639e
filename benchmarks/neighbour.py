"""What a text costs an annotator of a small study beside a large one, as a ratio to what it costs alone; on both databases."""

from __future__ import annotations

from benchmarks.assignment.databases import DATABASES, environment_on, work
from benchmarks.next_item import STEPS
from benchmarks.scoreboard import Scoreboard
from tests.servers import MissingServersError

N_TEXTS, N_TEXTS_BESIDE = 1_000, 1_000_000
# Few people who did much: what a person has on average says nothing of those in the small study.
N_PEOPLE_BESIDE = 20
N_ROUNDS = 40
# What is above 1 is noise of a shared machine.
MOST = 1.3


def run(scoreboard: Scoreboard) -> None:
    for database in DATABASES:
        try:
            with environment_on(database) as environment:
                found = work(
                    "benchmarks.assignment.neighbour_work",
                    environment,
                    n_texts=N_TEXTS,
                    n_texts_beside=N_TEXTS_BESIDE,
                    n_people_beside=N_PEOPLE_BESIDE,
                    n_rounds=N_ROUNDS,
                )
        except MissingServersError as missing:
            scoreboard.cannot_compare(database, str(missing))
            continue
        scoreboard.open_work(
            f"{database}, a study of {N_TEXTS:,} texts beside one of {N_TEXTS_BESIDE:,}, which "
            f"{N_PEOPLE_BESIDE} people answered once (filled in {found['seconds']:.0f} s, not measured)"
        )
        for step, words in STEPS.items():
            alone, beside = (found[where][step]["seconds"] for where in ("alone", "beside"))
            print(f"  {words:22}{alone * 1e3:6.1f} ms alone  {beside * 1e3:6.1f} ms beside", flush=True)
            scoreboard.within(f"{database}: {words}", beside / alone, at_most=MOST)
