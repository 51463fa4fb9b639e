"""Methods of a study with what they gave, and trainings."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from annotations.models import Item, Job, Study
from annotations.selectors.imports import not_withdrawn, withdrawn_imports
from hlv.stats.training.folds import TEST, TRAIN, part_name
from metaeval.models import Method, Training
from metaeval.selectors.outputs import current_outputs

TRAININGS_SHOWN = 20


@dataclass(frozen=True)
class MethodLine:
    """A method, its runs, and the texts that it has outputs for."""

    method: Method
    n_runs: int
    n_texts: int


def method_lines(study: Study) -> list[MethodLine]:
    """All methods, in their order."""
    rows = (
        current_outputs()
        .filter(run__method__study=study)
        .order_by()
        .values_list("run__method")
        .annotate(n_runs=Count("run", distinct=True), n_texts=Count("item", distinct=True))
    )
    counts = {method: (n_runs, n_texts) for method, n_runs, n_texts in rows}
    return [MethodLine(one, *counts.get(one.pk, (0, 0))) for one in study.methods.all()]


def newest_trainings(study: Study) -> QuerySet[Training]:
    """Without their results, which are large."""
    return (
        Training.objects.filter(study=study)
        .defer("result")
        .select_related("job__created_by")
        .order_by("-pk")[:TRAININGS_SHOWN]
    )


def training_by_uuid(uuid: UUID) -> Training | None:
    """With `is_withdrawn`: whether its outputs were withdrawn."""
    withdrawn = withdrawn_imports().filter(pk=OuterRef("batch"))
    rows = Training.objects.select_related("study").annotate(is_withdrawn=Exists(withdrawn))
    return rows.filter(uuid=uuid).first()


def unfinished_training(study: Study) -> Job | None:
    waiting = Job.objects.filter(
        study=study, kind="training", state__in=[Job.State.QUEUED, Job.State.RUNNING]
    )
    return waiting.order_by("-pk").first()


def facts_with_parts(study: Study) -> list[str]:
    """Names of facts of texts that name a training and a test part, such as "split"."""
    parts: dict[str, set[str]] = {}
    facts = Item.objects.filter(not_withdrawn(), study=study).order_by().values_list("metadata", flat=True)
    for metadata in facts.iterator():
        for name, value in metadata.items():
            if isinstance(value, str) and (part := part_name(value)) is not None:
                parts.setdefault(str(name), set()).add(part)
    return sorted(name for name, found in parts.items() if {TRAIN, TEST} <= found)
