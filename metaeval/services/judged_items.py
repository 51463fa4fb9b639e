"""Metric agreement with the metrics scored only on the texts that were judged."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from annotations.jobs import Progress
from annotations.work_sharing import runner
from hlv.stats.meta_evaluation.metric_agreement import agree, human_scores
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.methods import shown_names
from metaeval.services.metric_scores import built_in_scores
from metaeval.services.ranking import ComputedRanking, item_draws
from metaeval.services.score_table import ScoreTable, finite

ON_JUDGED_ITEMS: Final = "comparing metrics with people on the judged texts"


def agreement_on_judged_items(
    ranking: ComputedRanking,
    table: ScoreTable | None,
    options: RankingOptions,
    *,
    n_permutations: int,
    as_of: datetime,
    progress: Progress | None,
) -> dict[str, Any] | None:
    """The same agreement with the metrics scored only on the texts that were judged, where that differs."""
    if table is None or ranking.result.undetermined:
        return None
    campaign, methods = ranking.snapshot.campaign, ranking.board.methods
    judged = set(ranking.board.judged_items.tolist())
    if not judged.intersection(table.item_ids.tolist()) or judged.issuperset(table.item_ids.tolist()):
        return None
    named, judged_table = built_in_scores(
        campaign.study,
        methods,
        options,
        as_of=as_of,
        progress=progress,
        only_items=sorted(judged),
        draws=item_draws(ranking.board, ranking.result),
    )
    if judged_table is None:
        return None
    agreement = agree(
        human_scores(ranking.result),
        [entry.scores for entry in named],
        methods=shown_names(methods),
        seed=options.seed,
        n_permutations=n_permutations,
        runners=lambda work: runner(progress, name=f"{work} on judged items", note=ON_JUDGED_ITEMS),
    )
    return {
        "n_items": judged_table.n_items,
        "metrics": agreement.as_dict()["metrics"],
        "scores": {entry.scores.name: list(map(finite, entry.scores.values.tolist())) for entry in named},
    }
