"""`make bench`: the same answers as other programs, and how many times faster. Trust the ratios, not the seconds.

    python -m benchmarks                all sections
    python -m benchmarks fit metrics    those, by name
    python -m benchmarks --list         their names
    python -m benchmarks --cpu          CPU seconds of each process, where others use the machine too

Targets are printed beside what was measured. A target that was missed is said and counted; only answers that differ,
or a section that breaks, make the run fail.
"""

from __future__ import annotations

import argparse
import os
import sys

from benchmarks.machine import describe_machine, restart_with_the_fast_kernel
from benchmarks.scoreboard import Scoreboard
from benchmarks.sections import SECTIONS, section
from benchmarks.timing import CLOCK_VARIABLE

THREADS_VARIABLE = "OPENBLAS_NUM_THREADS"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed beside other programs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="sections to run, all by default")
    parser.add_argument("--list", action="store_true", help="print the names of the sections")
    parser.add_argument("--cpu", action="store_true", help="count CPU seconds instead of the clock's")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(SECTIONS))
        return 0
    if unknown := [name for name in options.names if name not in SECTIONS]:
        parser.error(f"no section is called {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    restart_with_the_fast_kernel()
    _describe_as_hlv_runs(cpu=options.cpu)
    print(
        f"Medians of interleaved runs, {'CPU seconds' if options.cpu else 'seconds by the clock'}.",
        flush=True,
    )
    scoreboard = Scoreboard()
    for name in options.names or SECTIONS:
        scoreboard.open_section(name)
        section(name)(scoreboard)
    print(f"\n{scoreboard.closing_line()}")
    return 1 if scoreboard.wrong else 0


def _describe_as_hlv_runs(*, cpu: bool) -> None:
    """Load numpy here as hlv does, on one thread of BLAS, and leave it to other programs how many they take."""
    given = os.environ.get(THREADS_VARIABLE)
    if cpu:
        os.environ[CLOCK_VARIABLE] = "cpu"
    if cpu or given is None:
        os.environ[THREADS_VARIABLE] = "1"
    print(describe_machine())
    # threads that wait for each other would count as work
    if given is None and not cpu:
        del os.environ[THREADS_VARIABLE]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
