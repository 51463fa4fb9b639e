"""What the commands about people and campaigns share: finding whom and what they name."""

from __future__ import annotations

import shlex
from dataclasses import fields
from typing import Any, Final, get_args

from django.core.management.base import CommandError, CommandParser

from annotations.models import Study, User
from annotations.services.people import person_with_address
from hlv.stats.labels.distributions import WEIGHTS
from hlv.stats.pairwise.comparison_resampler import ResamplingUnit
from hlv.stats.pairwise.ranking_models import RANKING_MODELS, TIES_OF_MODELS
from hlv.terminal import check_numbers
from metaeval.models import Campaign, Ranking
from metaeval.results.ranking import read_ranking
from metaeval.results.ranking_options import DEFAULT_RESAMPLES, DEFAULT_SEED, RankingOptions
from metaeval.selectors.exclusions import RULES
from metaeval.selectors.selections import Selection


def known_person(email: str) -> User:
    person = person_with_address(email)
    if person is None:
        raise CommandError(
            f"Nobody has the address {email!r} yet: hlv create-person {email} makes them known."
        )
    return person


def known_campaign(study: Study, name: str) -> Campaign:
    campaign = study.campaigns.filter(name=name).first()
    if campaign is None:
        known = ", ".join(study.campaigns.values_list("name", flat=True)[:10]) or "none yet"
        raise CommandError(f"The study {study.slug} has no campaign {name!r} (known: {known}).")
    return campaign


def campaign_of(study: Study, name: str | None) -> Campaign:
    """The campaign of this name, or the only one where none is named."""
    if name is not None:
        return known_campaign(study, name)
    campaigns = Campaign.objects.filter(study=study)
    if campaigns.count() > 1:
        known = ", ".join(campaigns.values_list("name", flat=True))
        raise CommandError(f"The study has several campaigns; name one with --campaign: {known}.")
    only = campaigns.first()
    if only is None:
        raise CommandError("The study has no judgments yet: import some with hlv import judgments.")
    return only


DEFAULTS: Final = RankingOptions()
# Of any model, each once; which go together is the job's to say.
ALL_TIES: Final = tuple(dict.fromkeys(rule for rules in TIES_OF_MODELS.values() for rule in rules))
KNOWN_TIES: Final = "; ".join(f"{model}: {', '.join(rules)}" for model, rules in TIES_OF_MODELS.items())


def add_ranking_arguments(parser: CommandParser, *, n_resamples: int | None = DEFAULT_RESAMPLES) -> None:
    """How to rank. Nothing is a default of the parser: what is not named, a frozen plan may say."""
    parser.add_argument("--campaign", help="campaign (criterion), if there are several")
    parser.add_argument("--model", choices=RANKING_MODELS, help=DEFAULTS.model)
    parser.add_argument(
        "--ties",
        choices=ALL_TIES,
        help=f"{DEFAULTS.ties}; {KNOWN_TIES}; denominator: a tie is a comparison without a win",
    )
    parser.add_argument("--resample", choices=get_args(ResamplingUnit), help="default: what is known")
    parser.add_argument(
        "--n-resamples",
        type=int,
        help="by the number of metrics, 5,000 or more" if n_resamples is None else f"{n_resamples:,}",
    )
    parser.add_argument("--seed", type=int, help=f"{DEFAULT_SEED}")
    parser.add_argument("--ridge", type=float, help="precision of a Gaussian prior; 0 = none")
    left_out = parser.add_argument_group("verdicts that are left out")
    left_out.add_argument(
        "--without-judges", nargs="+", type=int, metavar="N", help="by the numbers of their pseudonyms"
    )
    left_out.add_argument("--without-methods", nargs="+", metavar="NAME")
    left_out.add_argument("--without-texts", nargs="+", metavar="KEY", help="metrics are scored on all texts")
    left_out.add_argument(
        "--under-seconds",
        type=float,
        metavar="S",
        help="that took less active time; those without a time stay",
    )


def add_selection_arguments(parser: CommandParser) -> None:
    """What of a campaign is looked at by itself; a plan, which speaks of whole campaigns, has none of it."""
    part = parser.add_argument_group("a part of the campaign, by itself")
    part.add_argument(
        "--base-model", metavar="NAME", help="methods of one base model, and judgments between them"
    )
    part.add_argument("--judge-group", metavar="NAME", help="judgments of the judges of one group")


def selection_params(options: dict[str, Any]) -> dict[str, str]:
    """The part that was named; what is none, the job refuses."""
    named = (field.name for field in fields(Selection))
    return {name: options[name] for name in named if options[name] is not None}


def base_model_hint(ranking: Ranking) -> str:
    """The way to a ranking where there is none of all methods together; nothing where there is no such way."""
    names = read_ranking(ranking).base_models_alone
    if not names:
        return ""
    ways = ", ".join(f"--base-model {shlex.quote(name)}" for name in names)
    return f"Or rank one base model by itself: {ways}."


def add_weights_argument(parser: CommandParser, *, default: str | None = None) -> None:
    parser.add_argument(
        "--weights",
        choices=WEIGHTS,
        default=default,
        help=f"how the labels of a text's annotators count where metrics are scored: {DEFAULTS.weights} (as nothing else is "
        "said), or by the certainty given with them",
    )


def ranking_params(options: dict[str, Any]) -> dict[str, Any]:
    """What was named; the rest is left to the plan in force or to the program."""
    named = ("model", "ties", "resample", "n_resamples", "seed", "ridge", "weights", *RULES)
    params = {name: options[name] for name in named if options.get(name) is not None}
    check_numbers({"n_resamples": 0, "seed": 0} | params)
    return params
