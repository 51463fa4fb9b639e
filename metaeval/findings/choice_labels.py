"""What the choices of an analysis are called on pages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATISTIC_WORDS: dict[str, str | Promise] = {
    "kendall_tau_b": _("Kendall’s τ-b"),
    "spearman": _("Spearman’s ρ"),
    "pearson": _("Pearson’s r"),
    "pairwise_accuracy": _("Pairwise accuracy"),
    "soft_pairwise_accuracy": _("Soft pairwise accuracy"),
}


MODEL_WORDS: dict[str, str | Promise] = {
    "bradley-terry": _("Bradley-Terry"),
    "rank-centrality": _("Rank centrality"),
    "win-rate": _("Win rate"),
}


TIES_WORDS: dict[str, str | Promise] = {
    "half": _("half a win for each"),
    "davidson": _("modelled, after Davidson"),
    "rao-kupper": _("modelled, after Rao and Kupper"),
    "drop": _("left out"),
    "denominator": _("a comparison without a win (rank centrality)"),
}


RESAMPLE_WORDS: dict[str, str | Promise] = {
    "": _("the widest that is known"),
    "both": _("judges and texts"),
    "judges": _("judges"),
    "items": _("texts"),
    "judgments": _("bare judgments"),
}


WEIGHTS_WORDS: dict[str, str | Promise] = {
    "equal": _("equal"),
    "certainty": _("by certainty"),
}
