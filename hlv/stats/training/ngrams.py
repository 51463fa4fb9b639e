"""Character n-grams as features: counted within words, weighted by rarity, reduced by a singular value decomposition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from hlv.stats.arrays import FloatArray, IntArray, SparseTable

SIZES: Final = range(2, 6)
FEWEST_TEXTS: Final = 2
MOST_COMPONENTS: Final = 300
# Logits at the start are well below 1, and a few hundred steps reach the optimum.
ROW_NORM: Final = 3.0


def word_ngrams(text: str) -> Iterator[str]:
    """Character n-grams of each lower-case word, which has a space on both sides; a short word is taken whole."""
    for word in text.lower().split():
        padded = f" {word} "
        for size in SIZES:
            if size >= len(padded):
                yield padded
                break
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


def ngram_counts(texts: Sequence[str]) -> SparseTable:
    """How often each n-gram is in each text (N, V)."""
    column: dict[str, int] = {}
    places: list[int] = []
    numbers: list[int] = []
    ends = [0]
    for text in texts:
        counted = Counter(word_ngrams(text))
        places.extend(column.setdefault(ngram, len(column)) for ngram in counted)
        numbers.extend(counted.values())
        ends.append(len(places))
    values = np.array(numbers, dtype=np.float64)
    table = sparse.csr_array((values, places, ends), shape=(len(texts), len(column)))
    table.sort_indices()
    return table


def ngram_features(counts: SparseTable, train: IntArray, *, most: int = MOST_COMPONENTS) -> FloatArray:
    """Components (N, D) of all texts; vocabulary, rarity and components are those of the training texts alone.

    Of n-grams in at least `FEWEST_TEXTS` training texts: (1 + log count) x (1 + log((n + 1) / (n with it + 1))), each
    text with norm 1, projected on at most `most` singular vectors.
    """
    n_with = np.asarray((counts[train] > 0).sum(axis=0)).ravel()
    kept = np.flatnonzero(n_with >= FEWEST_TEXTS)
    if not len(kept):
        return np.zeros((counts.shape[0], 0))
    table = counts[:, kept]
    table.data = 1 + np.log(table.data)
    rarity = 1 + np.log((len(train) + 1) / (n_with[kept] + 1))
    table = table @ sparse.diags_array(rarity)
    norms = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    table = sparse.diags_array(np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)) @ table
    return np.asarray(table @ _right_singular_vectors(table[train], most))


def _right_singular_vectors(table: SparseTable, most: int) -> FloatArray:
    """(V, D), the largest first; the start of the iteration is fixed, so that the bits are, too."""
    n_components = min(most, min(table.shape) - 1)
    if n_components < 1:
        return np.asarray(table.toarray().T)
    _, values, vectors = svds(table, k=n_components, v0=np.ones(min(table.shape)))
    order = np.argsort(-values, kind="stable")
    kept = order[values[order] > values.max() * 1e-10]
    return np.asarray(vectors[kept].T)


def scaled(features: FloatArray, train: IntArray) -> FloatArray:
    """Centred on the training texts, whose rows then have norm `ROW_NORM` in the mean of squares."""
    centred = features - features[train].mean(axis=0)
    norm = np.sqrt(np.mean(np.square(centred[train]).sum(axis=1)))
    return np.asarray(centred * (ROW_NORM / norm)) if norm > 0 else centred
