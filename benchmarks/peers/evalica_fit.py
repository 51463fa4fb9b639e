"""evalica: Bradley-Terry of names or numbers, ties half, until its own steps are below 1e-12."""

import evalica
import numpy as np

WINNERS = (evalica.Winner.X, evalica.Winner.Y, evalica.Winner.Draw)


def prepare(arrays):
    first, second = arrays["first"], arrays["second"]
    winners = [WINNERS[code] for code in arrays["outcome"].tolist()]
    if "names" in arrays:
        names = arrays["names"].tolist()
        return (
            names,
            [names[code] for code in first.tolist()],
            [names[code] for code in second.tolist()],
            winners,
        )
    return list(range(int(arrays["n_methods"]))), first, second, winners


def run(state):
    order, first, second, winners = state
    found = evalica.bradley_terry(first, second, winners, tolerance=1e-12, limit=10_000)
    strengths = np.log(found.scores[order].to_numpy())
    return {"strengths": strengths - strengths.mean()}
