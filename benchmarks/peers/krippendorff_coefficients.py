"""krippendorff: alpha from tables of counts."""

import krippendorff
import numpy as np


def prepare(arrays):
    return list(arrays["tables"]), str(arrays["distance"])


def run(state):
    tables, distance = state
    alphas = [krippendorff.alpha(value_counts=counts, level_of_measurement=distance) for counts in tables]
    return {"values": np.array(alphas)}
