"""Metric agreement within each base model, and its mean over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from annotations.helping import runner
from annotations.jobs import Progress
from metaeval.models import Method
from metaeval.science.agreement_result import HumanScores
from metaeval.science.leave_one_method_out import UndeterminedAgreementError
from metaeval.science.metric_agreement import human_scores
from metaeval.science.metric_groups import MethodGroup, agree_over_groups
from metaeval.selectors.judgments import Board
from metaeval.services.metric_scores import FloatArray, Named
from metaeval.services.ranking import RankingOptions, fit_board

IntArray = npt.NDArray[np.int64]

IN_GROUPS: Final = "comparing metrics with people in groups of methods"
ONE_GROUP: Final = "The methods are not grouped by several base models."
ONE_SCALE: Final = "Each group takes its methods' strengths from the ranking of all."
OWN_SCALES: Final = "Methods of different groups never met, so each group has a ranking of its own."


def agreement_of_groups(
    human: HumanScores,
    named: Sequence[Named],
    methods: Sequence[Method],
    options: RankingOptions,
    *,
    n_permutations: int,
    counted: Board | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Coefficients in each group and their mean with one permutation of methods, or why there are none.

    Where all methods together have no ranking, each group of `counted` is ranked by itself.
    """
    bases = list(dict.fromkeys(method.base_model for method in methods))
    if len(bases) < 2:
        return _nothing(ONE_GROUP)
    ranked_together = human.undetermined is None or counted is None
    names = list(dict.fromkeys(method.name for method in methods))
    groups: list[MethodGroup] = []
    for base in bases:
        members = np.array([place for place, method in enumerate(methods) if method.base_model == base])
        columns = np.array([names.index(methods[place].name) for place in members.tolist()])
        people = _columns_of(human, members, columns, len(names))
        if not ranked_together and counted is not None:
            ranked = fit_board(
                _part(counted, members), options, progress=progress, name=f"group {len(groups) + 1}"
            )
            own = human_scores(ranked)
            people = _columns_of(own, np.arange(len(members)), columns, len(names))
        groups.append(
            MethodGroup(
                base or "without a base model",
                people,
                [_metric_columns(entry, members, columns, len(names)) for entry in named],
            )
        )
    try:
        found = agree_over_groups(
            groups,
            names,
            n_permutations=n_permutations,
            seed=options.seed,
            runners=lambda work: runner(progress, name=f"{work} of groups", note=IN_GROUPS),
        )
    except UndeterminedAgreementError as refusal:
        return _nothing(refusal.sentence)
    return found.as_dict() | {
        "undetermined": None,
        "n_methods": len(found.methods),
        "notes": [ONE_SCALE if ranked_together else OWN_SCALES],
    }


def _nothing(reason: str) -> dict[str, Any]:
    return {"undetermined": reason, "groups": [], "methods": [], "left_out": [], "metrics": [], "notes": []}


def _part(counted: Board, members: IntArray) -> Board:
    """The judgments between members alone."""
    number = np.full(len(counted.methods), -1)
    number[members] = np.arange(len(members))
    cells = counted.cells
    kept = (number[cells.first] >= 0) & (number[cells.second] >= 0)
    return replace(
        counted,
        methods=tuple(counted.methods[place] for place in members.tolist()),
        cells=type(cells)(
            number[cells.first[kept]],
            number[cells.second[kept]],
            cells.outcome[kept],
            cells.count[kept],
            cells.judge[kept],
            cells.item[kept],
            cells.first_is_left[kept],
        ),
    )


def _columns_of(human: HumanScores, members: IntArray, columns: IntArray, n_names: int) -> HumanScores:
    return replace(
        human,
        values=_spread(human.values, members, columns, n_names),
        resampled=None if human.resampled is None else _spread(human.resampled, members, columns, n_names),
    )


def _metric_columns(entry: Named, members: IntArray, columns: IntArray, n_names: int) -> Any:
    scores = entry.scores
    return replace(
        scores,
        values=_spread(scores.values, members, columns, n_names),
        resampled=None if scores.resampled is None else _spread(scores.resampled, members, columns, n_names),
    )


def _spread(values: FloatArray, members: IntArray, columns: IntArray, n_names: int) -> FloatArray:
    """Values (..., M) of members at the places of their names (..., n_names); NaN at the others."""
    spread = np.full((*values.shape[:-1], n_names), np.nan)
    spread[..., columns] = values[..., members]
    return spread
