"""What a snapshot says, in sentences made from its numbers and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metaeval.charts.tables import read_methods
from metaeval.views.agreement_findings import (
    agreement_headline,
    compared_with_one_another,
    counted_metrics,
    held_agreement,
    open_agreement,
    read_agreement,
    what_helps_agreement,
)
from metaeval.views.phrases import led
from metaeval.views.ranking_findings import (
    base_models_alone,
    held_ranks,
    missing_joins,
    missing_parts,
    open_ranks,
    ranking_headline,
    what_helps_ranks,
)


@dataclass(frozen=True)
class Findings:
    """The head of a dashboard: one headline, then what is held, what is open and what would help.

    `counted` says which metrics the headline counts, where it is not all of them.
    """

    headline: str
    counted: str = ""
    held: list[str] = field(default_factory=list)
    left_open: list[str] = field(default_factory=list)
    would_help: list[str] = field(default_factory=list)


def findings(
    ranking: Mapping[str, Any] | None, agreement: Mapping[str, Any] | None, *, experts: str
) -> Findings:
    """`experts`: who the metrics are held against, as a sentence calls them."""
    found = _findings(ranking, agreement, experts=experts)
    return replace(
        found,
        headline=led(found.headline),
        held=list(map(led, found.held)),
        left_open=list(map(led, found.left_open)),
        would_help=list(map(led, found.would_help)),
    )


def _findings(
    ranking: Mapping[str, Any] | None, agreement: Mapping[str, Any] | None, *, experts: str
) -> Findings:
    if ranking is not None and ranking.get("undetermined"):
        return _undetermined(ranking)
    methods = read_methods(ranking or {})
    if agreement is None:
        return Findings(
            headline=ranking_headline(methods),
            left_open=open_ranks(methods),
            would_help=[
                _(
                    "Labels from people and outputs of the methods, or metric scores, to compare with this ranking."
                ),
                *what_helps_ranks(methods, ranking),
            ],
        )
    read = read_agreement(agreement)
    return Findings(
        headline=agreement_headline(read, agreement, experts=experts),
        counted=" ".join(
            filter(None, [counted_metrics(read.counts), compared_with_one_another(read.counts, agreement)])
        ),
        held=[*held_agreement(read, experts=experts), *held_ranks(methods)] or [_("Nothing beyond chance.")],
        left_open=[*open_agreement(read), *open_ranks(methods)],
        would_help=[*what_helps_agreement(read), *what_helps_ranks(methods, ranking)],
    )


def _undetermined(ranking: Mapping[str, Any]) -> Findings:
    n_judgments = int(ranking.get("n_judgments") or 0)
    return Findings(
        headline=_("These judgments do not allow a ranking yet."),
        held=[
            ngettext(
                "%(n)s judgment is stored and stays.", "%(n)s judgments are stored and stay.", n_judgments
            )
            % {"n": f"{n_judgments:,}"}
        ],
        left_open=missing_parts(ranking),
        would_help=[*missing_joins(ranking), *base_models_alone(ranking)],
    )
