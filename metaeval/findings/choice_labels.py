"""What the choices of an analysis, and what followed from them, are called on pages."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from hlv.core.rendering.sentences import listed
from hlv.stats.labels.distributions import EQUAL
from hlv.stats.pairwise.bootstrap import WEAK_PRIOR
from metaeval.results.metric_rows import AgreementTable, LabelWeights, MetricRow
from metaeval.selectors.selections import Exclusions

STATISTIC_WORDS: dict[str, str | Promise] = {
    "kendall_tau_b": _lazy("Kendall’s τ-b"),
    "spearman": _lazy("Spearman’s ρ"),
    "pearson": _lazy("Pearson’s r"),
    "pairwise_accuracy": _lazy("Pairwise accuracy"),
    "soft_pairwise_accuracy": _lazy("Soft pairwise accuracy"),
}


MODEL_WORDS: dict[str, str | Promise] = {
    "bradley-terry": _lazy("Bradley-Terry"),
    "rank-centrality": _lazy("Rank centrality"),
    "win-rate": _lazy("Win rate"),
}


TIES_WORDS: dict[str, str | Promise] = {
    "half": _lazy("half a win for each"),
    "davidson": _lazy("modelled, after Davidson"),
    "rao-kupper": _lazy("modelled, after Rao and Kupper"),
    "drop": _lazy("left out"),
    "denominator": _lazy("a comparison without a win (Rank centrality)"),
}


RESAMPLED: dict[str, str | Promise] = {
    "both": _lazy("judges and texts"),
    "judges": _lazy("judges"),
    "items": _lazy("texts"),
    "judgments": _lazy("single judgments"),
}
RESAMPLE_WORDS: dict[str, str | Promise] = {"": _lazy("the widest available"), **RESAMPLED}


WEIGHTS_WORDS: dict[str, str | Promise] = {
    "equal": _lazy("equal"),
    "certainty": _lazy("by certainty"),
}


def left_out_words(exclusions: Exclusions) -> list[str]:
    """Each rule by which verdicts are left out, as part of a sentence."""
    sentences = []
    if exclusions.judges:
        numbers = ", ".join(map(str, exclusions.judges))
        sentences.append(_("by the judges numbered %(numbers)s") % {"numbers": numbers})
    if exclusions.methods:
        sentences.append(_("on the methods %(names)s") % {"names": listed(exclusions.methods)})
    if exclusions.texts:
        sentences.append(
            ngettext("on %(n)s text", "on %(n)s texts", len(exclusions.texts)) % {"n": len(exclusions.texts)}
        )
    if exclusions.under_seconds:
        sentences.append(
            _("that took less than %(n)s seconds of active time") % {"n": f"{exclusions.under_seconds:g}"}
        )
    return sentences


def joined_rules(rules: list[str]) -> str:
    """All of them in one sentence."""
    words, *others = rules
    for rule in others:
        words = _("%(rules)s and those %(rule)s") % {"rules": words, "rule": rule}
    return words


def without_answer_words(row: MetricRow) -> str:
    """What became of the resamples without a ranking or a score; nothing where all have one."""
    n_with_prior, of = row.n_resamples_with_prior, f"{row.n_resamples:,}"
    n_lost = row.n_resamples_without_answer - n_with_prior
    sentences = []
    if n_with_prior:
        sentences.append(
            _("%(n)s of %(of)s resamples determine no ranking; they use a weak prior (precision %(prior)s)")
            % {"n": f"{n_with_prior:,}", "of": of, "prior": f"{WEAK_PRIOR:g}"}
        )
    if n_lost:
        sentences.append(
            _("%(n)s of %(of)s resamples have no value and are left out") % {"n": f"{n_lost:,}", "of": of}
        )
    return "; ".join(sentences)


CLUSTERED: dict[str, str | Promise] = {
    "CR3 by judge": _lazy("from cluster-robust standard errors (CR3) with one judge left out at a time;"),
    "CR3 by item": _lazy("from cluster-robust standard errors (CR3) with one text left out at a time;"),
    "CR3 by judgment": _lazy("from robust standard errors (CR3) with one judgment left out at a time;"),
    "CR3, two-way widest of judges and items": _lazy(
        "from cluster-robust standard errors (CR3), the widest of the intervals by judge, by text and by "
        "both;"
    ),
    # of snapshots before the degrees of freedom took part in which way is the widest
    "CR3, two-way maximum of judges and items": _lazy(
        "from cluster-robust standard errors (CR3), the largest of those by judge, by text and by both;"
    ),
}
_BY_STUDENT = _lazy("95 % intervals by Student’s t, with one degree of freedom fewer than effective clusters")


_KINDS: dict[str, str | Promise] = {
    "CR3 by judge": _lazy("analytic intervals by judge"),
    "CR3 by item": _lazy("analytic intervals by text"),
    "CR3 by judgment": _lazy("analytic intervals by single judgment"),
    "CR3, two-way widest of judges and items": _lazy("analytic intervals by judge and text"),
    "CR3, two-way maximum of judges and items": _lazy("analytic intervals by judge and text"),
}


def kind_of_intervals(method: str) -> str:
    """The same in so few words that a line of a list holds them."""
    if not method:
        return _("no intervals")
    clusters = method.partition(", t(J_eff - 1)")[0]
    if clusters in _KINDS:
        return str(_KINDS[clusters])
    return _("bootstrap intervals") if method.startswith("bootstrap") else method


def interval_words(method: str) -> str:
    """The meaning of a snapshot's short name of its intervals; an unknown name is returned."""
    clusters, by_t, more = method.partition(", t(J_eff - 1)")
    if not by_t or clusters not in CLUSTERED:
        return method
    words = f"{CLUSTERED[clusters]} {_BY_STUDENT}"
    return (
        _("%(words)s; with a prior, not calibrated") % {"words": words} if "not calibrated" in more else words
    )


