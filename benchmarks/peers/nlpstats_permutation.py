"""nlpstats: PERM-BOTH with Pearson's r for one pair of metrics after another."""

import numpy as np
from nlpstats.correlations.permutation import permutation_test


def prepare(arrays):
    pairs = list(zip(arrays["first"].tolist(), arrays["second"].tolist(), strict=True))
    return arrays["scores"], arrays["people"][:, None], pairs, int(arrays["n_permutations"])


def run(state):
    scores, people, pairs, n_permutations = state
    np.random.seed(1)
    return {
        "p": np.array(
            [
                permutation_test(
                    scores[first],
                    scores[second],
                    people,
                    "system",
                    "pearson",
                    "both",
                    n_resamples=n_permutations,
                ).pvalue
                for first, second in pairs
            ]
        )
    }
