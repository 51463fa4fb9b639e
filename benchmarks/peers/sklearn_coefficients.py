"""scikit-learn: Cohen's kappa of two annotators."""

import numpy as np
from sklearn.metrics import cohen_kappa_score


def prepare(arrays):
    return list(zip(arrays["first"], arrays["second"], strict=True))


def run(pairs):
    return {"values": np.array([cohen_kappa_score(left, right) for left, right in pairs])}
