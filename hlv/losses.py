"""Training losses on human label variation, for torch (`pip install hlv[training]`).

Each loss takes logits of a batch and what people said, and returns a scalar with a gradient. q is the softmax of the
logits, or their sigmoid with `multilabel=True`. Values and gradients are finite where q underflows.

`jsd_loss`, `soft_micro_f1_loss` and `soft_macro_f1_loss` are exactly 1 minus the metrics PO-JSD, soft micro F1 and soft
macro F1 of the batch.

Not every loss is proper, that is, smallest in expectation where q is the share of people. Soft cross-entropy and JSD
are. Soft micro F1 with one label per text is the total variation distance: its optimum is a median. Soft micro and macro
F1 depend on the batch: a label that nobody in the batch chose has no gradient. The smallest and largest cross-entropy of
`aggregated_loss` are not proper either.

References
----------
Kurniawan, K., Mistica, M., Baldwin, T., & Lau, J. H. (2026). Training and evaluating with human label variation: an
empirical study. Computational Linguistics 52(1), 85-111.
"""

from __future__ import annotations

from math import log
from typing import Final, Literal

try:
    import torch
    from torch import Tensor
    from torch.nn import functional
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError("hlv.losses needs torch: pip install hlv[training]", name="torch") from missing

__all__ = [
    "aggregated_loss",
    "annotator_loss",
    "jsd_loss",
    "soft_cross_entropy",
    "soft_macro_f1_loss",
    "soft_micro_f1_loss",
]

Reduction = Literal["mean", "sum", "none"]
Aggregate = Literal["min", "mean", "max"]
_BITS: Final = log(2)


def soft_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    *,
    multilabel: bool = False,
    mask: Tensor | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """-sum P log q of each row; multilabel: binary cross-entropies, summed over labels.

    Parameters
    ----------
    logits, targets : (B, K)
        Targets are shares of people, or a single answer.
    mask : (B,), optional
        Rows that count.
    reduction : {"mean", "sum", "none"}
    """
    log_q, log_not_q = _log_shares(logits, multilabel=multilabel)
    values = -(targets * log_q).sum(dim=-1)
    if log_not_q is not None:
        values = values - ((1 - targets) * log_not_q).sum(dim=-1)
    return _reduced(values, mask, reduction)


def jsd_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    multilabel: bool = False,
    mask: Tensor | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Jensen-Shannon divergence of each row in bits; multilabel: of yes and no, mean over labels. 1 - PO-JSD.

    Parameters
    ----------
    logits, targets : (B, K)
    mask : (B,), optional
        Rows that count.
    reduction : {"mean", "sum", "none"}
    """
    log_q, log_not_q = _log_shares(logits, multilabel=multilabel)
    values = _divergence(targets, log_q).sum(dim=-1)
    if log_not_q is not None:
        values = (values + _divergence(1 - targets, log_not_q).sum(dim=-1)) / targets.shape[-1]
    return _reduced(values, mask, reduction)


def soft_micro_f1_loss(
    logits: Tensor, targets: Tensor, *, multilabel: bool = False, mask: Tensor | None = None
) -> Tensor:
    """1 - 2 sum min(P, q) / sum (P + q) over rows and labels of the batch; 0 where there is no mass at all.

    Parameters
    ----------
    logits, targets : (B, K)
    mask : (B,), optional
        Rows that count.
    """
    shares, q = _counted_rows(logits, targets, mask, multilabel=multilabel)
    return 1 - _f1(torch.minimum(shares, q).sum(), (shares + q).sum())


def soft_macro_f1_loss(
    logits: Tensor, targets: Tensor, *, multilabel: bool = False, mask: Tensor | None = None
) -> Tensor:
    """1 - the mean over labels of 2 sum min(P, q) / sum (P + q) over rows; a label without mass counts as 1.

    Parameters
    ----------
    logits, targets : (B, K)
    mask : (B,), optional
        Rows that count.
    """
    shares, q = _counted_rows(logits, targets, mask, multilabel=multilabel)
    return 1 - _f1(torch.minimum(shares, q).sum(dim=0), (shares + q).sum(dim=0)).mean()


def aggregated_loss(
    logits: Tensor,
    answers: Tensor,
    *,
    how: Aggregate,
    multilabel: bool = False,
    mask: Tensor | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The smallest, mean or largest cross-entropy of each row to its answers.

    Parameters
    ----------
    logits : (B, K)
    answers : (B, S, K)
        Each person's answer to a row, 1 for a chosen label.
    how : {"min", "mean", "max"}
        Where several answers are the smallest or largest, the gradient is their mean.
    mask : (B, S), optional
        Answers that exist.
    reduction : {"mean", "sum", "none"}
    """
    log_q, log_not_q = _log_shares(logits, multilabel=multilabel)
    losses = -(answers * log_q[:, None]).sum(dim=-1)
    if log_not_q is not None:
        losses = losses - ((1 - answers) * log_not_q[:, None]).sum(dim=-1)
    exists = torch.ones_like(losses, dtype=torch.bool) if mask is None else mask.bool()
    if how == "mean":
        values = torch.where(exists, losses, 0).sum(dim=-1) / exists.sum(dim=-1)
    else:
        absent = torch.inf if how == "min" else -torch.inf
        filled = losses.masked_fill(~exists, absent)
        values = filled.amin(dim=-1) if how == "min" else filled.amax(dim=-1)
    return _reduced(values, None, reduction)


