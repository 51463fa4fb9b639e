"""What each p tests and for which methods it speaks: a sentence beside every p, on pages, in commands and for papers."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from metaeval.results.metric_rows import AgreementTable

# By the names that results give to tests.
NULL_HYPOTHESES: Final = {
    "permutation": _lazy(
        "Null hypothesis of p, for these methods: the metric is unrelated to the ranking, and all orders of "
        "the methods are equally likely."
    ),
    "joint bootstrap": _lazy(
        "Null hypothesis of the joint bootstrap, for these methods: both metrics agree equally well with "
        "people, for other judges and texts."
    ),
    "PERM-BOTH": _lazy(
        "Null hypothesis of PERM-BOTH, for these methods: the scores of both metrics are exchangeable; the "
        "human ranking is treated as known."
    ),
    "PERM-SYSTEMS": _lazy(
        "Null hypothesis of PERM-SYSTEMS, for methods like these: both metrics agree equally well, so their scores of whole "
        "methods are exchangeable."
    ),
    "Boot-Systems": _lazy(
        "Null hypothesis of Boot-Systems, for methods like these: both metrics agree equally well; methods "
        "are resampled."
    ),
    "Boot-Both": _lazy(
        "Null hypothesis of Boot-Both, for methods like these: both metrics agree equally well; methods, "
        "judges and texts are resampled."
    ),
    "Williams": _lazy(
        "Null hypothesis of Williams’ t, for methods like these: both metrics have the same Pearson correlation."
    ),
}


def null_words(*tests: str) -> str:
    """Their null hypotheses, each once; a name without one says nothing."""
    return " ".join(str(NULL_HYPOTHESES[test]) for test in dict.fromkeys(tests) if test in NULL_HYPOTHESES)


def orders_words(result: AgreementTable, measure: str = "kendall_tau_b") -> str:
    """Which orders of the methods the p of a measure was taken over, as part of a sentence; nothing where none says."""
    kinds: dict[str, int | None] = {}
    for row in result.metrics:
        found = row.coefficients.get(measure)
        if found is not None and (orders := found.p_from) is not None:
            kinds[orders.kind] = max(kinds.get(orders.kind) or 0, orders.n or 0)
    said = []
    if "exact" in kinds:
        said.append(
            _("exact (Kendall’s distribution) where neither side has ties")
            if len(kinds) > 1
            else _("exact (Kendall’s distribution)")
        )
    if "all orders" in kinds:
        said.append(_("from all %(n)s permutations of the methods") % {"n": f"{kinds['all orders']:,}"})
    if "random orders" in kinds:
        said.append(_("from %(n)s random permutations of the methods") % {"n": f"{kinds['random orders']:,}"})
    return _(", otherwise ").join(said)


def p_sentence(result: AgreementTable, measure: str = "kendall_tau_b") -> str:
    """How p was computed and what it tests; nothing in a snapshot that does not say."""
    orders = orders_words(result, measure)
    return "" if not orders else _("p is %(orders)s.") % {"orders": orders} + " " + null_words("permutation")
