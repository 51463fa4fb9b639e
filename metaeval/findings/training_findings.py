"""What was trained or would be: sentences, and tables of parts and trainings."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from statistics import mean
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hlv.core.rendering.numbers import Form, counted
from hlv.core.rendering.tables import Cell, Table, TableRow, count_cell, missing
from hlv.stats.training.methods import Obstacle
from metaeval.results.training import TrainingPlan, TrainingResult

_DIGITS: Final = Form(digits=4)
OBSTACLES: Final[Mapping[Obstacle, Promise]] = MappingProxyType(
    {
        "several labels": gettext_lazy("it is not defined where a text has several labels"),
        "no single answers": gettext_lazy("it needs single answers, and there are counts of labels"),
        "no annotators": gettext_lazy("it needs annotators, and there are counts without them"),
    }
)

# How dev texts choose the epoch, by the name of the option.
SELECTION_WORDS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "soft_cross_entropy": gettext_lazy("soft cross-entropy"),
        "po_jsd": gettext_lazy("PO-JSD"),
        "soft_micro_f1": gettext_lazy("soft micro F1"),
        "none": gettext_lazy("last epoch, as in the paper"),
    }
)
METHOD_WORDS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "ReL": gettext_lazy("each answer is a training row"),
        "MV": gettext_lazy("majority vote"),
        "AL": gettext_lazy("each label that somebody chose is a training row"),
        "SL": gettext_lazy("soft labels: cross-entropy to the share of each label"),
        "SLMV": gettext_lazy("soft labels and majority vote on two heads; the soft head predicts"),
        "SLMV-hard": gettext_lazy("as SLMV; the majority head predicts"),
        "AE": gettext_lazy("a head for each annotator; mean of all heads"),
        "AEh": gettext_lazy("a head for each annotator; share of heads that vote for a label"),
        "AR": gettext_lazy("majority vote, weighted by its annotators’ share of the majority"),
        "ARh": gettext_lazy("majority vote, weighted by how often its annotators agree with it"),
        "JSD": gettext_lazy("Jensen-Shannon divergence to the share of each label"),
        "SmF1": gettext_lazy("1 minus soft micro F1 of each batch"),
        "SMF1": gettext_lazy("1 minus soft macro F1 of each batch"),
        "LA-min": gettext_lazy("smallest cross-entropy to an answer"),
        "LA-mean": gettext_lazy("mean cross-entropy to the answers"),
        "LA-max": gettext_lazy("largest cross-entropy to an answer"),
    }
)


def method_words(name: str) -> str:
    """What a method trains on, in a few words."""
    return str(METHOD_WORDS[name])


def parts_table(plan: TrainingPlan) -> Table:
    return Table(
        [_("Fold"), _("Training texts"), _("Dev texts"), _("Test texts")],
        [
            TableRow(str(number), [count_cell(part.train), count_cell(part.dev), count_cell(part.test)])
            for number, part in enumerate(plan.parts, start=1)
        ],
        title=_("Parts of the texts"),
    )


def trainings_table(result: TrainingResult) -> Table:
    """A row for each training: chosen learning rates and epochs, and the dev texts' value where it was chosen."""
    rows = []
    for training in dict.fromkeys(one.training for one in result.runs):
        runs = [one for one in result.runs if one.training == training]
        chosen = [value for one in runs if (value := one.dev[one.epoch - 1]) is not None]
        rates = sorted({one.learning_rate for one in runs})
        rows.append(
            TableRow(
                training,
                [
                    count_cell(len(runs)),
                    Cell(", ".join(f"{rate:g}" for rate in rates)),
                    Cell(mean(one.epoch for one in runs), form=Form(digits=1)),
                    Cell(mean(chosen) if chosen else None, form=_DIGITS),
                    _cost_cell(result.plan, training),
                ],
            )
        )
    return Table(
        [
            _("Training"),
            _("Trainings"),
            _("Learning rates chosen"),
            _("Mean epoch chosen"),
            _criterion(result),
            _("Expected seconds of a run"),
        ],
        rows,
        title=_("Trainings, with the mean over dev texts"),
    )


def _cost_cell(plan: TrainingPlan, training: str) -> Cell:
    cost = plan.costs.get(training)
    return missing(_("not stored by this version")) if cost is None else Cell(cost, form=Form(digits=2))


def learning_curves_table(result: TrainingResult) -> Table:
    """The selection's value on the dev texts after some epochs, mean over runs and folds, at the chosen learning rate."""
    n_epochs = max(len(one.dev) for one in result.runs)
    epochs = sorted({min(epoch, n_epochs) for epoch in (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100)} | {n_epochs})
    return Table(
        [_("Training"), *(_("Epoch {n}").format(n=epoch) for epoch in epochs)],
        [
            TableRow(training, [_curve_cell(result, training, epoch) for epoch in epochs])
            for training in dict.fromkeys(one.training for one in result.runs)
        ],
        title=_("Learning curves: {criterion} on dev texts").format(criterion=_criterion(result)),
    )


def _curve_cell(result: TrainingResult, training: str, epoch: int) -> Cell:
    values = [
        value
        for one in result.runs
        if one.training == training and len(one.dev) >= epoch and (value := one.dev[epoch - 1]) is not None
    ]
    return Cell(mean(values), form=_DIGITS) if values else missing(_("not computed"))


def _criterion(result: TrainingResult) -> str:
    return str(SELECTION_WORDS[result.select if result.select != "none" else "soft_cross_entropy"])


def plan_notes(plan: TrainingPlan) -> list[str]:
    """What would be trained, what is left out, which methods are the same, and what the test texts can show."""
    notes = [
        _("{methods} methods, {runs} each, on features “{features}”; {texts} get outputs.").format(
            methods=len(plan.methods),
            runs=counted(plan.n_runs, "runs"),
            features=plan.base_model,
            texts=counted(plan.n_tested, "texts"),
        )
    ]
    notes += [
        _("{method} is left out: {why}.").format(method=name, why=OBSTACLES[why])
        for name, why in plan.left_out.items()
    ]
    notes += [
        ngettext(
            "On these labels {others} is the same as {first}; differences between them are noise.",
            "On these labels {others} are the same as {first}; differences between them are noise.",
            len(others),
        ).format(first=first, others=", ".join(others))
        for first, *others in plan.same
    ]
    if plan.n_repeated:
        notes.append(
            _("{n} test texts get no output, because an equal text trains or tunes.").format(
                n=f"{plan.n_repeated:,}"
            )
        )
    notes.append(
        _(
            "Two methods must differ by about {difference:.3f} in PO-JSD on these test texts to be significant "
            "without correction for several tests."
        ).format(difference=plan.smallest_difference)
    )
    return notes


def expected_time_note(plan: TrainingPlan) -> str:
    return _("Expected time on one processor: {time}.").format(time=_time(plan.seconds))


def _time(seconds: float) -> str:
    if seconds < 90:
        return counted(ceil(seconds), "seconds")
    return counted(round(seconds / 60), "minutes")


def training_notes(result: TrainingResult) -> list[str]:
    """What was filed, then what holds of the plan."""
    words = _("{n} filed, {known} known already; training took {time}.").format(
        n=counted(result.n_added, "outputs"), known=f"{result.n_known:,}", time=_time(result.seconds)
    )
    return [words, *plan_notes(result.plan)]
