"""arenakit: its bootstrap by battle or by voter, ties half, without its prior, which would change the answers."""

from arenakit.boot import bootstrap
from arenakit.bt import fit_bt
from arenakit.schema import Arena


def prepare(arrays):
    arena = object.__new__(Arena)
    arena.models = [f"method {number}" for number in range(int(arrays["n_methods"]))]
    arena.a, arena.b, arena.y = arrays["first"], arrays["second"], arrays["outcome"]
    arena.item, arena.voter = None, arrays["judge"]
    return arena, str(arrays["cluster"]), int(arrays["n_resamples"])


def run(state):
    arena, cluster, n_resamples = state
    found = bootstrap(
        arena, fit=lambda counts: fit_bt(counts, prior=0.0), n_resamples=n_resamples, seed=1, cluster=cluster
    )
    return {"strengths": found.scores}
