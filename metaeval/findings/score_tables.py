"""What every metric scores every method: all metrics side by side, each metric by itself, and by annotator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import Value, counted, distinguishing_digits, figure
from hlv.core.rendering.sentences import Finding, Name, SentenceValue, reason
from hlv.core.rendering.tables import (
    Cell,
    Column,
    Medium,
    Table,
    TableRow,
    count_cell,
    estimate_cell,
    missing,
)
from metaeval.findings.choice_labels import weights_notes
from metaeval.results.scoring import MethodScore, MetricColumn, ScoringResult

# Those who answered most; the snapshot has more.
MOST_ANNOTATORS: Final = 100
# Methods that lack equally many outputs, with a sentence each.
MOST_NAMED: Final = 3
SCORE_HEADER: Final = (
    *("metric", "higher_is_better", "method", "value", "interval_low", "interval_high", "undetermined"),
)
IN_TERMINAL: Final[frozenset[Medium]] = frozenset({"terminal"})
IN_FILES: Final[frozenset[Medium]] = frozenset()


def _in_order(order: Sequence[str]) -> Callable[[str], int]:
    """Sorts methods in the experts' order, and what has no rank last."""
    place = {name: index for index, name in enumerate(order)}
    return lambda name: place.get(name, len(place))


def _cell(score: MethodScore, *, digits: int) -> Cell:
    return estimate_cell(score.value, score.interval, digits=digits, reason=score.undefined or "")


def _digits(metric: MetricColumn) -> int:
    return distinguishing_digits(score.estimate for score in metric.scores)


def scores_table(result: ScoringResult, *, order: Sequence[str]) -> Table:
    """Methods down, in the experts' order where there is one; metrics across, with digits enough to separate methods."""
    columns = []
    for metric in result.metrics:
        digits = _digits(metric)
        columns.append({score.method: _cell(score, digits=digits) for score in metric.scores})
    arrows = {True: "↑", False: "↓"}
    return Table(
        [
            _("Method"),
            *(
                f"{metric.label or metric.name} {arrows[metric.higher_is_better]}"
                for metric in result.metrics
            ),
        ],
        [
            TableRow(name, [column.get(name, Cell(None)) for column in columns])
            for name in sorted(result.scored_methods, key=_in_order(order))
        ],
    )


def overview_table(result: ScoringResult) -> Table | None:
    """The best and the worst method by each metric; None for one metric, whose own table shows more."""
    if len(result.metrics) < 2:
        return None
    columns = [_("Metric"), _("Best method"), _("Its score"), _("Worst method"), _("Its score")]
    rows = []
    for metric in result.metrics:
        digits = _digits(metric)
        by_score = sorted(
            (score for score in metric.scores if score.value is not None),
            key=lambda score: score.value or 0.0,
            reverse=metric.higher_is_better,
        )
        ends = [by_score[0], by_score[-1]] if by_score else []
        cells = [cell for score in ends for cell in (Cell(score.method), _cell(score, digits=digits))]
        rows.append(TableRow(metric.label or metric.name, cells or [missing(_("no score"))] * 4))
    return Table(columns, rows, title=_("Best and worst method by metric"))


def metric_table(metric: MetricColumn, *, n_resamples: int) -> Table:
    """One metric with the scores of runs, the methods in the order of the study."""
    digits = _digits(metric)
    columns: list[str | Column] = [
        Column(_("Method"), names=("method",)),
        Column(_("Score"), interval=_("95 % interval"), names=("value", "interval_low", "interval_high")),
        Column(_("Runs"), media=IN_TERMINAL),
        Column(_("Undefined"), names=("undetermined",), media=IN_FILES),
        *([Column(metric.beside.label, media=IN_TERMINAL)] if metric.beside else []),
    ]
    rows = [
        TableRow(
            score.method,
            [
                _cell(score, digits=digits),
                Cell(None if metric.is_uploaded else _runs(score, digits=digits)),
                Cell(score.undefined),
                *([Cell(score.beside)] if metric.beside else []),
            ],
            "" if score.interval or score.value is None or not n_resamples else _no_interval(metric),
        )
        for score in metric.scores
    ]
    name = metric.name if metric.is_uploaded or not metric.label else f"{metric.label} ({metric.name})"
    direction = _("higher is better") if metric.higher_is_better else _("lower is better")
    title = ", ".join((name, direction, *([_("uploaded")] if metric.is_uploaded else [])))
    everywhere: dict[str, Value] = {"metric": metric.name, "higher_is_better": metric.higher_is_better}
    return Table(columns, rows, title=title, everywhere=everywhere)


