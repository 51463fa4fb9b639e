"""Block bootstrap: whole blocks of items, such as documents, are drawn with all their items.

References
----------
Davison, A. C., & Hinkley, D. V. (1997). Bootstrap Methods and their Application, section 3.8. Cambridge University
Press.
Field, C. A., & Welsh, A. H. (2007). Bootstrapping clustered data. Journal of the Royal Statistical Society B 69(3),
369-390.
"""

from __future__ import annotations

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.resampling.item_weights import multinomial_counts


def block_weights(
    generator: np.random.Generator, n_items: int, n_resamples: int, *, blocks: IntArray | None = None
) -> FloatArray:
    """How often each item is drawn in each resample, (n_resamples, n_items).

    As many blocks are drawn with replacement as there are, so the number of items varies where blocks differ in
    size.

    Parameters
    ----------
    blocks : (n_items,) or None
        A code for each item, such as its document. Without blocks each item is a block of its own.

    Raises
    ------
    ValueError
        If there is no item, or not one code for each item.

    Examples
    --------
    >>> block_weights(np.random.default_rng(1), 5, 2, blocks=np.array([7, 7, 3, 3, 3]))
    array([[1., 1., 1., 1., 1.],
           [2., 2., 0., 0., 0.]])
    """
    if n_items < 1:
        raise ValueError("at least one item is needed")
    if blocks is None:
        return multinomial_counts(generator, n_items, n_resamples).astype(np.float64)
    if np.shape(blocks) != (n_items,):
        raise ValueError(f"{n_items} items need one block each, not blocks of shape {np.shape(blocks)}")
    codes, place = np.unique(blocks, return_inverse=True)
    return multinomial_counts(generator, len(codes), n_resamples)[:, place].astype(np.float64)


def n_blocks(n_items: int, blocks: IntArray | None) -> int:
    """How many units are drawn: blocks, or items where there are no blocks."""
    return n_items if blocks is None else len(np.unique(blocks))
