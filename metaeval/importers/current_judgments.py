"""Judgments that stand from earlier imports, by their seat."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from metaeval.importers.dedupe import CurrentJudgments, JudgmentCell
from metaeval.models import AutomaticJudge, Campaign, Judgment
from metaeval.selectors.judgments import current_judgments


def current_judgments_by_cell(
    campaign: Campaign, *, automatic: AutomaticJudge | None, comparisons: Collection[int]
) -> dict[tuple[JudgmentCell, int], CurrentJudgments]:
    """(seat, which of its repeats) to the judgment; those given in the program itself are nobody's repeats."""
    found: dict[tuple[JudgmentCell, int], CurrentJudgments] = {}
    of_its_chain = Judgment.objects.filter(root=Coalesce(OuterRef("root"), OuterRef("pk"))).order_by("-pk")
    rows = (
        current_judgments(campaign, automatic_judge=automatic)
        .filter(comparison__in=comparisons, comparison__item__isnull=False, exposure__isnull=True)
        .order_by("pk")
        .values_list(
            Coalesce("root", "pk"),
            Coalesce(Subquery(of_its_chain.values("pk")[:1]), "pk"),
            "participant__source",
            "participant__source_occurrence",
            "comparison__item__key",
            "comparison__low__name",
            "comparison__high__name",
            "low_is_left",
            "submitted_at",
            "import_batch__source",
        )
    )
    for root, tip, judge, occurrence, item, low, high, low_is_left, submitted_at, file in rows:
        if judge is None and automatic is None:
            continue
        left, right = (low, high) if low_is_left else (high, low)
        place = ((judge or "", item, left, right), occurrence or 0)
        # A program's repeats have no numbered sources: each is one more.
        while automatic is not None and place in found:
            place = (place[0], place[1] + 1)
        found[place] = CurrentJudgments(root, tip, submitted_at, file or "this study")
    return found