def _runs(score: MethodScore, *, digits: int) -> str:
    """How many, and the range of their own scores: the score itself is that of their mean."""
    defined = [value for value in score.runs if value is not None]
    if len(score.runs) < 2 or not defined:
        return str(len(score.runs))
    low, high = (figure(value, digits=digits) for value in (min(defined), max(defined)))
    spread = "" if score.sd_of_runs is None else f", SD {figure(score.sd_of_runs, digits=digits)}"
    return f"{len(score.runs)}: {low} to {high}{spread}"


def _no_interval(metric: MetricColumn) -> str:
    why = metric.why_no_interval or _("too many resamples of the texts have no score")
    return _("no interval: %(why)s") % {"why": why}


def error_rates_table(
    result: ScoringResult, *, order: Sequence[str] = (), most: int = MOST_ANNOTATORS
) -> Table | None:
    """How often each method misses each annotator's labels; None where the labels name nobody.

    Methods across, in the experts' order where there is one.
    """
    found = result.annotators
    if found is None:
        return None
    in_order = _in_order(order)
    across = sorted(range(len(result.methods)), key=lambda column: in_order(result.methods[column]))
    means = [found.mean[column] for column in across]
    digits = distinguishing_digits(mean.estimate for mean in means)
    over = TableRow(
        _("Mean over %(n)s annotators") % {"n": found.n_annotators},
        [
            missing(_("all texts")),
            *(estimate_cell(mean.value, mean.interval, digits=digits) for mean in means),
        ],
    )
    rows = [
        TableRow(
            row.annotator, [count_cell(row.n_items), *(Cell(row.error_rates[column]) for column in across)]
        )
        for row in found.rows[:most]
    ]
    return Table(
        [_("Annotator"), _("Texts"), *(result.methods[column] for column in across)],
        [over, *rows],
        _(
            "Error rate: the share of an annotator’s labels that the method’s top label misses. A method gives "
            "one output for all annotators, so it cannot match all of them where they disagree. In the mean (95 "
            "% interval over texts), all annotators have equal weight."
        ),
        title=_("Error rates by annotator (lower is better)"),
    )


def score_findings(result: ScoringResult) -> list[Finding]:
    """What was scored, and what was left out."""
    found = []
    if result.without_built_in:
        found.append(
            Finding(_("No built-in metrics: %(why)s"), {"why": reason(result.without_built_in)}, "caution")
        )
    elif result.n_items:
        words = _(
            "Scored on %(n)s texts with human labels and an output of every run. A score is computed from the "
            "mean output over runs; intervals come from %(resamples)s resamples of the texts (seed %(seed)s)."
        )
        values: dict[str, SentenceValue] = {
            "n": result.n_items,
            "resamples": result.n_resamples,
            "seed": str(result.seed),
        }
        found.append(Finding(words, values))
    found += [_uploaded(metric) for metric in result.metrics if metric.is_uploaded]
    found += [Finding("%(words)s", {"words": words}) for words in weights_notes(result)]
    if result.where:
        found.append(Finding(_("Only texts with %(fact)s were scored."), {"fact": result.where}))
    return found + _incomplete(result)


def _incomplete(result: ScoringResult) -> list[Finding]:
    """Methods without outputs of labelled texts; those that lack equally many share one sentence."""
    found = []
    for n in dict.fromkeys(result.n_incomplete.values()):
        methods = [method for method, lacking in result.n_incomplete.items() if lacking == n]
        if len(methods) > MOST_NAMED:
            words = ngettext(
                "%(methods)s methods lack an output for %(n)s labelled text, which is left out for all methods.",
                "%(methods)s methods lack an output for %(n)s labelled texts, which are left out for all methods.",
                n,
            )
            found.append(Finding(words, {"methods": len(methods), "n": n}, "caution"))
            continue
        words = ngettext(
            "%(method)s lacks an output for %(n)s labelled text, which is left out for all methods.",
            "%(method)s lacks an output for %(n)s labelled texts, which are left out for all methods.",
            n,
        )
        found += [Finding(words, {"method": Name(method), "n": n}, "caution") for method in methods]
    return found


def _uploaded(metric: MetricColumn) -> Finding:
    values: dict[str, SentenceValue] = {"metric": Name(metric.name), "remark": metric.remark}
    if metric.n_items is None:
        return Finding(_("%(metric)s was uploaded: %(remark)s."), values)
    words = _(
        "%(metric)s was uploaded: %(remark)s of %(items)s. A score is their mean; intervals resample them."
    )
    return Finding(words, values | {"items": counted(metric.n_items, "texts")})