def weights_notes(found: LabelWeights) -> list[str]:
    """How people's labels count in a scoring or a metric agreement; nothing where none was used or it does not say."""
    if found.weights is None:
        return []
    if found.weights == EQUAL:
        return [_("All human labels have the same weight, whatever their certainty.")]
    sentences = [
        _("Human labels are weighted by their certainty. Error rates by annotator are not weighted.")
    ]
    if n := found.n_without_certainty:
        sentences.append(
            ngettext(
                "%(n)s labelled text is left out because an annotator gave no certainty.",
                "%(n)s labelled texts are left out because an annotator gave no certainty.",
                n,
            )
            % {"n": f"{n:,}"}
        )
    if n := found.n_zero_certainty:
        sentences.append(
            ngettext(
                "%(n)s labelled text is left out because all its certainties are 0.",
                "%(n)s labelled texts are left out because all their certainties are 0.",
                n,
            )
            % {"n": f"{n:,}"}
        )
    return sentences


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
    sentences = []
    if "exact" in kinds:
        sentences.append(
            _("exact (Kendall’s distribution) where neither side has ties")
            if len(kinds) > 1
            else _("exact (Kendall’s distribution)")
        )
    if "all orders" in kinds:
        sentences.append(_("from all %(n)s permutations of the methods") % {"n": f"{kinds['all orders']:,}"})
    if "random orders" in kinds:
        sentences.append(
            _("from %(n)s random permutations of the methods") % {"n": f"{kinds['random orders']:,}"}
        )
    words = sentences[0] if sentences else ""
    for other in sentences[1:]:
        words = _("%(orders)s, otherwise %(other)s") % {"orders": words, "other": other}
    return words


def p_sentence(result: AgreementTable, measure: str = "kendall_tau_b") -> str:
    """How p was computed and what it tests; nothing in a snapshot that does not say."""
    orders = orders_words(result, measure)
    return "" if not orders else _("p is %(orders)s.") % {"orders": orders} + " " + null_words("permutation")
