"""The newest ranking of each campaign in a bundle, and what must be known of its intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from annotations.models import Study
from metaeval.findings.choice_labels import interval_words
from metaeval.findings.dashboard import RESAMPLED
from metaeval.findings.default_departures import find_departure
from metaeval.findings.methods_section import failed_resamples_sentence, table_notes
from metaeval.models import Ranking
from metaeval.results.ranking import read_ranking
from metaeval.selectors import exports


def newest_rankings(study: Study, *, as_of: dt.datetime) -> list[Ranking]:
    """One of each campaign, of all its methods and judges; campaigns in the order of their first snapshot."""
    found: dict[int, Ranking] = {}
    for ranking in exports.exported_rankings(study, as_of=as_of).select_related("campaign__study"):
        if ranking.is_of_everything:
            found[ranking.campaign_id] = ranking
    return list(found.values())


def interval_notes(study: Study, *, as_of: dt.datetime) -> list[str]:
    """For each campaign a paragraph: how the newest intervals were made, what the ranking notes, whence it departs."""
    return [
        f"“{' '.join(ranking.campaign.name.split())}”: {' '.join(_said(ranking))}"
        for ranking in newest_rankings(study, as_of=as_of)
    ]


def _said(ranking: Ranking) -> Iterator[str]:
    result = read_ranking(ranking)
    if ranking.undetermined:
        yield "The newest snapshot has no ranking and therefore no intervals."
        return
    method = interval_words(result.interval_method or "")
    yield f"Intervals of the newest ranking (snapshot {ranking.uuid}): {method or 'none'}."
    if result.n_resamples:
        unit = RESAMPLED.get(result.resampling_unit or "", "judgments")
        lost = result.n_resamples_without_answer
        more = f", {failed_resamples_sentence(lost, model=result.model)}" if lost else ""
        yield f"Its {result.n_resamples:,} resamples are of {unit}{more}."
    else:
        yield "Nothing was resampled."
    yield from table_notes(result.notes)
    departure = find_departure(ranking)
    if departure is not None:
        yield from departure.sentences
