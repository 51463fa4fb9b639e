"""A browser of texts by disagreement, and one text with all that annotators, methods and judges said of it."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import numpy as np
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotations import policy
from annotations.models import Item, Study
from annotations.selectors.answers import Spread
from annotations.selectors.item_paragraphs import opening
from annotations.submissions import STEP_WORDS, outcome_step
from annotations.submit_responses import reply_with_job
from annotations.views.divisive_texts import item_for, item_responses_context, page_of
from annotations.workers import no_worker_running
from hlv.core.rendering.numbers import figure
from hlv.core.rendering.tables import Cell, Table, TableRow, missing
from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import checked_task
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS
from hlv.texts.filters import Narrowed, TextFilter, in_order, narrowed
from metaeval.forms.judging import VERDICT_WORDS
from metaeval.models import Judgment, Method, TextReport
from metaeval.results.text_orders import OrderedText, ordered_texts
from metaeval.selectors.outputs import ShownOutput
from metaeval.selectors.scores import shown_names
from metaeval.selectors.texts import (
    OrderTitle,
    judgments_on,
    newest_text_report,
    order_titles,
    outputs_on,
    text_order,
    unfinished_texts_job,
    uploaded_scores_on,
)

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


TEXTS_PER_PAGE = 20
MOST_JUDGMENTS = 300


def study_to_read(request: HttpRequest, study_uuid: UUID) -> Study:
    """Who sees all that was said of texts must see the results too: it names the methods."""
    study = policy.study_for(request.user, study_uuid, policy.Action.WATCH)
    policy.require(request.user, study, policy.Action.SEE_RESULTS)
    return study


def description(order: OrderTitle) -> str:
    if order.name == "entropy":
        return _("Entropy of the labels")
    if order.name == "groups":
        return _("Divergence between groups of annotators")
    return _("Against the judges: %(metric)s") % {"metric": order.title}


@require_safe
@login_required
def texts(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """One order, a page of it, as the newest report has it."""
    study = study_to_read(request, study_uuid)
    report = newest_text_report(study)
    running = unfinished_texts_job(study)
    context: dict[str, Any] = {
        "study": study,
        "report": report,
        "running": running,
        "no_worker": running is not None and no_worker_running(),
        "nothing_to_order": report is None and not study.items.exists(),
    }
    asked = TextFilter.of(request.GET)
    context |= {"asked": asked, "kept": asked.query}
    found = narrowed(study, asked) if asked.narrows else None
    if found is not None:
        context |= {"narrowed": found, "narrowed_words": asked.words()}
    if report is not None:
        context |= _ordered(request, study, report, asked, found)
    elif found is not None:
        context |= _page(request, study, in_order([], found.texts), asked.query)
    return render(request, "texts/texts.html", context)


def _ordered(
    request: HttpRequest, study: Study, report: TextReport, asked: TextFilter, found: Narrowed | None
) -> dict[str, Any]:
    """A page of the order that is asked for by its name, or by a metric and its campaign."""
    titles = order_titles(report)
    by_metric = asked.order_among(titles)
    name = request.GET.get("order") or by_metric or titles[0].name
    order = text_order(report, name) if name in {one.name for one in titles} else None
    if order is None:
        raise Http404("No such order.")
    listed = ordered_texts(report, order)
    if found is not None:
        listed = in_order(listed, found.texts)
    return _page(request, study, listed, {"order": name} | asked.query) | {
        "orders": [(one.name, description(one)) for one in titles],
        "now": name,
        "words": description(OrderTitle(order.name, order.title)),
        "order": order,
        "n_listed": len(listed),
        "no_such_order": asked.metric if asked.metric and not by_metric else "",
    }


def _page(
    request: HttpRequest, study: Study, listed: list[OrderedText], kept: dict[str, str]
) -> dict[str, Any]:
    page = page_of(listed, request.GET, size=TEXTS_PER_PAGE)
    return {"page": page, "lines": _lines(study, list(page)), "query": urlencode(kept)}


def _lines(study: Study, listed: list[OrderedText]) -> list[dict[str, Any]]:
    wanted = [line.item for line in listed]
    items = {
        str(item.uuid): item
        for item in Item.objects.filter(study=study, uuid__in=wanted).prefetch_related("texts")
    }
    return [
        {
            "item": items[line.item],
            "number": line.position + 1,
            "opening": opening(items[line.item]),
            "value": line.value,
            "n": line.n,
        }
        for line in listed
        if line.item in items
    ]


@require_POST
@login_required
def recompute_texts(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Ask a worker for the orders; asking twice is asking once."""
    study = study_to_read(request, study_uuid)
    policy.require(request.user, study, policy.Action.RUN_JOBS)
    return reply_with_job(request, study, "texts", {})


@require_safe
@login_required
def item(request: HttpRequest, item_uuid: UUID) -> HttpResponse:
    """The text, every answer, the distribution, each method's output with its scores, the judgments; live."""
    shown = item_for(request, item_uuid)
    policy.require(request.user, shown.study, policy.Action.SEE_RESULTS, of="item")
    context = item_responses_context(request, shown)
    outputs = outputs_on(shown)
    judged = list(judgments_on(shown)[: MOST_JUDGMENTS + 1])
    sees_names = policy.may(request.user, shown.study, policy.Action.SEE_NAMES)
    context |= {
        "outputs": outputs_table(shown.study, context["spread"], outputs),
        "output_texts": output_texts(outputs),
        "scores": scores_table(shown, context["spread"], outputs),
        "judgments": [_judgment_line(one, sees_names=sees_names) for one in judged[:MOST_JUDGMENTS]],
        "has_more_judgments": len(judged) > MOST_JUDGMENTS,
    }
    return render(request, "texts/item.html", context)


def _judgment_line(judgment: Judgment, *, sees_names: bool) -> dict[str, Any]:
    pair = judgment.comparison
    sides = [pair.low, pair.high] if judgment.low_is_left else [pair.high, pair.low]
    person = judgment.participant
    name = ""
    if sees_names and person is not None:
        name = str(person.user) if person.user else person.source
    left, right = shown_names(sides)
    return {
        "campaign": pair.campaign.name,
        "who": judgment.automatic_judge.name
        if judgment.automatic_judge
        else person.pseudonym
        if person
        else _("not known"),
        "name": name,
        "left": left,
        "right": right,
        "verdict": VERDICT_WORDS.get(judgment.verdict, judgment.get_verdict_display()),
        "preferred": {"left": left, "right": right}.get(judgment.verdict, ""),
        "confidence": "" if judgment.confidence is None else STEP_WORDS[outcome_step(judgment.confidence)],
        "seconds": None if judgment.active_ms is None else round(judgment.active_ms / 1000),
        "is_repeat": judgment.exposure is not None and judgment.exposure.repeats_id is not None,
        "reason": judgment.reason,
    }
