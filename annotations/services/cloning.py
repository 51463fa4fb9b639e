"""A study like another: its labels, settings and newest guideline, and its texts where they are wanted too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from annotations import jobs
from annotations.history import record_change
from annotations.models import Import, Item, ItemText, Job, JobParams, JobResult, Study, StudyChange, User
from annotations.selectors.imports import not_withdrawn
from annotations.services.studies import NewLabel, create_study, publish_guideline

KIND = "copy_items"


@dataclass(frozen=True)
class CopyParams(JobParams):
    source: UUID


@dataclass(frozen=True)
class CopyResult(JobResult):
    sentence: str
    n_added: int
    dry_run: bool
    notes: list[str]


ITEMS_AT_ONCE = 500


@transaction.atomic
def clone_study(
    source: Study, *, slug: str, name: str, with_items: bool, by: User
) -> tuple[Study, Job | None]:
    """The new study, and the job that copies the texts into it; people and answers stay where they are."""
    study = create_study(
        slug=slug,
        name=name,
        task=source.task,
        labels=[
            NewLabel(label.key, label.name, label.description, label.shortcut, label.colour)
            for label in source.labels.filter(is_active=True)
        ],
        owner=by,
        question=source.question,
        description=source.description,
        notice=source.notice,
        asks_certainty=source.asks_certainty,
        answers_wanted=source.answers_wanted,
        order=source.order,
        assignment=source.assignment,
        seed=source.seed,
        time_zone=source.time_zone,
    )
    record_change(study, what=StudyChange.What.STUDY, subject=_("cloned"), after=source.slug, by=by)
    guideline = source.guidelines.last()
    if guideline is not None:
        publish_guideline(study, text=guideline.text, by=by)
    if not with_items or not source.items.filter(not_withdrawn()).exists():
        return study, None
    job = jobs.create(kind=KIND, study=study, params=CopyParams(source.uuid), created_by=by)
    jobs.wake(job)
    return study, job


def run_copying(job: Job, progress: jobs.Progress) -> CopyResult:
    """Copy the texts, all or none; those whose ids are there already are left as they are."""
    source = Study.objects.get(uuid=job.read_params(CopyParams).source)
    items = source.items.filter(not_withdrawn()).order_by("position").prefetch_related("texts")
    total = items.count()
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=job.study_id)
        known = set(job.study.items.values_list("key", flat=True))
        batch = Import.objects.create(
            study=job.study,
            kind=Import.Kind.ITEMS,
            source=source.slug,
            format="study",
            sha256="",
            created_by=job.created_by,
        )
        position = (job.study.items.aggregate(last=Max("position"))["last"] or 0) + 1 if known else 0
        n_added, n_read, digest = 0, 0, hashlib.sha256()
        rows = items.iterator(chunk_size=ITEMS_AT_ONCE)
        while chunk := list(islice(rows, ITEMS_AT_ONCE)):
            n_read += len(chunk)
            fresh = [item for item in chunk if item.key not in known]
            _copy(fresh, batch, first=position + n_added)
            n_added += len(fresh)
            for item in fresh:
                digest.update(item.key.encode() + b"\n")
            progress(n_read, total, _("copying texts"))
        _settle(batch, n_rows=total, n_added=n_added, sha256=digest.hexdigest())
        sentence = _("%(n)s texts were copied from %(source)s.") % {
            "n": f"{n_added:,}",
            "source": source.name,
        }
        result = CopyResult(sentence, n_added, dry_run=False, notes=[])
        jobs.store(job, result)
    return result


def _copy(items: list[Item], batch: Import, *, first: int) -> None:
    copies = Item.objects.bulk_create(
        Item(
            study=batch.study,
            key=item.key,
            position=first + place,
            lang=item.lang,
            metadata=item.metadata,
            import_batch=batch,
        )
        for place, item in enumerate(items)
    )
    ItemText.objects.bulk_create(
        ItemText(item=copy, position=text.position, name=text.name, text=text.text)
        for copy, item in zip(copies, items, strict=True)
        for text in item.texts.all()
    )


def _settle(batch: Import, *, n_rows: int, n_added: int, sha256: str) -> None:
    if n_added == 0:
        batch.delete()
        return
    batch.n_rows, batch.n_added, batch.sha256 = n_rows, n_added, sha256
    batch.save(update_fields=["n_rows", "n_added", "sha256"])
