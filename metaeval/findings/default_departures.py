"""A newest snapshot by other choices than the program's own, where one by those came before: it says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from metaeval.findings.choice_labels import MODEL_WORDS, TIES_WORDS, WEIGHTS_WORDS, left_out_words
from metaeval.findings.dashboard import RESAMPLED
from metaeval.findings.preregistration_findings import Departure, departure_from_plan
from metaeval.models import AnalysisPlan, Ranking
from metaeval.results.ranking import read_ranking
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.exclusions import NOTHING_LEFT_OUT
from metaeval.selectors.snapshots import latest_before

_DEFAULTS = RankingOptions()


def find_departure(ranked: Ranking, plan: AnalysisPlan | None = None) -> Departure | None:
    """From the plan in force where there is one, else from the defaults."""
    if read_ranking(ranked).plan:
        return departure_from_plan(ranked, plan)
    return departure_from_defaults(ranked)


def departure_from_defaults(ranked: Ranking) -> Departure | None:
    """None where the choices are the defaults, or none before it followed them, or a part alone is ranked."""
    if not ranked.is_of_everything or _is_default(ranked.parameters):
        return None
    followed = latest_before(ranked, _is_default)
    if followed is None:
        return None
    what = list(_departures(ranked, followed))
    if not what:
        # The unit was asked for by name that is drawn by default.
        return None
    return Departure(
        says=_("This computation differs from the defaults: %(what)s.") % {"what": "; ".join(what)},
        followed=followed,
        of_defaults=True,
    )


def _is_default(parameters: dict[str, Any]) -> bool:
    by = RankingOptions.of(parameters)
    return (by.model, by.ties, by.resample, by.ridge, by.weights, by.exclusions) == (
        _DEFAULTS.model,
        _DEFAULTS.ties,
        _DEFAULTS.resample,
        _DEFAULTS.ridge,
        _DEFAULTS.weights,
        NOTHING_LEFT_OUT,
    )


def _departures(ranked: Ranking, followed: Ranking) -> Iterator[str]:
    by = RankingOptions.of(ranked.parameters)
    instead = _("%(what)s %(done)s instead of %(default)s")
    if by.model != _DEFAULTS.model:
        yield instead % {
            "what": _("model"),
            "done": MODEL_WORDS.get(by.model, by.model),
            "default": MODEL_WORDS[_DEFAULTS.model],
        }
    if by.ties != _DEFAULTS.ties:
        yield instead % {
            "what": _("ties:"),
            "done": TIES_WORDS.get(by.ties, by.ties),
            "default": TIES_WORDS[_DEFAULTS.ties],
        }
    drawn, usual = (read_ranking(one).resampling_unit or "" for one in (ranked, followed))
    if by.resample is not None and drawn and drawn != usual:
        yield instead % {
            "what": _("bootstrap and intervals by"),
            "done": RESAMPLED.get(drawn, drawn),
            "default": RESAMPLED.get(usual, usual),
        }
    if by.ridge != _DEFAULTS.ridge:
        yield _("a Gaussian prior of precision %(ridge)s instead of none") % {"ridge": f"{by.ridge:g}"}
    if by.weights != _DEFAULTS.weights:
        yield instead % {
            "what": _("weights of human labels"),
            "done": WEIGHTS_WORDS.get(by.weights, by.weights),
            "default": WEIGHTS_WORDS[_DEFAULTS.weights],
        }
    if rules := left_out_words(by.exclusions):
        yield _("verdicts left out: %(rules)s") % {"rules": _(" and those ").join(rules)}
