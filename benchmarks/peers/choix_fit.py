"""choix: Bradley-Terry from a list of (winner, loser)."""

import choix


def prepare(arrays):
    pairs = list(zip(arrays["winners"].tolist(), arrays["losers"].tolist(), strict=True))
    return int(arrays["n_methods"]), pairs


def run(state):
    n_methods, pairs = state
    strengths = choix.ilsr_pairwise(n_methods, pairs, tol=1e-10)
    return {"strengths": strengths - strengths.mean()}
