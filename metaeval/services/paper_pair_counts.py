"""The verdicts in the paper's files as counts, and their tables: wins, and three rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from hlv.core.rendering.sentences import error_sentence
from hlv.core.tabular.writing import CellValue
from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, Cells, make_cells
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.pairwise.rank_centrality import CentralityTies, rank_centrality
from hlv.stats.pairwise.ranking import rank_methods
from hlv.stats.pairwise.ranking_result import Ranking
from hlv.stats.resampling.percentiles import percentile_intervals
from metaeval.formats.records import JudgmentRecord, Verdict

SEED = 1
N_RESAMPLES = 2000


@dataclass(frozen=True)
class Table:
    """A table for programs: an undetermined value is None."""

    name: str
    header: tuple[str, ...]
    rows: list[tuple[CellValue, ...]]


@dataclass(frozen=True, eq=False)
class Centralities:
    """Rank centralities (M,) with the ends of their 95 % intervals, and why either is missing.

    `ranking` has the centred logarithms.
    """

    values: FloatArray | None
    low: FloatArray | None = None
    high: FloatArray | None = None
    undetermined: str = ""
    ranking: Ranking | None = None


@dataclass(frozen=True, eq=False)
class PairCounts:
    """The verdicts between the methods of one base model: `wins[i, j]` of i over j, `both` and `neither` (M, M)."""

    names: list[str]
    wins: FloatArray
    both: FloatArray
    neither: FloatArray
    cells: Cells

    @classmethod
    def of(cls, judgments: Sequence[JudgmentRecord]) -> PairCounts:
        names = sorted({name for one in judgments for name in (one.left, one.right)})
        place = {name: number for number, name in enumerate(names)}
        wins, both, neither = (np.zeros((len(names), len(names))) for _ in range(3))
        for one in judgments:
            left, right = place[one.left], place[one.right]
            if one.verdict is Verdict.LEFT:
                wins[left, right] += 1
            elif one.verdict is Verdict.RIGHT:
                wins[right, left] += 1
            else:
                tied = both if one.verdict is Verdict.BOTH else neither
                tied[left, right] += 1
                tied[right, left] += 1
        return cls(names, wins, both, neither, _cells(judgments, place))

    @property
    def ties(self) -> FloatArray:
        return self.both + self.neither

    @property
    def n_judgments(self) -> FloatArray:
        """Of each method, (M,)."""
        return np.asarray((self.wins + self.wins.T + self.ties).sum(axis=1))

    @cached_property
    def centralities(self) -> dict[CentralityTies, Centralities]:
        """With the ties of the paper ("denominator"), and with half ties."""
        return {"denominator": self._shares("denominator"), "half": self._shares("half")}

    def _shares(self, ties: CentralityTies) -> Centralities:
        """Rank centralities with their bootstrap intervals over judges and texts, or why there are none."""
        try:
            values = rank_centrality(self.wins, self.ties, ties_rule=ties, names=self.names)
        except NoRankingError as refusal:
            return Centralities(None, undetermined=error_sentence(refusal))
        ranking = rank_methods(
            self.cells, self.names, model="rank-centrality", ties=ties, n_resamples=N_RESAMPLES, seed=SEED
        )
        if ranking.resamples is None:
            return Centralities(values, ranking=ranking)
        # Strengths are centred logarithms of the shares.
        found = percentile_intervals(scipy.special.softmax(ranking.resamples.strengths, axis=1))
        no_interval = "" if found.low is not None else f"Rank centrality, {ties}: interval {found.rule}."
        return Centralities(values, found.low, found.high, no_interval, ranking)

    @cached_property
    def bradley_terry(self) -> Ranking:
        """With half ties, and intervals over judges and texts where they are determined."""
        return rank_methods(self.cells, self.names, n_resamples=0, seed=SEED)


def _cells(judgments: Sequence[JudgmentRecord], place: Mapping[str, int]) -> Cells:
    outcomes = {Verdict.LEFT: FIRST, Verdict.RIGHT: SECOND}
    judges, items = (
        {code: number for number, code in enumerate(dict.fromkeys(codes))}
        for codes in ((one.judge for one in judgments), (one.item_key for one in judgments))
    )
    return make_cells(
        first=[place[one.left] for one in judgments],
        second=[place[one.right] for one in judgments],
        outcome=[outcomes.get(one.verdict, TIE) for one in judgments],
        judge=[judges[one.judge] for one in judgments],
        item=[items[one.item_key] for one in judgments],
        first_is_left=[1] * len(judgments),
    )


def win_table(pair_counts: Mapping[str, PairCounts]) -> Table:
    rows: list[tuple[CellValue, ...]] = []
    for base, counts in pair_counts.items():
        for i, method in enumerate(counts.names):
            for j, other in enumerate(counts.names):
                cell = (counts.wins[i, j], counts.wins[j, i], counts.both[i, j], counts.neither[i, j])
                if sum(cell):
                    rows.append((base, method, other, *(int(n) for n in cell), int(sum(cell))))
    header = ("base_model", "method", "against", "wins", "losses", "both", "neither", "n_judgments")
    return Table("wins", header, rows)


def ranking_table(pair_counts: Mapping[str, PairCounts]) -> Table:
    rows: list[tuple[CellValue, ...]] = []
    for base, counts in pair_counts.items():
        centralities = list(counts.centralities.values())
        ranking = counts.bradley_terry
        found = [one.undetermined for one in centralities] + [ranking.undetermined]
        reasons = " ".join(dict.fromkeys(reason for reason in found if reason))
        columns = [column for one in centralities for column in (one.values, one.low, one.high)]
        columns += [ranking.strengths, ranking.low, ranking.high]
        for place, method in enumerate(counts.names):
            values = [_known(column, place) for column in columns]
            rows.append((base, method, *values, int(counts.n_judgments[place]), reasons))
    header = (
        *("base_model", "method"),
        *(
            "rank_centrality_of_the_paper",
            "rank_centrality_of_the_paper_low",
            "rank_centrality_of_the_paper_high",
        ),
        *("rank_centrality_half_ties", "rank_centrality_half_ties_low", "rank_centrality_half_ties_high"),
        *(
            "bradley_terry_half_ties",
            "bradley_terry_low",
            "bradley_terry_high",
            "n_judgments",
            "undetermined",
        ),
    )
    return Table("ranking", header, rows)


def _known(column: FloatArray | None, place: int) -> float | None:
    return None if column is None or not np.isfinite(column[place]) else float(column[place])
