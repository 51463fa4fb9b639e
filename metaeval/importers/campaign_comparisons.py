"""The pairs of a campaign, as judgments in files name them."""

from __future__ import annotations

from collections.abc import Iterable

from metaeval.models import Campaign, Comparison

Pair = tuple[int | None, int, int]


class CampaignComparisons:
    """(item, method, method) to comparisons; which method stood left is said by the judgment."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._pks: dict[Pair, int] = {
            (item, low, high): pk
            for pk, item, low, high in Comparison.objects.filter(campaign=campaign).values_list(
                "pk", "item_id", "low_id", "high_id"
            )
        }

    def get(self, item: int | None, one: int, other: int) -> int | None:
        return self._pks.get((item, min(one, other), max(one, other)))

    def pk(self, item: int | None, one: int, other: int) -> int:
        """Of a pair that was ensured."""
        return self._pks[item, min(one, other), max(one, other)]

    def ensure(self, wanted: Iterable[Pair]) -> None:
        ordered = ((item, min(one, other), max(one, other)) for item, one, other in wanted)
        missing = [pair for pair in dict.fromkeys(ordered) if pair not in self._pks]
        made = Comparison.objects.bulk_create(
            Comparison(
                campaign=self._campaign,
                item_id=item,
                low_id=low,
                high_id=high,
                mode=Comparison.Mode.IMPORTED,
            )
            for item, low, high in missing
        )
        for comparison in made:
            self._pks[comparison.item_id, comparison.low_id, comparison.high_id] = comparison.pk
