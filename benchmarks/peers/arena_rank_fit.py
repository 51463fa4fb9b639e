"""arena-rank: its way from a data frame to ratings, without its intervals; its bootstrap hangs under fork."""

import numpy as np
import pandas as pd
from arena_rank.models.bradley_terry import BradleyTerry
from arena_rank.utils.data_utils import PairDataset

WINNERS = np.array(["model_a", "model_b", "tie"])


def prepare(arrays):
    frame = pd.DataFrame(
        {
            "model_a": arrays["first"],
            "model_b": arrays["second"],
            "winner": WINNERS[arrays["outcome"]],
        }
    )
    return int(arrays["n_methods"]), frame


def run(state):
    n_methods, frame = state
    board = PairDataset.from_pandas(frame)
    model = BradleyTerry(n_competitors=n_methods)
    model.fit(board)
    strengths = np.asarray(model.params["ratings"])[np.argsort(board.competitors)]
    return {"strengths": strengths - strengths.mean()}
