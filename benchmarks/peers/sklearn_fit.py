"""scikit-learn: logistic regression without penalty on +1 and -1, a tie as two halves; its matrix is made before."""

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression


def prepare(arrays):
    n_methods = int(arrays["n_methods"])
    first, second, outcome = arrays["first"], arrays["second"], arrays["outcome"]
    tied = outcome == 2
    rows_first, rows_second = np.concatenate([first, first[tied]]), np.concatenate([second, second[tied]])
    won = np.concatenate([outcome != 1, np.zeros(int(tied.sum()), dtype=bool)])
    weight = np.concatenate([np.where(tied, 0.5, 1.0), np.full(int(tied.sum()), 0.5)])
    n = len(rows_first)
    columns = np.column_stack([rows_first, rows_second]).ravel()
    table = csr_matrix((np.tile([1.0, -1.0], n), columns, np.arange(0, 2 * n + 1, 2)), shape=(n, n_methods))
    return table, won, weight


def run(state):
    table, won, weight = state
    model = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-6, max_iter=1000)
    strengths = model.fit(table, won, sample_weight=weight).coef_[0]
    return {"strengths": strengths - strengths.mean()}
