"""Which judged pair comes to a judge again, with its sides changed."""

from __future__ import annotations

from annotations.models import Participant
from metaeval.models import Campaign, Exposure, Judgment, Protocol
from metaeval.science.repeats import is_repeated
from metaeval.selectors.judgments import standing_judgment
from metaeval.selectors.outputs import shows_the_same
from metaeval.selectors.protocols import FEWEST_AT_THE_END, start_of_repeats

# Pairs between a pair and its repeat, so that it is judged anew and not remembered.
FEWEST_BETWEEN = 10


def due_repeat(
    participant: Participant, campaign: Campaign, protocol: Protocol, *, at_the_end: bool = False
) -> Exposure | None:
    """The exposure that comes again now, if one does.

    Of the pairs in the order in which this judge answered them, every so manieth is chosen, counted from a place that
    a hash decides: the share is kept within one, and nobody can tell which will come. A pair that the judge could
    not judge, or whose outputs have changed, does not come again.
    """
    if not protocol.repeat_share:
        return None
    judged = list(
        Exposure.objects.filter(
            participant=participant,
            comparison__campaign=campaign,
            repeats__isnull=True,
            done_at__isnull=False,
        )
        .order_by("done_at", "pk")
        .values_list("pk", "repeated_by")
    )
    between = FEWEST_AT_THE_END if at_the_end else FEWEST_BETWEEN
    start = start_of_repeats(participant, campaign)
    for place, (pk, repeat) in enumerate(judged, start=1):
        if len(judged) - place < between:
            return None
        if repeat is None and is_repeated(place, share=protocol.repeat_share, start=start):
            exposure = Exposure.objects.select_related("comparison", "participant").get(pk=pk)
            if _can_come_again(exposure):
                return exposure
    return None


def _can_come_again(exposure: Exposure) -> bool:
    standing = standing_judgment(exposure)
    return standing is not None and standing.verdict != Judgment.Verdict.CANNOT and shows_the_same(exposure)