def annotator_loss(
    logits: Tensor, answers: Tensor, *, mask: Tensor | None = None, multilabel: bool = False
) -> Tensor:
    """Cross-entropies of annotators' own logits to their answers, summed over annotators, mean over rows.

    Parameters
    ----------
    logits, answers : (B, A, K)
        A head for each annotator, and the annotator's answer.
    mask : (B, A), optional
        Who answered.
    """
    log_q, log_not_q = _log_shares(logits, multilabel=multilabel)
    losses = -(answers * log_q).sum(dim=-1)
    if log_not_q is not None:
        losses = losses - ((1 - answers) * log_not_q).sum(dim=-1)
    if mask is not None:
        losses = torch.where(mask.bool(), losses, 0)
    return losses.sum() / len(logits)


def _log_shares(logits: Tensor, *, multilabel: bool) -> tuple[Tensor, Tensor | None]:
    """log q, and log(1 - q) in a multilabel task; finite for finite logits."""
    if multilabel:
        return functional.logsigmoid(logits), functional.logsigmoid(-logits)
    return functional.log_softmax(logits, dim=-1), None


def _divergence(shares: Tensor, log_q: Tensor) -> Tensor:
    """Each cell's part of the divergence in bits. By logarithms: a ratio of underflown shares has no gradient."""
    log_middle = torch.logaddexp(torch.log(shares), log_q) - _BITS
    of_people = torch.special.xlogy(shares, shares) - shares * log_middle
    return (of_people + log_q.exp() * (log_q - log_middle)) / (2 * _BITS)


def _counted_rows(
    logits: Tensor, targets: Tensor, mask: Tensor | None, *, multilabel: bool
) -> tuple[Tensor, Tensor]:
    q = torch.sigmoid(logits) if multilabel else torch.softmax(logits, dim=-1)
    return (targets, q) if mask is None else (targets[mask.bool()], q[mask.bool()])


def _f1(overlap: Tensor, mass: Tensor) -> Tensor:
    has_mass = mass > 0
    return torch.where(has_mass, 2 * overlap / torch.where(has_mass, mass, 1), 1)


def _reduced(values: Tensor, mask: Tensor | None, reduction: Reduction) -> Tensor:
    counted = values if mask is None else values[mask.bool()]
    if reduction == "none":
        return counted
    return counted.sum() if reduction == "sum" else counted.mean()
