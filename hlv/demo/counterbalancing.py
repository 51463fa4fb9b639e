"""The simulated judgments on the sides that the campaign's own rule gives, so that an audit finds them in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from annotations.models import Participant
from hlv.demo.judging import JudgmentDraw
from metaeval.models import Campaign, Method
from metaeval.selectors.counterbalancing import low_left_by_rule

_OTHER = {"left": "right", "right": "left"}


def counterbalanced(
    draws: Iterable[JudgmentDraw],
    *,
    campaign: Campaign,
    people: dict[str, Participant],
    methods: dict[str, Method],
) -> tuple[JudgmentDraw, ...]:
    """In the given order. Which output was preferred stays as it was drawn; the rule needs keys that only rows have."""
    kept = list(draws)
    shown: Counter[tuple[str, int, int]] = Counter()
    for place in sorted(range(len(kept)), key=lambda place: (kept[place].person, kept[place].position)):
        draw = kept[place]
        left = methods[draw.left]
        low, high = sorted((left.pk, methods[draw.right].pk))
        judge = people[draw.person]
        n_shown = shown[draw.person, low, high]
        shown[draw.person, low, high] += 1
        if low_left_by_rule(campaign, judge, low=low, high=high, n_shown=n_shown) != (left.pk == low):
            kept[place] = replace(
                draw, left=draw.right, right=draw.left, verdict=_OTHER.get(draw.verdict, draw.verdict)
            )
    return tuple(kept)
