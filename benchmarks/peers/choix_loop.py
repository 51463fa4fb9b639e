"""choix: one fit after another on tables of wins in which a tie is half a win each."""

import choix
import numpy as np


def prepare(arrays):
    return list(arrays["tables"])


def run(tables):
    strengths = np.array([choix.ilsr_pairwise_dense(table, tol=1e-10) for table in tables])
    return {"strengths": strengths - strengths.mean(axis=1, keepdims=True)}
