"""What a judge finds in a text before the outputs are shown: stored once, never revised."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.models import Label, Study
from annotations.submissions import InvalidSubmissionError, Outcome, payload_hash, submit, within
from metaeval.models import Exposure, Labelling, LabellingLabel
from metaeval.selectors.protocols import asks_labels, campaign_protocol, labels_to_choose


class InvalidLabelsError(InvalidSubmissionError):
    """The labels are not of the study, or are not asked for."""


@dataclass(frozen=True)
class SubmittedLabels:
    """`keys` of the study's labels; none at all says that no label applies."""

    keys: tuple[str, ...]
    submitted_at: datetime | None = None
    active_ms: int | None = None


def record_labelling(*, exposure: Exposure, client_key: UUID, given: SubmittedLabels) -> Outcome[Labelling]:
    """Store labels under the submit contract. There is no revision: the outputs are seen right after."""
    study = exposure.comparison.campaign.study
    chosen = _chosen(exposure, given.keys)
    # A key that is named twice is stored once, and must not look like a changed row.
    digest = labels_digest(set(given.keys), exposure=exposure.uuid)

    def standing() -> Labelling | None:
        Exposure.objects.select_for_update(no_key=True).get(pk=exposure.pk)
        return Labelling.objects.filter(exposure=exposure).first()

    def create() -> Labelling:
        if not asks_labels(exposure, campaign_protocol(exposure.comparison.campaign)):
            raise InvalidLabelsError(_("No labels are asked for before this pair."))
        now = timezone.now()
        row = Labelling.objects.create(
            client_key=client_key,
            payload_hash=digest,
            exposure=exposure,
            participant_id=exposure.participant_id,
            submitted_at=within(given.submitted_at, earliest=exposure.created_at, latest=now) or now,
            active_ms=given.active_ms,
        )
        LabellingLabel.objects.bulk_create(LabellingLabel(labelling=row, label=label) for label in chosen)
        return row

    if study.task == Study.Task.NONE:
        raise InvalidLabelsError(_("No labels are asked for before this pair."))
    return submit(
        model=Labelling,
        client_key=client_key,
        digest=digest,
        same_author=lambda row: row.participant_id == exposure.participant_id,
        standing=standing,
        create=create,
    )


def labels_digest(keys: Collection[str], *, exposure: UUID) -> str:
    """What is kept beside the labels, so that a copy is known as one and a changed row as changed."""
    return payload_hash({"exposure": exposure, "labels": sorted(keys)})


def _chosen(exposure: Exposure, keys: Collection[str]) -> list[Label]:
    campaign = exposure.comparison.campaign
    labels = {label.key: label for label in labels_to_choose(campaign)}
    unknown = sorted(set(keys) - set(labels))
    if unknown:
        raise InvalidLabelsError(_("This study has no label %(name)r.") % {"name": unknown[0]})
    if campaign.study.one_label_only and len(set(keys)) != 1:
        raise InvalidLabelsError(_("Choose one label: the one that fits the text best."))
    return [label for key, label in labels.items() if key in set(keys)]
