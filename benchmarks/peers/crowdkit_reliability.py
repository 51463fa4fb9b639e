"""crowd-kit: its noisy Bradley-Terry, which has a skill and a side bias of each worker."""

import numpy as np
import pandas as pd
from crowdkit.aggregation.pairwise.noisy_bt import NoisyBradleyTerry


def prepare(arrays):
    left, right = arrays["first"], arrays["second"]
    frame = pd.DataFrame(
        {
            "worker": arrays["judge"],
            "left": left,
            "right": right,
            "label": np.where(arrays["outcome"] == 0, left, right),
        }
    )
    return frame, int(arrays["n_methods"]), int(arrays["n_judges"])


def run(state):
    frame, n_methods, n_judges = state
    model = NoisyBradleyTerry().fit(frame)
    return {
        "scores": model.scores_.loc[list(range(n_methods))].to_numpy(),
        "skills": model.skills_.loc[list(range(n_judges))].to_numpy(),
    }
