"""Training losses and their gradients by logits, in closed form.

Each loss takes logits (..., B, K) of a batch of B rows and returns its value (...) and its gradient (..., B, K). Leading
axes are models that are trained side by side on the same batch. Shares are those of people, q is the softmax of the
logits, or their sigmoid in a multilabel task. Values and gradients are finite where a share or q is 0.

JSD, soft micro F1 and soft macro F1 are one minus the metric of that name; the last two depend on the batch.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit, logsumexp, softmax, xlogy

from hlv.stats.arrays import FloatArray

Aggregate = Literal["min", "mean", "max"]


class Loss(NamedTuple):
    """Value (...) of a batch, and gradient (..., B, K) by its logits."""

    value: FloatArray
    gradient: FloatArray


def predicted_shares(logits: FloatArray, *, multilabel: bool) -> FloatArray:
    """q (..., K)."""
    return np.asarray(expit(logits) if multilabel else softmax(logits, axis=-1))


def cross_entropy(
    logits: FloatArray, shares: FloatArray, *, multilabel: bool, weights: FloatArray | None = None
) -> Loss:
    """Mean over rows of -sum P log q; multilabel: of the binary cross-entropies, summed over labels.

    Parameters
    ----------
    shares : (B, K)
    weights : (B,), optional
        Of each row; the mean is over rows all the same.
    """
    row_weights = np.ones(logits.shape[-2]) if weights is None else weights
    values = (row_weights * _normaliser(logits, multilabel=multilabel)).sum(axis=-1)
    values -= np.einsum("...bk,bk->...", logits, row_weights[:, None] * shares)
    errors = predicted_shares(logits, multilabel=multilabel) - shares
    return Loss(values / len(row_weights), row_weights[:, None] * errors / len(row_weights))


def jensen_shannon(logits: FloatArray, shares: FloatArray, *, multilabel: bool) -> Loss:
    """Mean over rows of the Jensen-Shannon divergence in bits; multilabel: over rows and labels, of yes and no."""
    q = predicted_shares(logits, multilabel=multilabel)
    if not multilabel:
        divergence, slope = _divergence_parts(shares, q)
        return _row_mean(divergence.sum(axis=-1), slope - q * slope.sum(axis=-1, keepdims=True))
    not_q = expit(-logits)
    yes, yes_slope = _divergence_parts(shares, q)
    no, no_slope = _divergence_parts(1 - shares, not_q)
    n_labels = shares.shape[-1]
    return _row_mean((yes + no).sum(axis=-1) / n_labels, (not_q * yes_slope - q * no_slope) / n_labels)


def soft_micro_f1(logits: FloatArray, shares: FloatArray, *, multilabel: bool) -> Loss:
    """1 - 2 sum min(P, q) / sum (P + q) over the batch; with one label for each item, the total variation distance."""
    q = predicted_shares(logits, multilabel=multilabel)
    overlap = np.minimum(shares, q).sum(axis=(-2, -1))
    mass = (shares + q).sum(axis=(-2, -1))
    slope = _f1_slope(shares, q, overlap[..., None, None], mass[..., None, None])
    return Loss(1 - _f1(overlap, mass), _by_logits(-slope, q, multilabel=multilabel, logits=logits))


def soft_macro_f1(logits: FloatArray, shares: FloatArray, *, multilabel: bool) -> Loss:
    """1 - the mean over labels of 2 sum min(P, q) / sum (P + q) over the batch; 1 for a label without any mass."""
    q = predicted_shares(logits, multilabel=multilabel)
    overlap = np.minimum(shares, q).sum(axis=-2, keepdims=True)
    mass = (shares + q).sum(axis=-2, keepdims=True)
    slope = _f1_slope(shares, q, overlap, mass) / shares.shape[-1]
    value = 1 - _f1(overlap, mass).mean(axis=(-2, -1))
    return Loss(value, _by_logits(-slope, q, multilabel=multilabel, logits=logits))


def aggregated_cross_entropy(
    logits: FloatArray, answers: FloatArray, times: FloatArray, *, how: Aggregate, multilabel: bool
) -> Loss:
    """Mean over rows of the smallest, mean or largest cross-entropy to the row's answers.

    Parameters
    ----------
    answers : (B, S, K)
        The different label sets given to each row.
    times : (B, S)
        How many people gave each; 0 where there is none.
    how
        Where several answers are the smallest or largest, the gradient is their mean.
    """
    agreement = np.einsum("...bk,bsk->...bs", logits, answers)
    if how == "mean":
        portion = np.broadcast_to(times / times.sum(axis=-1, keepdims=True), agreement.shape)
    else:
        sign = 1.0 if how == "min" else -1.0
        signed = np.where(times > 0, sign * agreement, -np.inf)
        chosen = (signed == signed.max(axis=-1, keepdims=True)).astype(np.float64)
        portion = chosen / chosen.sum(axis=-1, keepdims=True)
    values = _normaliser(logits, multilabel=multilabel) - (portion * agreement).sum(axis=-1)
    errors = predicted_shares(logits, multilabel=multilabel) - np.einsum("...bs,bsk->...bk", portion, answers)
    return _row_mean(values, errors)


def annotator_cross_entropy(
    logits: FloatArray, answers: FloatArray, times: FloatArray, n_rows: int, *, multilabel: bool
) -> Loss:
    """Sum of the cross-entropies of annotators' own logits (..., A, K) to their answers, divided by the rows.

    Parameters
    ----------
    answers : (A, K)
        Of one annotator to one row: summed where the annotator answered it several times.
    times : (A,)
        How often.
    """
    values = np.einsum("...a,a->...", _normaliser(logits, multilabel=multilabel), times)
    values = values - np.einsum("...ak,ak->...", logits, answers)
    errors = times[:, None] * predicted_shares(logits, multilabel=multilabel) - answers
    return Loss(values / n_rows, errors / n_rows)


def _normaliser(logits: FloatArray, *, multilabel: bool) -> FloatArray:
    """What cross-entropy adds to -sum P z: log sum exp z, or sum log(1 + exp z); (..., B)."""
    if multilabel:
        return np.asarray(np.logaddexp(0, logits).sum(axis=-1))
    return np.asarray(logsumexp(logits, axis=-1))


def _row_mean(values: FloatArray, errors: FloatArray) -> Loss:
    n_rows = values.shape[-1]
    return Loss(values.sum(axis=-1) / n_rows, errors / n_rows)


def _divergence_parts(shares: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Of each cell in bits: its part of the divergence, and q times the derivative by q; 0 where q is 0."""
    middle = (shares + q) / 2
    is_there = middle > 0
    q_ratio = np.divide(q, middle, out=np.ones_like(middle), where=is_there)
    share_ratio = np.divide(
        np.broadcast_to(shares, q.shape), middle, out=np.ones_like(middle), where=is_there
    )
    slope = xlogy(q, q_ratio) / (2 * np.log(2))
    return np.asarray(xlogy(shares, share_ratio) / (2 * np.log(2)) + slope), np.asarray(slope)


def _f1(overlap: FloatArray, mass: FloatArray) -> FloatArray:
    return np.asarray(np.divide(2 * overlap, mass, out=np.ones_like(mass), where=mass > 0))


def _f1_slope(shares: FloatArray, q: FloatArray, overlap: FloatArray, mass: FloatArray) -> FloatArray:
    """Derivative of 2 overlap / mass by q; of min(P, q) it is 1 below P, 0 above and a half where both are equal."""
    below = (q < shares) + 0.5 * (q == shares)
    quotient = np.divide(overlap, mass, out=np.zeros_like(mass), where=mass > 0)
    return np.asarray(np.divide(2 * (below - quotient), mass, out=np.zeros_like(q), where=mass > 0))


def _by_logits(slope: FloatArray, q: FloatArray, *, multilabel: bool, logits: FloatArray) -> FloatArray:
    """The chain rule from a derivative by q to one by logits."""
    if multilabel:
        return np.asarray(slope * q * expit(-logits))
    return np.asarray(q * (slope - (slope * q).sum(axis=-1, keepdims=True)))
