"""What judges found in texts before they saw the outputs, as it is taken away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from metaeval.models import Campaign, Exposure, Labelling

CHUNK_ROWS = 5000


def exported_labellings(
    campaign: Campaign, *, as_of: dt.datetime, judges: dict[int, str]
) -> Iterator[tuple[str | None, str, list[str], dt.datetime, int | None]]:
    """(item, judge, labels, time, milliseconds) of what judges found in the texts before they saw outputs."""
    rows = (
        Labelling.objects.filter(exposure__comparison__campaign=campaign, received_at__lte=as_of)
        .select_related("exposure__comparison__item")
        .prefetch_related("chosen__label")
        .order_by("exposure__comparison__item__position", "participant__number", "pk")
    )
    for row in rows.iterator(chunk_size=CHUNK_ROWS):
        item = row.exposure.comparison.item
        labels = [chosen.label.key for chosen in row.chosen.all()]
        yield (
            None if item is None else item.key,
            judges[row.participant_id],
            labels,
            row.submitted_at,
            row.active_ms,
        )


def labels_before_pairs(campaign: Campaign, *, as_of: dt.datetime) -> dict[int, tuple[list[str], int | None]]:
    """Of each exposure, the labels that its judge gave before it, or before an earlier pair of the same text."""
    given: dict[int, tuple[list[str], int | None]] = {}
    of_text: dict[tuple[int, int | None], tuple[list[str], int | None]] = {}
    rows = Labelling.objects.filter(exposure__comparison__campaign=campaign, received_at__lte=as_of)
    for row in rows.select_related("exposure__comparison").prefetch_related("chosen__label").order_by("pk"):
        said = [chosen.label.key for chosen in row.chosen.all()], row.active_ms
        given[row.exposure_id] = said
        of_text.setdefault((row.participant_id, row.exposure.comparison.item_id), said)
    exposures = Exposure.objects.filter(comparison__campaign=campaign, created_at__lte=as_of)
    if of_text:
        for pk, judge, item in exposures.values_list("pk", "participant_id", "comparison__item_id"):
            if pk not in given and (judge, item) in of_text:
                given[pk] = of_text[judge, item]
    return given
