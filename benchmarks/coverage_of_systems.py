"""How often claims about methods like these are right: error rates and coverage, over simulated populations of methods.

Methods are drawn from a population, in which each metric has a correlation with the true strengths and a bias for some
methods. People judge pairs of them (the judgment simulator, with preferences of judges and effects of texts); metrics
score texts with noise. Two metrics of the same correlation are equal in general and differ on any methods at
hand: tests that speak for methods like these should reject at most 5 % of them, tests for these methods need not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.joint_bootstrap import joint_resamples
from hlv.stats.meta_evaluation.paired_permutation import swap_tests
from hlv.stats.meta_evaluation.system_generalization import GENERAL_TESTS, compare_across_systems
from hlv.stats.pairwise.bootstrap import comparison_resampler, resample_fits
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.pairwise.comparisons import make_cells, pair_counts
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.power.simulate import simulate_judgments
from hlv.stats.resampling.chunks import chunks
from hlv.stats.resampling.item_weights import Weights

SEED = 20_261_201
N_BOARDS = 400
N_RESAMPLES = 399
# Where one decision stands alone few exchanges do, and open ones go on.
N_EXCHANGES = 499
N_ITEMS = 200
N_JUDGES = 20
JUDGMENTS_PER_METHOD = 300
PEOPLE = {"tie_share": 0.2, "taste_sd": 0.35, "item_sd": 0.15, "evenness": 2.0}
# of true strengths in log odds, and of a score of one text about a metric's expectation of standard deviation 1
SPREAD_SD = 0.9
TEXT_NOISE = 2.0
COEFFICIENTS = ("kendall_tau_b", "pearson")
FOR_THESE = ("joint bootstrap", "PERM-BOTH")
# Known to be missed: Boot-Systems rejects 7 to 11 % by Pearson's r with 8 base models; docs and page say so.
# What each test that is used for methods like these may reject of equal metrics, and its interval has to hold.
MOST_ERRORS = 0.07
LEAST_COVERAGE = 0.90


@dataclass(frozen=True)
class Setting:
    """Two metrics on methods of a population; `base_models` of 0 takes every method by itself.

    `shared` is how much of a metric's own likings the methods of one base model share.
    """

    n_methods: int
    one: float
    other: float
    base_models: int = 0
    shared: float = 0.0

    @property
    def words(self) -> str:
        bases = f", {self.base_models} base models" if self.base_models else ""
        return f"{self.n_methods} methods{bases}, r {self.one:g} and {self.other:g}"


SETTINGS = (
    *(Setting(n, 0.8, 0.8) for n in (6, 9, 14, 30)),
    *(Setting(n, 0.5, 0.5) for n in (6, 9, 14)),
    *(Setting(n, 0.9, 0.4) for n in (6, 9, 14, 30)),
    Setting(24, 0.8, 0.8, base_models=8, shared=0.7),
)


@dataclass(frozen=True)
class Board:
    """What is known of the methods at hand."""

    human: HumanScores
    metrics: list[MetricScores]
    of_items: FloatArray


def boards(setting: Setting, n_boards: int, *, seed: int) -> Iterator[tuple[Board, int]]:
    for number, child in enumerate(np.random.SeedSequence(seed).spawn(n_boards)):
        try:
            yield _board(setting, np.random.default_rng(child), number), number
        except NoRankingError:
            continue


def _board(setting: Setting, rng: np.random.Generator, number: int) -> Board:
    m = setting.n_methods
    base = np.arange(m) % setting.base_models if setting.base_models else np.arange(m)
    latent = rng.standard_normal(m)
    drawn = simulate_judgments(
        SPREAD_SD * latent,
        n_judgments=JUDGMENTS_PER_METHOD * m,
        n_judges=N_JUDGES,
        n_items=N_ITEMS,
        rng=rng,
        tie_share=PEOPLE["tie_share"],
        taste_sd=PEOPLE["taste_sd"],
        item_sd=PEOPLE["item_sd"],
        evenness=PEOPLE["evenness"],
    )
    cells = make_cells(
        first=drawn.first, second=drawn.second, outcome=drawn.outcome, judge=drawn.judge, item=drawn.item
    )
    wins, ties = pair_counts(cells, m)
    fit = fit_bradley_terry(wins, ties, ties_rule="half")
    resampler = comparison_resampler(cells, pair_table(wins, ties), unit="both", seed=number)
    people = resample_fits(resampler, fit, n_resamples=N_RESAMPLES)
    # A text has one weight in a resample, on both sides.
    draws = RankingDraws.of(cells, unit="both", seed=number).of_items(np.arange(N_ITEMS))
    weights = Weights.draw_chunks(
        N_ITEMS, first=0, stop=len(chunks(N_RESAMPLES)), n_resamples=N_RESAMPLES, seed=number, shared=draws
    )
    metrics, tables = [], []
    for name, r in (("one", setting.one), ("other", setting.other)):
        likings = np.sqrt(setting.shared) * rng.standard_normal(m)[base]
        likings = likings + np.sqrt(1 - setting.shared) * rng.standard_normal(m)
        expected = r * latent + np.sqrt(1 - r**2) * likings
        items = expected[:, None] + TEXT_NOISE * rng.standard_normal((m, N_ITEMS))
        tables.append(items)
        resampled = weights.sums(items.T) / weights.counts.sum(axis=1, keepdims=True)
        metrics.append(MetricScores(name, True, items.mean(axis=1), resampled))
    return Board(HumanScores(fit.strengths, people.strengths_with_prior), metrics, np.stack(tables))


def true_agreement(r: float, coefficient: str) -> float:
    """Of two normal variables of correlation r."""
    return float(2 / np.pi * np.arcsin(r)) if coefficient == "kendall_tau_b" else r


def measure(setting: Setting, n_boards: int, *, seed: int = SEED) -> dict[str, dict[str, float]]:
    """Of each coefficient, the share of boards that each test rejects and that the intervals hold the truth on."""
    pair = (np.array([0]), np.array([1]))
    rejected: dict[str, dict[str, list[bool]]] = {name: {} for name in COEFFICIENTS}
    for board, number in boards(setting, n_boards, seed=seed):
        m = setting.n_methods
        bases = [str(place % setting.base_models if setting.base_models else place) for place in range(m)]
        general = compare_across_systems(
            board.human,
            board.metrics,
            clusters=bases,
            n_resamples=N_RESAMPLES,
            seed=number,
            n_exchanges=N_EXCHANGES,
            coefficients=COEFFICIENTS,
        )
        joint = joint_resamples(board.human, board.metrics, [np.ones(m, dtype=bool)] * 2)
        for name in COEFFICIENTS:
            said = rejected[name]
            for test in GENERAL_TESTS:
                said.setdefault(test, []).append(bool(general[name].tests[test].p[0] < 0.05))
            one, other = (rows[name] for rows in joint if rows is not None)
            below = min(int((one - other <= 0).sum()), int((one - other >= 0).sum()))
            said.setdefault("joint bootstrap", []).append(2 * (1 + below) / (1 + len(one)) < 0.05)
            both = swap_tests(
                board.of_items, board.human.values, *pair, coefficient=name, n_permutations=N_EXCHANGES,
                most_permutations=N_EXCHANGES, seed=number,
            )  # fmt: skip
            said.setdefault("PERM-BOTH", []).append(bool(both.p[0] < 0.05))
            truth = true_agreement(setting.one, name)
            holds = general[name].low[0] <= truth <= general[name].high[0]
            said.setdefault("interval", []).append(bool(holds))
    return {
        name: {what: float(np.mean(shares)) for what, shares in said.items()}
        for name, said in rejected.items()
    }


def table_of_systems(n_boards: int = N_BOARDS) -> list[str]:
    """Print the table; returns what is not as it claims."""
    print(
        f"Claims for methods like these: {n_boards} boards each, seed {SEED}; {N_JUDGES} judges, "
        f"{JUDGMENTS_PER_METHOD} judgments per method, {N_ITEMS} texts, {N_RESAMPLES} resamples; {PEOPLE}"
    )
    failed = []
    for setting in SETTINGS:
        found = measure(setting, n_boards)
        _print(setting, found)
        if not _problems(setting, found):
            continue
        # one cell of many may lie beyond its bound by chance: fresh boards say whether it does
        again = measure(setting, n_boards, seed=SEED + 1)
        print(f"again, seed {SEED + 1}:")
        _print(setting, again)
        failed += _problems(setting, again)
    return failed


def _print(setting: Setting, found: dict[str, dict[str, float]]) -> None:
    for name, shares in found.items():
        rates = ", ".join(f"{test} {shares[test]:.1%}" for test in (*GENERAL_TESTS, *FOR_THESE))
        print(
            f"{setting.words}, {name}: rejected by {rates}; Boot-Both interval holds {shares['interval']:.1%}",
            flush=True,
        )


def _problems(setting: Setting, found: dict[str, dict[str, float]]) -> list[str]:
    problems = []
    for name, shares in found.items():
        if setting.one == setting.other:
            problems += [
                f"{setting.words}, {name}: {test} rejects {shares[test]:.1%} of equal metrics"
                for test in GENERAL_TESTS
                if shares[test] > MOST_ERRORS and not (test == "Boot-Systems" and setting.base_models)
            ]
        if shares["interval"] < LEAST_COVERAGE:
            problems.append(
                f"{setting.words}, {name}: the interval holds the truth in {shares['interval']:.1%}"
            )
    return problems


if __name__ == "__main__":
    problems = table_of_systems(int(sys.argv[1]) if len(sys.argv) > 1 else N_BOARDS)
    print("\n".join(problems) or "All within what they claim.")
    sys.exit(1 if problems else 0)
