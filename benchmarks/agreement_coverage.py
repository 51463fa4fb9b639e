"""How often the interval of the agreement holds the agreement of the true values, cell by cell, beside its rivals.

Every setting is screened; what covers less than `RERUN_BELOW` is run again with fresh seeds and more boards, and the
second run counts. A part of the boards of the screening measures the other candidates, which cost ten times as much.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from scipy.stats import beta

from benchmarks.agreement_candidates import Interval, all_candidates, posterior
from benchmarks.agreement_comparisons import Layout, Setting, design, true_agreement
from hlv.stats.correlation import CORRELATIONS

SCREENING_SEED: Final = 707
RERUN_SEED: Final = 808
SCREENING_BOARDS: Final = 500
CANDIDATE_BOARDS: Final = 60
RERUN_BOARDS: Final = 4000
RERUN_BELOW: Final = 0.945
GOAL: Final = 0.925
GOAL_OF_SIX: Final = 0.9
SMALLEST_GAP: Final = 0.75
WIDEST: Final = 1.3
CHOSEN: Final = "posterior"
_BLOCK: Final = 20
_ROUNDING: Final = 1e-9


@dataclass
class Tally:
    """Intervals of one coefficient in one setting."""

    n: int = 0
    n_held: int = 0
    width: float = 0.0

    def add(self, interval: Interval, true: float) -> None:
        low, high = interval
        self.n += 1
        self.n_held += low - _ROUNDING <= true <= high + _ROUNDING
        self.width += high - low

    def merge(self, other: Tally) -> None:
        self.n += other.n
        self.n_held += other.n_held
        self.width += other.width

    @property
    def coverage(self) -> float:
        return self.n_held / self.n if self.n else float("nan")

    @property
    def mean_width(self) -> float:
        return self.width / self.n if self.n else float("nan")

    @property
    def highest(self) -> float:
        """Upper Clopper-Pearson end of the coverage, 97.5 %."""
        return 1.0 if self.n_held == self.n else float(beta.ppf(0.975, self.n_held + 1, self.n - self.n_held))


Key = tuple[Setting, str, str]


@dataclass
class Found:
    """Tallies by setting, candidate and coefficient, and boards without an interval by layout."""

    tallies: dict[Key, Tally] = field(default_factory=dict)
    n_none: dict[Layout, int] = field(default_factory=dict)

    def of(self, setting: Setting, candidate: str, coefficient: str) -> Tally:
        return self.tallies.setdefault((setting, candidate, coefficient), Tally())

    def merge(self, other: Found) -> None:
        for key, tally in other.tallies.items():
            self.of(*key).merge(tally)
        for layout, n in other.n_none.items():
            self.n_none[layout] = self.n_none.get(layout, 0) + n


@dataclass(frozen=True)
class Task:
    """Some boards of one layout with its settings."""

    settings: tuple[Setting, ...]
    seed: tuple[int, ...]
    n_boards: int
    with_candidates: bool


def simulate(task: Task) -> Found:
    found, layout = Found(), task.settings[0].layout
    rng = np.random.default_rng(np.random.SeedSequence(task.seed))
    for _ in range(task.n_boards):
        board = layout.board(rng)
        if board is None:
            found.n_none[layout] = found.n_none.get(layout, 0) + 1
            continue
        for setting in task.settings:
            true_scores = setting.metric.true_scores(layout.n_methods, rng)
            true = true_agreement(layout, true_scores)
            scores = setting.metric.scores(layout, board, true_scores, rng)
            intervals = (
                all_candidates(board, scores, rng)
                if task.with_candidates
                else {CHOSEN: posterior(board, scores, rng)}
            )
            for candidate, of_candidate in intervals.items():
                for coefficient, interval in of_candidate.items():
                    found.of(setting, candidate, coefficient).add(interval, true[coefficient])
    return found


def tasks_of(
    settings: Sequence[Setting], *, seed: int, n_boards: int, n_candidate_boards: int = 0
) -> list[Task]:
    """Boards of each layout in blocks with seeds of their own; its settings share them."""
    tasks = []
    for number, layout in enumerate(dict.fromkeys(setting.layout for setting in settings)):
        own = tuple(setting for setting in settings if setting.layout == layout)
        for start in range(0, n_boards, _BLOCK):
            tasks.append(
                Task(
                    own,
                    (seed, number, layout.n_methods, layout.n_judges, start),
                    min(_BLOCK, n_boards - start),
                    start < n_candidate_boards,
                )
            )
    # The long ones first, so that no worker is left alone with them.
    return sorted(tasks, key=lambda task: (-task.with_candidates, -task.settings[0].layout.n_methods))


def computed(tasks: Iterable[Task], *, n_processes: int) -> Found:
    found = Found()
    # Of each process, as numpy reads it when it is loaded there.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with get_context("spawn").Pool(n_processes) as pool:
        for part in pool.imap_unordered(simulate, tasks):
            found.merge(part)
    return found


def goal_of(setting: Setting) -> float | None:
    """What every coefficient has to reach; None where nothing is promised."""
    if setting.layout.n_methods < 9:
        return GOAL_OF_SIX
    return GOAL if setting.layout.gap >= SMALLEST_GAP else None


@dataclass
class Report:
    """What was found, and what of the goals was missed."""

    screening: Found
    rerun: Found
    settings: list[Setting]

    def tally(self, setting: Setting, coefficient: str) -> Tally:
        """Of the second run, where there was one."""
        key = (setting, CHOSEN, coefficient)
        return self.rerun.tallies.get(key) or self.screening.tallies[key]

    def was_rerun(self, setting: Setting) -> bool:
        return (setting, CHOSEN, CORRELATIONS[0]) in self.rerun.tallies

    def missed(self) -> list[str]:
        missed = []
        for setting in self.settings:
            goal = goal_of(setting)
            for coefficient in CORRELATIONS:
                coverage = self.tally(setting, coefficient).coverage
                if goal is not None and coverage < goal:
                    missed.append(f"{_words(setting)}: {coefficient} {coverage:.1%} < {goal:.1%}")
        return missed + self._too_wide()

    def candidates(self) -> dict[tuple[str, str], tuple[int, float, float]]:
        """Of candidate and coefficient: cells that miss the goal, lowest coverage, width over the chosen one's."""
        found = {}
        for candidate in dict.fromkeys(key[1] for key in self.screening.tallies):
            for coefficient in CORRELATIONS:
                cells = [
                    (setting, self.screening.tallies[setting, candidate, coefficient])
                    for setting in self.settings
                    if goal_of(setting) is not None
                    and (setting, candidate, coefficient) in self.screening.tallies
                ]
                if not cells:
                    continue
                failed = sum(tally.highest < (goal_of(setting) or 0) for setting, tally in cells)
                chosen = [self.screening.tallies[setting, CHOSEN, coefficient] for setting, _ in cells]
                width = np.mean([tally.mean_width for _, tally in cells])
                own = np.mean([tally.mean_width for tally in chosen])
                lowest = min(tally.coverage for _, tally in cells)
                found[candidate, coefficient] = failed, lowest, float(width / own)
        return found

    def _too_wide(self) -> list[str]:
        found = self.candidates()
        return [
            f"{coefficient}: {1 / width:.2f} times as wide as {candidate}, which reaches the goal too"
            for (candidate, coefficient), (failed, _, width) in found.items()
            if failed == 0 and 1 / width > WIDEST
        ]

    def markdown(self) -> Iterable[str]:
        heads = ["methods", "judges", "gap", "agreement", "relation", "scores", "precision", "boards"]
        heads += ["tau-b", "Spearman", "Pearson", "accuracy", "widths", "goal"]
        yield f"| {' | '.join(heads)} |"
        yield "|" + "---|" * len(heads)
        for setting in self.settings:
            tallies = [self.tally(setting, coefficient) for coefficient in CORRELATIONS]
            goal = goal_of(setting)
            missed = goal is not None and min(tally.coverage for tally in tallies) < goal
            cells = [*map(str, setting.levels), f"{tallies[0].n:,}"]
            cells += [f"{tally.coverage:.1%}" for tally in tallies]
            cells.append(" ".join(f"{tally.mean_width:.2f}" for tally in tallies[:3]))
            cells.append("none" if goal is None else f"**missed** ({goal:.1%})" if missed else f"{goal:.1%}")
            yield f"| {' | '.join(cells)} |"
        yield ""
        yield "| candidate | coefficient | cells below the goal | lowest coverage | mean width over the chosen one's |"
        yield "|---|---|---|---|---|"
        for (candidate, coefficient), (failed, lowest, width) in self.candidates().items():
            yield f"| {candidate} | {coefficient} | {failed} | {lowest:.0%} | {width:.2f} |"


