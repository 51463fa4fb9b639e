"""What methods and metrics say of one text, as tables beside what people said."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
from django.utils.translation import gettext as _

from annotations.models import Item, Study
from annotations.selectors.answers import Spread
from hlv.core.rendering.numbers import figure
from hlv.core.rendering.tables import Cell, Table, TableRow, missing
from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import checked_task
from hlv.stats.metrics.registry import METRICS
from hlv.stats.metrics.targets import Targets
from metaeval.models import Method
from metaeval.selectors.outputs import ShownOutput
from metaeval.selectors.scores import shown_names
from metaeval.selectors.texts import uploaded_scores_on

Outputs = list[tuple[Method, ShownOutput]]
NOTHING = "–"


def human_distribution(study: Study, spread: Spread) -> FloatArray | None:
    """One row of shares, or nothing where nobody gave labels."""
    counts = np.array([n for _label, n in spread.counts], dtype=np.float64)
    of = counts.sum() if study.one_label_only else float(spread.n_annotators)
    return None if not of else np.asarray(counts / of)[None]


def outputs_table(study: Study, spread: Spread, outputs: Outputs) -> Table | None:
    """A row for people and for each method, a column for each label; nothing where all outputs are texts."""
    given = [(method, output) for method, output in outputs if output.labels]
    if not given:
        return None
    human = human_distribution(study, spread)
    rows = (
        [] if human is None else [TableRow(_("People"), [Cell(figure(float(share))) for share in human[0]])]
    )
    names = shown_names([method for method, _output in given])
    rows += [
        TableRow(name, [Cell(figure(label.value)) for label in output.labels])
        for name, (_method, output) in zip(names, given, strict=True)
    ]
    return Table([_("Who"), *(label.name for label, _n in spread.counts)], rows)


def output_texts(outputs: Outputs) -> list[tuple[str, str]]:
    """(method, what it wrote)."""
    given = [(method, output.text) for method, output in outputs if output.text is not None]
    names = shown_names([method for method, _text in given])
    return [(name, text) for name, (_method, text) in zip(names, given, strict=True)]


def scores_table(item: Item, spread: Spread, outputs: Outputs) -> Table | None:
    """A row for each method, a column for each metric that has a score of single texts."""
    columns = _built_in(item.study, spread, outputs)
    uploaded: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    methods = {method.pk: method for method, _output in outputs}
    for score in uploaded_scores_on(item):
        methods.setdefault(score.method_id, score.method)
        if score.value is not None:
            head = f"{score.metric.name} {'↑' if score.metric.higher_is_better else '↓'}"
            uploaded[head][score.method_id].append(score.value)
    columns |= {
        head: {method: float(np.mean(values)) for method, values in found.items()}
        for head, found in uploaded.items()
    }
    if not columns:
        return None
    ordered = sorted(methods.values(), key=lambda method: method.position)
    rows = [
        TableRow(name, [_cell(column.get(method.pk)) for column in columns.values()])
        for name, method in zip(shown_names(ordered), ordered, strict=True)
    ]
    return Table([_("Method"), *columns], rows)


def _built_in(study: Study, spread: Spread, outputs: Outputs) -> dict[str, dict[int, float]]:
    human = None if study.task == Study.Task.NONE else human_distribution(study, spread)
    given = [(method, output) for method, output in outputs if output.labels]
    if human is None or not given:
        return {}
    task = checked_task(study.task)
    truth = Targets.of(human, task=task)
    found: dict[str, dict[int, float]] = {}
    for metric in METRICS.values():
        if task not in metric.tasks or not metric.is_item_mean(task):
            continue
        head = f"{metric.label} {'↑' if metric.higher_is_better else '↓'}"
        found[head] = {
            method.pk: float(
                metric.item_scores(truth, np.array([[label.value for label in output.labels]]), task=task)[0]
            )
            for method, output in given
        }
    return found


def _cell(value: float | None) -> Cell:
    if value is None:
        return missing(_("no score"))
    if not math.isfinite(value):
        return missing(_("undefined"))
    return Cell(figure(value))
