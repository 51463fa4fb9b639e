"""The paragraph on methods for a paper: every number in it is read from a snapshot, and none is typed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from annotations.charts.drawing import figure
from annotations.formats.writing import iso
from metaeval.charts.differences import DECIMALS, metric_labels, read_differences
from metaeval.charts.tables import Estimate, MethodRow, read_methods
from metaeval.forms.plans import MODEL_WORDS
from metaeval.models import AnalysisPlan, MetricAgreement, Ranking
from metaeval.selectors.exclusions import Exclusions
from metaeval.selectors.snapshots import selection_of
from metaeval.views.agreement_findings import (
    AgreementRead,
    compared_with_one_another,
    counted_metrics,
    read_agreement,
)
from metaeval.views.dashboard import RESAMPLED, selection_words
from metaeval.views.phrases import interval_words, left_out_words, listed

# Of snapshots that do not say up to how many methods all orders were taken.
_EXACT_UP_TO_BEFORE = 8
TIES_IN_SENTENCES: dict[str, str | Promise] = {
    "half": _lazy("each counted as half a win for both methods"),
    "davidson": _lazy("they were modelled after Davidson"),
    "rao-kupper": _lazy("they were modelled after Rao and Kupper"),
    "drop": _lazy("they were left out"),
    "denominator": _lazy("each counted as a comparison that neither method won"),
}


def methods_paragraph(
    ranked: Ranking, agreed: MetricAgreement | None, plan: AnalysisPlan | None
) -> list[str]:
    """Its sentences, in the order of a paper: what was compared, how it was estimated, what was found."""
    result = ranked.result
    sentences = [*_judging(result), *_part(ranked), *_left_out(ranked)]
    if ranked.undetermined:
        sentences.append(
            _("No ranking was determined: %(why)s") % {"why": " ".join(ranked.undetermined.split())}
        )
    else:
        sentences += [*_model(result), *_order(read_methods(result))]
    if agreed is not None:
        sentences += methods_of_metrics(agreed)
    sentences += _plan(plan)
    sentences.append(_origin(ranked, agreed))
    return sentences


def _part(ranked: Ranking) -> Iterator[str]:
    words = selection_words(selection_of(ranked))
    if words:
        yield _("These are a part of the campaign: %(part)s.") % {"part": words}


def _left_out(ranked: Ranking) -> Iterator[str]:
    words = left_out_words(Exclusions.of(ranked.parameters))
    if words:
        n_left_out = int(ranked.result.get("n_left_out") or 0)
        yield ngettext(
            "%(n)s verdict was left out by rule: those %(rules)s.",
            "%(n)s verdicts were left out by rule: those %(rules)s.",
            n_left_out,
        ) % {"n": f"{n_left_out:,}", "rules": _(" and those ").join(words)}


def _judging(result: Mapping[str, Any]) -> Iterator[str]:
    n_judgments, n_judges = int(result.get("n_judgments") or 0), int(result.get("n_judges") or 0)
    words = ngettext("%(n)s judgment", "%(n)s judgments", n_judgments) % {"n": f"{n_judgments:,}"}
    judges = (
        ngettext("of %(n)s judge", "of %(n)s judges", n_judges) % {"n": f"{n_judges:,}"}
        if n_judges
        else _("of judges who are not known")
    )
    n_items = int(result.get("n_items") or 0)
    texts = ngettext(" on %(n)s text", " on %(n)s texts", n_items) % {"n": f"{n_items:,}"} if n_items else ""
    yield _(
        "The outputs of %(methods)s methods were compared in pairs by the criterion “%(campaign)s”: %(judgments)s %(judges)s%(texts)s."
    ) % {
        "methods": len(result.get("methods") or []),
        "campaign": result.get("campaign") or "",
        "judgments": words,
        "judges": judges,
        "texts": texts,
    }
    n_ties = result.get("n_ties")
    if n_ties:
        kinds = ""
        if result.get("n_both_good") or result.get("n_neither_good"):
            kinds = _(" (%(both)s both good, %(neither)s neither good)") % {
                "both": f"{int(result.get('n_both_good') or 0):,}",
                "neither": f"{int(result.get('n_neither_good') or 0):,}",
            }
        rule = str(result.get("ties"))
        yield _("Ties were %(n)s of them%(kinds)s; %(rule)s.") % {
            "n": f"{int(n_ties):,}",
            "kinds": kinds,
            "rule": TIES_IN_SENTENCES.get(rule) or _("rule for ties: %(rule)s") % {"rule": rule},
        }
    if result.get("n_cannot_judge"):
        n_cannot = int(result["n_cannot_judge"])
        yield ngettext(
            "%(n)s answer “cannot judge” was left out.",
            "%(n)s answers “cannot judge” were left out.",
            n_cannot,
        ) % {"n": f"{n_cannot:,}"}


def _model(result: Mapping[str, Any]) -> Iterator[str]:
    model = str(MODEL_WORDS.get(str(result.get("model")), result.get("model")))
    prior = (
        _(", with a Gaussian prior of precision %(ridge)s") % {"ridge": f"{result['ridge']:g}"}
        if result.get("ridge")
        else ""
    )
    yield _("Methods were ranked by the model %(model)s%(prior)s (%(scale)s).") % {
        "model": model,
        "prior": prior,
        "scale": result.get("scale") or "",
    }
    if result.get("interval_method"):
        yield _("Intervals of strengths: %(method)s.") % {"method": interval_words(result["interval_method"])}
    n_resamples = int(result.get("n_resamples") or 0)
    if n_resamples:
        lost = int(result.get("n_resamples_without_answer") or 0)
        yield _("Beside them stand %(n)s resamples of %(unit)s, %(lost)s.") % {
            "n": f"{n_resamples:,}",
            "unit": RESAMPLED.get(str(result.get("resampling_unit") or ""), _("judgments")),
            "lost": _("%(n)s of them without an answer") % {"n": f"{lost:,}"}
            if lost
            else _("all of them with an answer"),
        }


def _order(methods: list[MethodRow]) -> Iterator[str]:
    if not methods:
        return
    best = methods[0]
    ranks = ""
    if best.rank_interval is not None:
        low, high = best.rank_interval
        ranks = _("; ranks %(low)s to %(high)s are left open") % {"low": f"{low:g}", "high": f"{high:g}"}
    yield _("First came %(name)s with %(strength)s%(ranks)s.") % {
        "name": best.name,
        "strength": _with_interval(best.strength),
        "ranks": ranks,
    }


def methods_of_metrics(agreed: MetricAgreement) -> Iterator[str]:
    """What was held against the ranking, and what came of it."""
    result = agreed.result
    read = read_agreement(result)
    n_methods = int(result.get("n_methods") or 0)
    texts = ""
    if agreed.scoring is not None and agreed.scoring.result.get("n_items"):
        texts = _(", scored on %(n)s texts,") % {"n": f"{int(agreed.scoring.result['n_items']):,}"}
    yield ngettext(
        "%(metrics)s metric%(texts)s was held against the ranking of %(methods)s methods by Kendall’s τ-b.",
        "%(metrics)s metrics%(texts)s were held against the ranking of %(methods)s methods by Kendall’s τ-b.",
        read.counts.n_all,
    ) % {"metrics": read.counts.n_all, "texts": texts, "methods": n_methods}
    if counted := counted_metrics(read.counts):
        yield counted
    if untested := compared_with_one_another(read.counts, result):
        yield untested
    if result.get("n_resamples"):
        yield _(
            "Intervals are percentiles of %(n)s joint resamples of both sides; p comes from %(orders)s."
        ) % {
            "n": f"{int(result['n_resamples']):,}",
            "orders": _("all orders of the methods")
            if n_methods <= int(result.get("exact_up_to") or _EXACT_UP_TO_BEFORE)
            else _("%(n)s random orders of the methods")
            % {"n": f"{int(result.get('n_permutations') or 0):,}"},
        }
    yield from _found(read)
    yield from _told_apart(result)
    ceiling = (result.get("noise_ceiling") or {}).get("ceiling")
    if ceiling is not None:
        yield _("A perfect metric would have a Pearson correlation of %(r)s with these judges.") % {
            "r": figure(float(ceiling))
        }


def _found(read: AgreementRead) -> Iterator[str]:
    """The highest agreement with all who share it, and how many are beyond chance."""
    compared = read.counts.compared
    if not compared or compared[0].tau is None:
        return
    highest = compared[0].tau
    p = "" if highest.p is None else _(", p %(p)s") % {"p": probability(highest.p)}
    equal = [
        row.name
        for row in compared[1:]
        if row.tau and round(row.tau.value, DECIMALS) == round(highest.value, DECIMALS)
    ]
    yield _("Highest stood %(name)s: τ-b %(tau)s%(p)s%(equal)s.") % {
        "name": listed([compared[0].name]),
        "tau": _with_interval(highest),
        "p": p,
        "equal": _("; the same τ-b have %(names)s") % {"names": listed(equal, most=len(equal))}
        if equal
        else "",
    }
    yield ngettext(
        "%(n)s of %(of)s metric agreed beyond chance (p < .05, not corrected for the number of metrics)%(against)s.",
        "%(n)s of %(of)s metrics agreed beyond chance (p < .05 each, not corrected for the number of metrics)%(against)s.",
        len(compared),
    ) % {
        "n": len(read.beyond),
        "of": len(compared),
        "against": _(", and %(n)s against the ranking") % {"n": len(read.against)} if read.against else "",
    }
    if read.beyond and len(compared) > 1:
        yield _("Corrected for that number by Holm’s rule, %(n)s did.") % {"n": len(read.after_holm)}
    if read.judged is not None:
        yield _("With metrics scored on the %(items)s judged texts alone, %(n)s of %(of)s did.") % {
            "items": f"{read.judged.n_items:,}",
            "n": read.judged.n_beyond,
            "of": read.judged.n_metrics,
        }


def _told_apart(result: Mapping[str, Any]) -> Iterator[str]:
    differences = read_differences(result)
    if differences is None or not differences.tested or not differences.best:
        return
    labels = metric_labels(result)
    alike = [labels.get(key, key) for key in differences.not_told_from_best]
    yield _(
        "%(n)s metrics that score the same methods were compared two by two, with Holm’s correction; not told apart "
        "from %(best)s: %(alike)s."
    ) % {
        "n": differences.n_compared,
        "best": labels.get(differences.best, differences.best),
        "alike": ", ".join(alike) or _("none"),
    }


def _plan(plan: AnalysisPlan | None) -> Iterator[str]:
    if plan is None:
        yield _("No analysis plan was frozen before.")
        return
    when = (
        ngettext("after %(n)s judgment had come", "after %(n)s judgments had come", plan.n_judgments_before)
        % {"n": f"{plan.n_judgments_before:,}"}
        if plan.n_judgments_before
        else _("before any judgment")
    )
    yield _("Version %(n)s of an analysis plan was frozen on %(moment)s, %(when)s (SHA-256 %(digest)s).") % {
        "n": plan.version,
        "moment": iso(plan.frozen_at),
        "when": when,
        "digest": plan.digest,
    }


def _origin(ranked: Ranking, agreed: MetricAgreement | None) -> str:
    snapshot = agreed if agreed is not None else ranked
    return _(
        "Computed with %(version)s from the data as of %(moment)s with seed %(seed)s (snapshot %(uuid)s)."
    ) % {
        "version": snapshot.code_version,
        "moment": iso(snapshot.as_of),
        "seed": snapshot.seed,
        "uuid": snapshot.uuid,
    }


def _with_interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _("%(value)s (no interval)") % {"value": figure(estimate.value)}
    return _("%(value)s (95 %% interval %(low)s to %(high)s)") % {
        "value": figure(estimate.value),
        "low": figure(estimate.low),
        "high": figure(estimate.high),
    }


def probability(p: float) -> str:
    """With its sign: “= .031”, “< .001”."""
    return "< .001" if p < 0.001 else f"= {f'{p:.3f}'.removeprefix('0')}"


def cited(ranked: Ranking, agreed: MetricAgreement | None) -> list[str]:
    """Keys of `exporters.references` for what the paragraph speaks of."""
    result = ranked.result
    keys = ["kurniawan2026hlv"]
    keys += {"bradley-terry": ["bradley1952rank"], "rank-centrality": ["negahban2012iterative"]}.get(
        str(result.get("model")), []
    )
    keys += {"davidson": ["davidson1970ties"], "rao-kupper": ["rao1967ties"]}.get(str(result.get("ties")), [])
    if str(result.get("interval_method") or "").startswith("CR3"):
        keys.append("bell2002bias")
    if agreed is not None:
        keys += ["kendall1945ties", "holm1979simple", "deutsch2021statistical"]
        if not (agreed.result.get("verdicts") or {"undetermined": "no"}).get("undetermined"):
            keys.append("deutsch2023ties")
    return keys


def moment_of(ranked: Ranking, agreed: MetricAgreement | None) -> datetime:
    """The time that the paragraph speaks of."""
    return agreed.as_of if agreed is not None else ranked.as_of