def _words(setting: Setting) -> str:
    layout, metric = setting.layout, setting.metric
    return (
        f"{layout.n_methods} methods, {layout.n_judges} judges, gap {layout.gap:g}, agreement {metric.agreement}, "
        f"{metric.relation}, {metric.kind}, precision {metric.precision:g}"
    )


def low_settings(screening: Found, settings: Sequence[Setting]) -> list[Setting]:
    """Those of which some coefficient covers less than `RERUN_BELOW`."""
    return [
        setting
        for setting in settings
        if any(screening.tallies[setting, CHOSEN, name].coverage < RERUN_BELOW for name in CORRELATIONS)
    ]


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screening", type=int, default=SCREENING_BOARDS)
    parser.add_argument("--candidates", type=int, default=CANDIDATE_BOARDS)
    parser.add_argument("--rerun", type=int, default=RERUN_BOARDS)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", type=Path, help="also write the tables to this file")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    settings = design()
    screening = computed(
        tasks_of(
            settings,
            seed=SCREENING_SEED,
            n_boards=options.screening,
            n_candidate_boards=options.candidates,
        ),
        n_processes=options.processes,
    )
    low = low_settings(screening, settings)
    first = f"{len(settings)} settings, {options.screening:,} boards each (seed {SCREENING_SEED})"
    print(f"Interval of the agreement: {first}; {len(low)} of them are run again.", flush=True)
    _write(options.write, [first, "", *Report(screening, Found(), settings).markdown()])
    again = tasks_of(low, seed=RERUN_SEED, n_boards=options.rerun)
    report = Report(screening, computed(again, n_processes=options.processes), settings)
    lines = [
        f"{first}; {len(low)} of them were run again with {options.rerun:,} (seed {RERUN_SEED}); other candidates: "
        f"{options.candidates} boards each.",
        "",
        *report.markdown(),
        "",
        *(report.missed() or ["Every goal is reached."]),
    ]
    print("\n".join(lines), flush=True)
    print(f"{time.monotonic() - begun:,.0f} s")
    _write(options.write, lines)
    return 1 if report.missed() else 0


def _write(path: Path | None, lines: Sequence[str]) -> None:
    if path is not None:
        path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
