"""The table of methods and metrics, of methods trained here and of imported outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from annotations.jobs import JobRefusedError, MissingDataError
from annotations.models import Missing, Study
from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import EQUAL, Task, checked_task
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS
from hlv.stats.resampling.chunks import Runner, run_in_sequence
from hlv.stats.training import MetricComparison, compare_methods
from metaeval.models import Method
from metaeval.results.method_table import MethodDifference, MethodRow, MethodTable, MetricOfMethods
from metaeval.selectors.outputs import output_arrays
from metaeval.selectors.scores import shown_names
from metaeval.services.score_table import finite
from metaeval.services.scored_labels import labels_where
from metaeval.services.scoring import chosen_metrics, require_labels

# The six of Kurniawan et al. (2026).
PAPER_METRICS: Final = (
    "hard_accuracy",
    "hard_micro_f1",
    "hard_macro_f1",
    "soft_accuracy",
    "soft_micro_f1",
    "soft_macro_f1",
    "po_jsd",
    "entropy_correlation",
)
DEFAULT_RESAMPLES: Final = 2000


def method_table(
    study: Study,
    *,
    metrics: Sequence[str] = (),
    base_model: str = "",
    where: str = "",
    n_resamples: int = DEFAULT_RESAMPLES,
    seed: int = 1,
) -> MethodTable:
    """Compare methods on texts with human labels and an output of every run of each method.

    Parameters
    ----------
    metrics
        None named: those of the paper.
    base_model
        Only its methods.
    where
        Only texts with this fact, as "split=test".

    Raises
    ------
    JobRefusedError
        A metric or a base model is unknown, or there are fewer than two methods.
    MissingDataError
        There are no labels, or no outputs of labelled texts.
    """
    require_labels(study)
    task = checked_task(study.task)
    definitions = chosen_metrics(study, metrics or paper_metrics(task))
    human = labels_where(study, EQUAL, where)
    outputs = output_arrays(study, methods=_methods(study, base_model), item_ids=human.item_ids)
    if not outputs.methods:
        raise MissingDataError(Missing.OUTPUTS if len(human.item_ids) else Missing.ANSWERS)
    if not len(outputs.item_ids):
        raise MissingDataError(Missing.SHARED_TEXTS)
    if len(outputs.methods) < 2:
        raise JobRefusedError(_("One method has outputs; a table compares two or more."))
    distributions = human.distributions()[np.isin(human.item_ids, outputs.item_ids)]
    table = compared_methods(
        Targets.of(distributions, task=task),
        dict(zip(shown_names(outputs.methods), outputs.runs, strict=True)),
        [definition.name for definition in definitions],
        n_resamples=n_resamples,
        seed=seed,
    )
    return replace(table, n_incomplete=outputs.n_incomplete, where=where)


def compared_methods(
    truth: Targets,
    outputs: Mapping[str, FloatArray],
    metrics: Sequence[str],
    *,
    n_resamples: int = DEFAULT_RESAMPLES,
    seed: int = 1,
    run: Runner = run_in_sequence,
) -> MethodTable:
    """The table of outputs (n_runs, N, K) by method name, all on the N texts of `truth`."""
    names, of_methods = list(outputs), list(outputs.values())
    found = compare_methods(truth, of_methods, metrics, n_resamples=n_resamples, seed=seed, run=run)
    n_runs = [len(runs) for runs in of_methods]
    return MethodTable(
        methods=names,
        metrics=[_metric(one, names, n_runs) for one in found],
        n_items=len(truth.distributions),
        n_incomplete={},
        n_resamples=n_resamples,
        seed=seed,
    )


def paper_metrics(task: Task) -> list[str]:
    """Hard and soft micro F1 with one label are accuracies, so only the accuracies are shown."""
    defined = [name for name in PAPER_METRICS if task in METRICS[name].tasks]
    return [name for name in defined if not (name == "soft_micro_f1" and "soft_accuracy" in defined)]


def _methods(study: Study, base_model: str) -> list[Method]:
    methods = list(Method.objects.filter(study=study))
    if not base_model:
        return methods
    known = sorted({method.base_model for method in methods if method.base_model})
    if base_model not in known:
        listed = ", ".join(known) or "none"
        raise JobRefusedError(f"No method has the base model {base_model!r}; known are {listed}.")
    return [method for method in methods if method.base_model == base_model]


def _metric(found: MetricComparison, names: Sequence[str], n_runs: Sequence[int]) -> MetricOfMethods:
    definition = METRICS[found.metric]
    rows = [
        MethodRow(
            method=name,
            n_runs=n_runs[place],
            mean_of_runs=finite(found.mean_of_runs[place]),
            sd_of_runs=finite(found.sd_of_runs[place]),
            interval=_interval(found.interval[place].tolist()),
            of_mean_output=finite(found.of_mean_output[place]),
        )
        for place, name in enumerate(names)
    ]
    groups, is_complete = _groups(found, names, higher_is_better=definition.higher_is_better)
    return MetricOfMethods(
        name=definition.name,
        label=definition.label,
        higher_is_better=definition.higher_is_better,
        methods=rows,
        differences=_differences(found, names),
        groups=groups,
        is_complete=is_complete,
    )


def _interval(ends: Sequence[float]) -> tuple[float, float] | None:
    return (ends[0], ends[1]) if np.isfinite(ends).all() else None


def _groups(
    found: MetricComparison, names: Sequence[str], *, higher_is_better: bool
) -> tuple[list[list[str]] | None, bool]:
    """The best method's first; a method that differs from every other is a group by itself."""
    if found.separation is None:
        return None, True
    cliques, is_complete = found.separation.inseparable()
    alone = set(range(len(names))) - {place for clique in cliques for place in clique}
    quality = found.mean_of_runs if higher_is_better else -found.mean_of_runs
    groups = [sorted(clique, key=lambda place: -quality[place]) for clique in cliques]
    groups += [[place] for place in alone]
    groups.sort(key=lambda group: [-quality[place] for place in group])
    return [[names[place] for place in group] for group in groups], is_complete


def _differences(found: MetricComparison, names: Sequence[str]) -> list[MethodDifference]:
    if found.separation is None:
        return []
    return [
        MethodDifference(
            first=names[i],
            second=names[j],
            difference=float(found.difference[i, j]),
            interval=(float(found.difference_interval[i, j, 0]), float(found.difference_interval[i, j, 1])),
            standard_error=float(found.standard_error[i, j]),
            p=float(found.separation.adjusted_p[i, j]),
        )
        for i, j in combinations(range(len(names)), 2)
    ]
