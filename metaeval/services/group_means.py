"""Metric agreement within each base model, and its mean over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
from django.utils.translation import gettext_noop as noop

from annotations.jobs import Progress
from annotations.work_sharing import runner
from hlv.core.rendering.numbers import counted as counted_words
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.group_means import MethodGroup, agree_over_groups
from hlv.stats.meta_evaluation.method_resampling import UndeterminedAgreementError
from hlv.stats.meta_evaluation.metric_agreement import agree, automatic_judge_scores, human_scores
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from metaeval.models import Method
from metaeval.results.metric_agreement import GroupMeans, GroupTable
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.judgments import ComparisonCounts
from metaeval.services.metric_scores import Named
from metaeval.services.ranking import fit_ranking
from metaeval.services.stored_agreement import agreement_table, metric_row

Side = TypeVar("Side", HumanScores, MetricScores)

IN_GROUPS: Final = "comparing metrics with people in groups of methods"
NO_BASE_MODEL: Final = "without a base model"
ONE_GROUP: Final = noop("The methods do not have several base models.")
ONE_SCALE: Final = noop("The groups use the strengths from the ranking of all methods.")
OWN_SCALES: Final = noop(
    "All methods together have no ranking. Each group has its own ranking from the judgments between its "
    "methods."
)
OWN_SCALES_OF_JUDGES: Final = (
    "Automatic judges without a ranking of all methods have one of each group too: {names}."
)
ALONE: Final = noop("A correlation needs two or more methods.")


BaseModels = Callable[[Method], Sequence[str]]


def own_base_model(method: Method) -> list[str]:
    return [method.base_model]


@dataclass(frozen=True, eq=False)
class _Group:
    """The methods of one base model: people's side and each metric's, in the order of `methods`."""

    name: str
    methods: list[Method]
    people: HumanScores
    metrics: list[MetricScores]
    # Of a ranking of its own.
    n_judgments: int | None = None
    n_judges: int | None = None


def group_agreement(
    human: HumanScores,
    named: Sequence[Named],
    methods: Sequence[Method],
    options: RankingOptions,
    *,
    n_permutations: int,
    counted: ComparisonCounts | None = None,
    base_models: BaseModels = own_base_model,
    draws: RankingDraws | None = None,
    progress: Progress | None = None,
) -> GroupMeans:
    """The table of each group, and the mean of its coefficients over groups with one permutation of methods.

    Where all methods together have no ranking, each group of `counted` is ranked by itself. `undetermined` is the
    reason why there is no mean; a table has its own. A system of several base models is in the table of each.
    Rankings of groups draw texts by `draws`, as the metrics do.
    """
    bases = list(dict.fromkeys(base for method in methods for base in base_models(method)))
    if len(bases) < 2:
        return GroupMeans(undetermined=ONE_GROUP, seed=options.seed)
    ranked_separately = human.undetermined is not None and counted is not None
    groups = [
        _group(
            base,
            number,
            human,
            named,
            methods,
            options,
            counted=counted if ranked_separately else None,
            base_models=base_models,
            draws=draws,
            progress=progress,
        )
        for number, base in enumerate(bases, start=1)
    ]
    several = [group for group in groups if len(group.methods) > 1]
    alone = [group.name for group in groups if len(group.methods) == 1]
    notes = [OWN_SCALES if ranked_separately else ONE_SCALE]
    if own := [entry.label for entry in named if _has_own_rankings(entry)]:
        notes.append(OWN_SCALES_OF_JUDGES.format(names=", ".join(own)))
    if alone:
        notes.append(f"With one method each, and therefore in no mean: {', '.join(alone)}.")
    mean = _mean_of(several, named, options, n_permutations=n_permutations, progress=progress)
    return replace(
        mean,
        each=[
            _table_of(group, number, named, options, n_permutations=n_permutations, progress=progress)
            for number, group in enumerate(groups, start=1)
        ],
        notes=notes,
    )


def _group(
    base: str,
    number: int,
    human: HumanScores,
    named: Sequence[Named],
    methods: Sequence[Method],
    options: RankingOptions,
    *,
    counted: ComparisonCounts | None,
    base_models: BaseModels,
    draws: RankingDraws | None,
    progress: Progress | None,
) -> _Group:
    """With `counted`, people rank the group by itself."""
    members = _places(methods, base, base_models)
    n_judgments = n_judges = None

    def own_values(values: FloatArray) -> FloatArray:
        return values[..., members]

    people = with_other_methods(human, own_values)
    if counted is not None:
        part = counted.between(members)
        ranked = fit_ranking(part, options, progress=progress, name=f"group {number}", draws=draws)
        people = human_scores(ranked)
        n_judgments, n_judges = part.cells.n_judgments, part.cells.n_judges
    own = [methods[place] for place in members.tolist()]
    return _Group(
        base or NO_BASE_MODEL,
        own,
        people,
        [
            _own_ranking(
                entry,
                base,
                own,
                base_models=base_models,
                draws=draws,
                name=f"metric {place} in group {number}",
                progress=progress,
            )
            if _has_own_rankings(entry)
            else with_other_methods(entry.scores, own_values)
            for place, entry in enumerate(named, start=1)
        ],
        n_judgments,
        n_judges,
    )


def _places(methods: Sequence[Method], base: str, base_models: BaseModels) -> IntArray:
    return np.array(
        [place for place, method in enumerate(methods) if base in base_models(method)], dtype=np.int64
    )


def _has_own_rankings(entry: Named) -> bool:
    """Whether it is an automatic judge whose verdicts order the methods of a group, if anything."""
    return entry.verdicts is not None and entry.scores.undetermined is not None


def _own_ranking(
    entry: Named,
    base: str,
    methods: Sequence[Method],
    *,
    base_models: BaseModels,
    draws: RankingDraws | None,
    name: str,
    progress: Progress | None,
) -> MetricScores:
    """What an automatic judge gives the methods of one group by its verdicts between them."""
    if entry.verdicts is None:
        raise ValueError(f"{entry.label} has no verdicts of its own")
    part = entry.verdicts.counted.between(_places(entry.verdicts.counted.methods, base, base_models))
    ranked = fit_ranking(part, entry.verdicts.options, progress=progress, name=name, draws=draws)
    by_key = replace(ranked, names=[str(method.pk) for method in part.methods])
    return automatic_judge_scores(entry.scores.name, by_key, [str(method.pk) for method in methods])


def _table_of(
    group: _Group,
    number: int,
    named: Sequence[Named],
    options: RankingOptions,
    *,
    n_permutations: int,
    progress: Progress | None,
) -> GroupTable:
    """Every coefficient over the methods of one group."""
    people = group.people
    if len(group.methods) == 1:
        people = replace(people, undetermined=ALONE)
    found = agree(
        people,
        group.metrics,
        methods=[method.name for method in group.methods],
        seed=options.seed,
        n_permutations=n_permutations,
        runners=lambda work: runner(progress, name=f"{work} of metrics in group {number}", note=IN_GROUPS),
    )
    table = agreement_table(found, named)
    reasons = dict.fromkeys(row.undetermined for row in table.metrics)
    if table.undetermined is None and reasons and None not in reasons:
        table = replace(table, undetermined=" ".join(filter(None, reasons)))
    return GroupTable(**vars(table), group=group.name, n_judgments=group.n_judgments, n_judges=group.n_judges)


def _mean_of(
    groups: Sequence[_Group],
    named: Sequence[Named],
    options: RankingOptions,
    *,
    n_permutations: int,
    progress: Progress | None,
) -> GroupMeans:
    names = list(dict.fromkeys(method.name for group in groups for method in group.methods))
    no_mean = GroupMeans(groups=[group.name for group in groups], seed=options.seed)
    if len(groups) < 2:
        n = counted_words(len(groups), "groups")
        return replace(no_mean, undetermined=f"There is no mean: {n} with two methods or more.")
    try:
        found = agree_over_groups(
            [_spread_over(group, names) for group in groups],
            names,
            n_permutations=n_permutations,
            seed=options.seed,
            runners=lambda work: runner(progress, name=f"{work} of groups", note=IN_GROUPS),
        )
    except UndeterminedAgreementError as refusal:
        return replace(no_mean, undetermined=error_sentence(refusal))
    return GroupMeans(
        groups=found.groups,
        methods=found.methods,
        n_methods=len(found.methods),
        left_out=found.left_out,
        metrics=[
            replace(metric_row(row, entry), per_group=found.per_group.get(row.name))
            for row, entry in zip(found.metrics, named, strict=True)
        ],
        seed=found.seed,
        n_permutations=found.n_permutations,
    )


def _spread_over(group: _Group, names: Sequence[str]) -> MethodGroup:
    """The group's sides at the places of its methods' names; NaN at the others."""
    columns = np.array([names.index(method.name) for method in group.methods])

    def spread(values: FloatArray) -> FloatArray:
        wide = np.full((*values.shape[:-1], len(names)), np.nan)
        wide[..., columns] = values
        return wide

    return MethodGroup(
        group.name,
        with_other_methods(group.people, spread),
        [with_other_methods(metric, spread) for metric in group.metrics],
    )


def with_other_methods(side: Side, change: Callable[[FloatArray], FloatArray]) -> Side:
    """The same side with other methods, in its values and in every resample."""
    resampled = None if side.resampled is None else change(side.resampled)
    errors = side.errors
    if errors is not None:
        errors = replace(errors, covariance=change(change(errors.covariance).T))
    return replace(side, values=change(side.values), resampled=resampled, errors=errors)
