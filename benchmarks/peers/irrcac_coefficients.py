"""irrCAC: chance-corrected coefficients from a table of ratings."""

import numpy as np
import pandas as pd
from irrCAC.raw import CAC


def prepare(arrays):
    ratings = arrays["ratings"].astype(float)
    ratings[ratings < 0] = np.nan
    return pd.DataFrame(ratings), list(range(int(arrays["n_labels"])))


def run(state):
    frame, categories = state
    found = CAC(frame, categories=categories, digits=15)
    estimates = [found.fleiss()["est"], found.gwet()["est"], found.krippendorff()["est"]]
    return {
        "values": np.array(
            [estimates[0]["pa"], *(one["coefficient_value"] for one in estimates)], dtype=float
        )
    }
