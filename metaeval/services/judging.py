"""Verdicts, and labels that judges choose first: each stored once under the submit contract."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.history.chain import append_link
from annotations.models import Label, Study
from annotations.submissions import InvalidSubmissionError, Outcome, payload_hash, submit, within
from metaeval.models import Exposure, Judgment, Labelling, LabellingLabel
from metaeval.selectors.judgments import current_judgment
from metaeval.selectors.outputs import is_unchanged
from metaeval.selectors.protocols import asks_labels, campaign_protocol, labels_to_choose
from metaeval.services.presentation import return_changed, take_place

# A tie of unspecified kind comes from files only: a judge chooses the kind.
VERDICTS = frozenset(Judgment.Verdict.values) - {Judgment.Verdict.TIE}


class OutputsChangedError(InvalidSubmissionError):
    """The verdict is on outputs that are no longer those of its pair."""


class InvalidVerdictError(InvalidSubmissionError):
    """The verdict contradicts itself; the sentence explains how."""


@dataclass(frozen=True)
class SubmittedVerdict:
    verdict: str
    confidence: float | None = None
    reason: str = ""
    submitted_at: datetime | None = None
    active_ms: int | None = None

    def payload(self) -> dict[str, str | float | None]:
        confidence = None if self.confidence is None else float(self.confidence)
        return {"verdict": self.verdict, "confidence": confidence, "reason": self.reason.strip()}


def verdict_digest(submitted: SubmittedVerdict, *, exposure: UUID, replaces: UUID | None) -> str:
    """What is kept beside a verdict, so that a copy is known as one and a changed row as changed."""
    return payload_hash({**submitted.payload(), "exposure": exposure, "replaces": replaces})


def check_verdict(submitted: SubmittedVerdict) -> None:
    if submitted.verdict not in VERDICTS:
        raise InvalidVerdictError(
            _("Choose which output is better: A, B, both or neither, or that you cannot judge.")
        )
    if submitted.verdict == Judgment.Verdict.CANNOT and not submitted.reason.strip():
        raise InvalidVerdictError(_("Write in a few words why you cannot judge this pair."))
    if submitted.confidence is not None and not 0 <= submitted.confidence <= 1:
        raise InvalidVerdictError(_("The confidence must be between 0 and 1."))


def record_judgment(
    *, exposure: Exposure, client_key: UUID, submitted: SubmittedVerdict, replaces: Judgment | None = None
) -> Outcome[Judgment]:
    """Store a verdict under the submit contract; a revision names the current verdict.

    Raises
    ------
    OutputsChangedError
        The outputs are no longer those that were shown; the exposure is given back.
    """
    check_verdict(submitted)
    campaign = exposure.comparison.campaign
    if asks_labels(exposure, campaign_protocol(campaign)):
        raise InvalidVerdictError(
            _("Choose the labels that fit the text first. The outputs are shown afterwards.")
        )
    if replaces is not None and Study.State.CLOSED in (campaign.state, campaign.study.state):
        return Outcome(409, replaces, _("Judging is closed. Your stored verdicts are kept."))
    digest = verdict_digest(submitted, exposure=exposure.uuid, replaces=replaces.uuid if replaces else None)

    def current() -> Judgment | None:
        locked = _locked(exposure)
        exposure.returned_at, exposure.done_at = locked.returned_at, locked.done_at
        latest = current_judgment(exposure)
        if latest != replaces:
            return latest
        if not is_unchanged(exposure):
            raise OutputsChangedError(
                _("The outputs of this pair have changed since you saw them, so this verdict was not stored.")
            )
        return None

    try:
        return submit(
            model=Judgment,
            client_key=client_key,
            digest=digest,
            same_author=lambda row: row.participant_id == exposure.participant_id,
            existing=current,
            create=lambda: _write(exposure, client_key, digest, submitted, replaces),
        )
    except OutputsChangedError:
        return_changed(Exposure.objects.filter(pk=exposure.pk))
        raise


def _locked(exposure: Exposure) -> Exposure:
    """The judge first, as the next pair locks them too: the head of the judge's log is read with it."""
    locked = (
        Exposure.objects.select_related("participant")
        .select_for_update(no_key=True, of=("participant", "self"))
        .get(pk=exposure.pk)
    )
    exposure.participant = locked.participant
    return locked


def _write(
    exposure: Exposure, client_key: UUID, digest: str, submitted: SubmittedVerdict, replaces: Judgment | None
) -> Judgment:
    now = timezone.now()
    counts = _keep_place(exposure)
    judgment = Judgment.objects.create(
        client_key=client_key,
        payload_hash=digest,
        comparison_id=exposure.comparison_id,
        exposure=exposure,
        participant_id=exposure.participant_id,
        verdict=submitted.verdict,
        low_is_left=exposure.low_is_left,
        confidence=submitted.confidence,
        reason=submitted.reason.strip(),
        replaces=replaces,
        root_id=(replaces.root_id or replaces.pk) if replaces else None,
        surplus=not counts,
        submitted_at=within(submitted.submitted_at, earliest=exposure.created_at, latest=now) or now,
        active_ms=submitted.active_ms,
    )
    append_link(exposure.participant, "judgment", judgment)
    # A verdict may arrive before the page could report that it showed the pair.
    Exposure.objects.filter(pk=exposure.pk, done_at__isnull=True).update(
        done_at=now, shown_at=Coalesce(F("shown_at"), judgment.submitted_at)
    )
    return judgment


def _keep_place(exposure: Exposure) -> bool:
    """Whether the verdict counts towards the wanted number.

    A late one, whose exposure was given back, takes its place again while one more is wanted.
    """
    if exposure.returned_at is None:
        return True
    # A repeat has no place that it could have lost to others.
    if exposure.repeats_id is None and not take_place(exposure):
        return False
    Exposure.objects.filter(pk=exposure.pk).update(returned_at=None)
    exposure.returned_at = None
    return True


class InvalidLabelsError(InvalidSubmissionError):
    """The labels are not of the study, or are not asked for."""


@dataclass(frozen=True)
class SubmittedLabels:
    """`keys` of the study's labels; an empty set means that no label applies."""

    keys: tuple[str, ...]
    submitted_at: datetime | None = None
    active_ms: int | None = None


def record_labelling(
    *, exposure: Exposure, client_key: UUID, submitted: SubmittedLabels
) -> Outcome[Labelling]:
    """Store labels under the submit contract. There is no revision: the outputs are seen right after."""
    study = exposure.comparison.campaign.study
    chosen = _chosen(exposure, submitted.keys)
    # A key that is named twice is stored once, and must not look like a changed row.
    digest = labels_digest(set(submitted.keys), exposure=exposure.uuid)

    def current() -> Labelling | None:
        _locked(exposure)
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
            submitted_at=within(submitted.submitted_at, earliest=exposure.created_at, latest=now) or now,
            active_ms=submitted.active_ms,
        )
        rows = LabellingLabel.objects.bulk_create(
            LabellingLabel(labelling=row, label=label) for label in chosen
        )
        append_link(exposure.participant, "labels of a judge", row, rows)
        return row

    if study.task == Study.Task.NONE:
        raise InvalidLabelsError(_("No labels are asked for before this pair."))
    return submit(
        model=Labelling,
        client_key=client_key,
        digest=digest,
        same_author=lambda row: row.participant_id == exposure.participant_id,
        existing=current,
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
