"""Which metric agrees with people: joint resamples of both sides, and tests of one metric against another."""

from __future__ import annotations

import numpy as np
from scipy.stats import kendalltau, pearsonr, spearmanr

from benchmarks.peers.environments import PeerMissingError
from benchmarks.peers.process import peer
from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians, timed
from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import CORRELATIONS, soft_pairwise_accuracy, superiority, ties_of
from hlv.stats.meta_evaluation.joint_bootstrap import joint_coefficients
from hlv.stats.meta_evaluation.paired_permutation import swap_p_values
from hlv.stats.resampling.item_weights import Weights

SEED = 20260101
N_METHODS = 14
N_ITEMS = 1_000
N_METRICS = 20
N_RESAMPLES = 1000
N_PERMUTATIONS = 9_999
# passes of a loop, and permutations of some pairs, that tell what all take
N_MEASURED = 20
N_PAIRS_MEASURED = 10
N_PERMUTATIONS_MEASURED = 200


def run(scoreboard: Scoreboard) -> None:
    generator = np.random.default_rng(SEED)
    strengths = np.linspace(-1, 1, N_METHODS)
    people = strengths + 0.15 * generator.standard_normal((N_RESAMPLES, N_METHODS))
    taste = np.linspace(0.02, 0.4, N_METRICS)[:, None, None]
    liking = taste * generator.standard_normal((N_METRICS, N_METHODS, 1))
    scores = strengths[:, None] + liking + generator.standard_normal((N_METRICS, N_METHODS, N_ITEMS))
    _joint_resamples(scoreboard, scores, people)
    _exchanged_scores(scoreboard, scores, strengths)


def _joint_resamples(scoreboard: Scoreboard, scores: FloatArray, people: FloatArray) -> None:
    def ours() -> FloatArray:
        """(metrics, coefficients, resamples), the last of the coefficients of all resamples together."""
        weights = Weights.drawn(N_ITEMS, n_resamples=N_RESAMPLES, seed=SEED)
        means = weights.sums(scores.reshape(-1, N_ITEMS).T) / N_ITEMS
        human = superiority(ties_of(people, "strength"))
        found = np.empty((N_METRICS, len(CORRELATIONS) + 1, N_RESAMPLES))
        for metric, of_methods in enumerate(np.split(means, N_METRICS, axis=1)):
            joint = joint_coefficients(people, of_methods, people_scale="strength", score_scale="score")
            found[metric, :-1] = [joint[name] for name in CORRELATIONS]
            found[metric, -1] = soft_pairwise_accuracy(superiority(ties_of(of_methods, "score")), human)
        return found

    draws = Weights.drawn(N_ITEMS, n_resamples=N_RESAMPLES, seed=SEED).counts[:N_MEASURED]
    items = [np.repeat(np.arange(N_ITEMS), draw) for draw in draws]

    def loop() -> FloatArray:
        """The same without soft pairwise accuracy, which would not cost it much: it is of all resamples."""
        found = np.empty((N_METRICS, len(CORRELATIONS), N_MEASURED))
        for resample, drawn in enumerate(items):
            human = people[resample]
            for metric in range(N_METRICS):
                found[metric, :, resample] = _by_scipy(scores[metric][:, drawn].mean(axis=1), human)
        return found

    seconds = interleaved_medians({"hlv": timed(ours), "loop": timed(loop)}, enough=5)
    scoreboard.open_work(
        f"{N_RESAMPLES:,} joint resamples x {N_METRICS} metrics x 5 coefficients, {N_METHODS} methods, {N_ITEMS:,} items"
    )
    scoreboard.ours(seconds["hlv"])
    scoreboard.against(
        "a loop over numpy and scipy",
        seconds["loop"] * N_RESAMPLES / N_MEASURED,
        ours=seconds["hlv"],
        at_least=100,
        apart=float(np.abs(ours()[:, :-1, :N_MEASURED] - loop()).max()),
        may_differ=1e-9,
        remark=f"{N_MEASURED} resamples measured",
    )


def _by_scipy(metric: FloatArray, human: FloatArray) -> tuple[float, float, float, float]:
    upper = np.triu_indices(N_METHODS, k=1)
    alike = np.sign(metric[upper[0]] - metric[upper[1]]) == np.sign(human[upper[0]] - human[upper[1]])
    return (
        float(kendalltau(metric, human).statistic),
        float(spearmanr(metric, human).statistic),
        float(pearsonr(metric, human).statistic),
        float(alike.mean()),
    )


def _exchanged_scores(scoreboard: Scoreboard, scores: FloatArray, people: FloatArray) -> None:
    first, second = np.triu_indices(N_METRICS, k=1)

    def ours() -> FloatArray:
        return swap_p_values(
            scores, people, first, second, coefficient="pearson", n_permutations=N_PERMUTATIONS, seed=SEED
        )

    some = np.linspace(0, len(first) - 1, N_PAIRS_MEASURED).astype(int)
    arrays = {
        "scores": scores,
        "people": people,
        "first": first[some],
        "second": second[some],
        "n_permutations": np.array(N_PERMUTATIONS_MEASURED),
    }
    scoreboard.open_work(
        f"PERM-BOTH for {len(first)} pairs of metrics, Pearson's r, {N_PERMUTATIONS:,} permutations"
    )
    try:
        with peer("nlpstats_permutation", arrays) as other:
            seconds = interleaved_medians({"hlv": timed(ours), "other": other.run}, enough=5)
            apart = float(np.abs(ours()[some] - other.answer()["p"]).max())
    except PeerMissingError as missing:
        scoreboard.cannot_compare("nlpstats", str(missing))
        return
    scoreboard.ours(seconds["hlv"])
    scale = len(first) / N_PAIRS_MEASURED * N_PERMUTATIONS / N_PERMUTATIONS_MEASURED
    scoreboard.against(
        "nlpstats, pair by pair",
        seconds["other"] * scale,
        ours=seconds["hlv"],
        at_least=200,
        apart=apart,
        # four standard errors of a p of one half from so few permutations
        may_differ=2 / np.sqrt(N_PERMUTATIONS_MEASURED),
        remark=f"p of random draws; {N_PAIRS_MEASURED} pairs and {N_PERMUTATIONS_MEASURED} permutations measured",
    )
