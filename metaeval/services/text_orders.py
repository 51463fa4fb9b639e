"""Orders of texts by disagreement: the job that computes them all, and keeps them as a snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np
from django.db import transaction
from django.utils import timezone

from annotations.jobs import JobRefusedError, Progress, store
from annotations.models import Item, Job, Participant, SnapshotStored, Study, code_version
from annotations.selectors.distributions import LabelTable, answer_arrays, label_table
from hlv.core.stored_results import dump, plain
from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.labels.distributions import checked_task, normalised_entropy
from hlv.stats.meta_evaluation.text_disagreement import contradictions, group_divergences
from hlv.stats.pairwise.comparisons import UNKNOWN, Cells
from metaeval.models import Campaign, TextOrder, TextReport
from metaeval.results.ranking_options import RankingOptions
from metaeval.results.text_orders import OrderedText, TextReportResult
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.scores import uploaded_scores
from metaeval.services.metric_scores import Named, built_in_scores, uploaded

# Nobody pages further; the report has the total.
MOST_TEXTS: Final = 1000
NOTHING: Final = (
    "No text has two answers or a judgment with metric scores, so texts cannot be ordered. Import "
    "annotations, or let more people annotate and judge."
)

# Name, title, values, keys of the texts, and how many answers or verdicts each has.
Order = tuple[str, str, FloatArray, Sequence[int], FloatArray | IntArray]


def run_texts(job: Job, progress: Progress) -> SnapshotStored:
    """Every order that the data allow: by entropy, by groups, by each metric against the judges of each campaign."""
    study, as_of = job.study, timezone.now()
    places = {
        pk: (str(uuid), position)
        for pk, uuid, position in Item.objects.filter(study=study).values_list("pk", "uuid", "position")
    }
    digest = hashlib.sha256()
    orders: list[TextOrder] = []
    for name, title, values, items, n in _orders(study, as_of=as_of, digest=digest, progress=progress):
        known = [
            row for row in np.flatnonzero(np.isfinite(values) & (values > 0)).tolist() if items[row] in places
        ]
        known.sort(key=lambda row: (-values[row], -n[row], places[int(items[row])][1]))
        listed = [
            OrderedText(
                item=places[int(items[row])][0],
                position=places[int(items[row])][1],
                value=float(values[row]),
                n=int(n[row]),
            )
            for row in known[:MOST_TEXTS]
        ]
        orders.append(TextOrder(name=name, title=title, n_texts=len(known), texts=plain(listed)))
    if not orders:
        raise JobRefusedError(NOTHING)
    report = TextReport(
        study=study,
        job=job,
        seed=0,
        parameters={"most_texts": MOST_TEXTS},
        code_version=code_version(),
        data_fingerprint=digest.hexdigest(),
        as_of=as_of,
        result=dump(TextReportResult(orders=[order.name for order in orders])),
    )
    result = SnapshotStored("text_report", report.uuid)
    with transaction.atomic():
        report.save()
        for order in orders:
            order.report = report
        TextOrder.objects.bulk_create(orders)
        store(job, result)
    return result


def _orders(study: Study, *, as_of: datetime, digest: hashlib._Hash, progress: Progress) -> Iterator[Order]:
    if study.task != Study.Task.NONE:
        table = label_table(study, as_of=as_of)
        digest.update(table.fingerprint.encode())
        if len(table.item_ids):
            yield from _by_labels(study, table, as_of=as_of)
    campaigns = list(Campaign.objects.filter(study=study).order_by("pk"))
    for number, campaign in enumerate(campaigns, start=1):
        progress(number, len(campaigns) + 1, "comparing metrics with judges, text by text")
        yield from _by_judges(campaign, number, as_of=as_of, digest=digest)


def _by_labels(study: Study, table: LabelTable, *, as_of: datetime) -> Iterator[Order]:
    task = checked_task(study.task)
    answered = (
        table.counts.sum(axis=1) > 0 if study.one_label_only else np.ones(len(table.item_ids), dtype=bool)
    )
    entropy = np.full(len(table.item_ids), np.nan)
    if answered.any():
        kept = LabelTable(
            table.item_ids[answered], table.label_names, table.label_keys, table.counts[answered],
            table.n_annotators[answered], table.certainties[answered], table.fingerprint,
        )  # fmt: skip
        found = normalised_entropy(kept.distributions(one_label_only=study.one_label_only), task=task)
        entropy[answered] = found.mean(axis=1) if found.ndim == 2 else found
    entropy[table.n_annotators < 2] = np.nan
    yield "entropy", "", entropy, table.item_ids.tolist(), table.n_annotators
    groups, n_answers = _groups(study, table.item_ids, as_of=as_of)
    if len(groups) > 1:
        yield "groups", "", group_divergences(groups, task=task), table.item_ids.tolist(), n_answers


def _groups(study: Study, item_ids: IntArray, *, as_of: datetime) -> tuple[list[FloatArray], IntArray]:
    """The distribution of each group of annotators on each item, NaN where none of it answered."""
    answers = answer_arrays(study, as_of=as_of)
    group_of = dict(Participant.objects.filter(study=study).exclude(group="").values_list("pk", "group"))
    of_answer = np.array([group_of.get(int(who), "") for who in answers.annotator], dtype=object)
    row = np.searchsorted(item_ids, answers.item)
    found: list[FloatArray] = []
    n_answers = np.bincount(row[of_answer != ""], minlength=len(item_ids))
    for name in sorted(set(group_of.values())):
        mine = of_answer == name
        counts = np.zeros((len(item_ids), answers.chosen.shape[1]))
        np.add.at(counts, row[mine], answers.chosen[mine])
        n = np.bincount(row[mine], minlength=len(item_ids)).astype(np.float64)
        of = counts.sum(axis=1) if study.one_label_only else n
        if of.any():
            found.append(
                np.divide(counts, of[:, None], out=np.full_like(counts, np.nan), where=of[:, None] > 0)
            )
    return found, n_answers


def _by_judges(campaign: Campaign, number: int, *, as_of: datetime, digest: hashlib._Hash) -> Iterator[Order]:
    counted = comparison_counts(campaign, as_of=as_of)
    digest.update(counted.fingerprint.encode())
    if not len(counted.cells) or not counted.cells.n_items:
        return
    options = RankingOptions(n_resamples=0)
    named, _table = built_in_scores(campaign.study, counted.methods, options, as_of=as_of, progress=None)
    named += [
        uploaded(scores, options)
        for scores in uploaded_scores(campaign.study, methods=counted.methods, as_of=as_of)
    ]
    for place, entry in enumerate(named):
        order = _against(counted.cells, entry)
        if order is not None:
            values, items, n = order
            digest.update(np.ascontiguousarray(values).astype("<f8").tobytes())
            yield f"judges-{number}-{place}", f"{entry.label} · {campaign.name}", values, items, n


def _against(cells: Cells, entry: Named) -> tuple[FloatArray, Sequence[int], IntArray] | None:
    if entry.of_items is None or entry.item_ids is None:
        return None
    column = {int(item): place for place, item in enumerate(entry.item_ids)}
    numbered = np.array([column.get(item, UNKNOWN) for item in cells.item.tolist()], dtype=np.int64)
    found = contradictions(
        replace(cells, item=numbered), entry.of_items, higher_is_better=entry.scores.higher_is_better
    )
    return (found.share, entry.item_ids.tolist(), found.n) if found.n.any() else None
