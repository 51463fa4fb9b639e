"""How sure a result is, in one line: the interval of the first number, and how much data it is based on."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.sentences import isolated_figure
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.ranking import RankingResult


def certainty_line(ranking: RankingResult, agreement: MetricAgreementResult | None) -> str:
    """Of the highest agreement where metrics were compared, of the first rank otherwise."""
    data = _data(ranking)
    if ranking.undetermined or not ranking.ranked:
        return _("How sure: no interval can be computed yet. Data: %(data)s.") % {"data": data}
    top = None if agreement is None else next((row.tau for row in agreement.rows if row.tau), None)
    if top is not None and top.interval is not None:
        low, high = top.interval
        words = _(
            "How sure: the highest τ-b is %(value)s (95 %% interval %(low)s to %(high)s). Data: %(data)s."
        )
        return words % {
            "value": isolated_figure(top.value),
            "low": isolated_figure(low),
            "high": isolated_figure(high),
            "data": data,
        }
    if top is not None:
        words = _("How sure: the highest τ-b is %(value)s, without an interval. Data: %(data)s.")
        return words % {"value": isolated_figure(top.value), "data": data}
    n_first = len(ranking.possible_firsts)
    if n_first == 0:
        return _("How sure: this ranking has no rank intervals. Data: %(data)s.") % {"data": data}
    words = ngettext(
        "How sure: %(n)s method can have rank 1 (95 %% rank intervals). Data: %(data)s.",
        "How sure: %(n)s methods can have rank 1 (95 %% rank intervals). Data: %(data)s.",
        n_first,
    )
    return words % {"n": n_first, "data": data}


def _data(ranking: RankingResult) -> str:
    n_methods, n_judges, n_judgments = len(ranking.ranked), ranking.n_judges, ranking.n_judgments
    facts = {
        "methods": ngettext("%(n)s method", "%(n)s methods", n_methods) % {"n": n_methods},
        "judges": ngettext("%(n)s judge", "%(n)s judges", n_judges) % {"n": n_judges},
        "judgments": ngettext("%(n)s judgment", "%(n)s judgments", n_judgments) % {"n": f"{n_judgments:,}"},
    }
    if not n_methods:
        return _("%(judgments)s") % facts
    if not n_judges:
        return _("%(methods)s, %(judgments)s") % facts
    return _("%(methods)s, %(judges)s, %(judgments)s") % facts
