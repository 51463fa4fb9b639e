"""The paragraph on methods for a paper: every number in it is read from a snapshot, and none is typed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from annotations.charts.drawing import figure
from annotations.charts.p_values import p_equals
from annotations.formats.writing import iso
from metaeval.charts.differences import DECIMALS, metric_labels, read_differences
from metaeval.charts.tables import Estimate, MethodRow, read_methods, read_metrics
from metaeval.forms.plans import MODEL_WORDS
from metaeval.models import AnalysisPlan, MetricAgreement, Ranking
from metaeval.science.resampling import WEAK_PRIOR, WITHOUT_RANKING
from metaeval.selectors.exclusions import Exclusions
from metaeval.selectors.snapshots import selection_of
from metaeval.views.agreement_findings import (
    AgreementRead,
    compared_with_one_another,
    counted_metrics,
    read_agreement,
)
from metaeval.views.dashboard import RESAMPLED, selection_words
from metaeval.views.phrases import interval_words, left_out_words, listed, without_answer_words

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
        sentences += [*_model(result), *_order(read_methods(result), calibrated=not result.get("ridge"))]
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
            "lost": lost_words(lost, model=str(result.get("model")))
            if lost
            else _("all of them with a ranking of their own"),
        }
    # As they were stored: what narrows or widens the intervals must not stay behind on the page.
    yield from notes_of(result)


def lost_words(n: int, *, model: str) -> str:
    words = (
        _(
            "%(n)s of them without a ranking of their own, which resampling intervals of strengths leave out, and which "
            "are solved with a weak prior (precision %(prior)s) where metrics are compared"
        )
        if model == "bradley-terry"
        else _("%(n)s of them without a ranking of their own, which are left out")
    )
    return words % {"n": f"{n:,}", "prior": f"{WEAK_PRIOR:g}"}


def notes_of(result: Mapping[str, Any]) -> list[str]:
    """What a ranking notes of itself, but for its resamples without a ranking, of which sentences speak with numbers."""
    return [str(note) for note in result.get("notes") or [] if WITHOUT_RANKING not in str(note)]


def _order(methods: list[MethodRow], *, calibrated: bool) -> Iterator[str]:
    if not methods:
        return
    best = methods[0]
    ranks = ""
    if best.rank_interval is not None:
        low, high = best.rank_interval
        ranks = _("; ranks %(low)s to %(high)s are left open") % {"low": f"{low:g}", "high": f"{high:g}"}
    yield _("First came %(name)s with %(strength)s%(ranks)s.") % {
        "name": best.name,
        "strength": _with_interval(best.strength, calibrated=calibrated),
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
    yield from resamples_without_answer(result)
    yield from automatic_judges(result)
    yield from _found(read)
    yield from _told_apart(result)
    ceiling = (result.get("noise_ceiling") or {}).get("ceiling")
    if ceiling is not None:
        yield _("A perfect metric would have a Pearson correlation of %(r)s with these judges.") % {
            "r": figure(float(ceiling))
        }


def resamples_without_answer(result: Mapping[str, Any]) -> Iterator[str]:
    """Of which metrics some resamples have none, and what became of them; those of the same number together."""
    names: dict[str, list[str]] = {}
    for row in read_metrics(result):
        words = without_answer_words(row.n_without_answer, row.n_resamples, n_with_prior=row.n_with_prior)
        if words:
            names.setdefault(words, []).append(row.name)
    for words, of in names.items():
        yield _("For %(names)s, %(words)s.") % {"names": listed(of), "words": words}


def automatic_judges(result: Mapping[str, Any]) -> Iterator[str]:
    """Which metrics are programs that judged, on how many judgments, and what their side of the resamples draws."""
    for stored in result.get("metrics") or []:
        if stored.get("origin") != "automatic judge":
            continue
        judged = stored.get("judged") or {}
        name = listed([str(stored.get("label") or stored["name"])])
        if "n_judgments" not in judged:
            yield _(
                "%(name)s is an automatic judge: it is scored by the strengths that its own judgments give."
            ) % {"name": name}
            continue
        n = int(judged["n_judgments"])
        yield ngettext(
            "%(name)s is an automatic judge: it is scored by the strengths that its own judgment gives, %(n)s in number%(drawn)s.",
            "%(name)s is an automatic judge: it is scored by the strengths that its own judgments give, %(n)s in number%(drawn)s.",
            n,
        ) % {"name": name, "n": f"{n:,}", "drawn": _drawn_of(judged) if result.get("n_resamples") else ""}


def _drawn_of(judged: Mapping[str, Any]) -> str:
    unit = str(judged.get("resampling_unit") or "")
    if unit == "items":
        return _("; on its side resamples draw texts alone, not how much such a judge may vary")
    if unit not in RESAMPLED:
        return ""
    return _("; on its side resamples draw %(unit)s") % {"unit": RESAMPLED[unit]}


def _found(read: AgreementRead) -> Iterator[str]:
    """The highest agreement with all who share it, and how many are beyond chance."""
    compared = read.counts.compared
    if not compared or compared[0].tau is None:
        return
    highest = compared[0].tau
    p = "" if highest.p is None else _(", p %(p)s") % {"p": p_equals(highest.p)}
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
    said = _("Computed with %(version)s from the data as of %(moment)s with seed %(seed)s: %(ranking)s.")
    ranking = _("snapshot %(uuid)s of the ranking, whose page is %(page)s")
    if agreed is not None:
        ranking = _(
            "snapshot %(uuid)s of the ranking, whose page is %(page)s and shows snapshot %(agreement)s of the metric "
            "agreement too"
        )
    return said % {
        "version": snapshot.code_version,
        "moment": iso(snapshot.as_of),
        "seed": snapshot.seed,
        "ranking": ranking
        % {
            "uuid": ranked.uuid,
            "page": reverse("ranking", args=[ranked.uuid]),
            "agreement": "" if agreed is None else agreed.uuid,
        },
    }


def _with_interval(estimate: Estimate, *, calibrated: bool = True) -> str:
    if estimate.low is None or estimate.high is None:
        return _("%(value)s (no interval)") % {"value": figure(estimate.value)}
    words = (
        _("%(value)s (95 %% interval %(low)s to %(high)s)")
        if calibrated
        else _(
            "%(value)s (interval %(low)s to %(high)s, made as one of 95 %% but not calibrated under the prior)"
        )
    )
    return words % {
        "value": figure(estimate.value),
        "low": figure(estimate.low),
        "high": figure(estimate.high),
    }


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
