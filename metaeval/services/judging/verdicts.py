"""Verdicts, each stored once under the submit contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.models import Study
from annotations.submissions import InvalidSubmissionError, Outcome, payload_hash, submit, within
from metaeval.models import Exposure, Judgment
from metaeval.selectors.judgments import current_judgment
from metaeval.selectors.outputs import shows_the_same
from metaeval.selectors.protocols import asks_labels, campaign_protocol
from metaeval.services.judging.presentation import take_back_changed, take_place

# A tie of unspecified kind comes from files only: a judge says which kind it is.
VERDICTS = frozenset(Judgment.Verdict.values) - {Judgment.Verdict.TIE}


class OutputsChangedError(InvalidSubmissionError):
    """The verdict is on outputs that are no longer those of its pair."""


class InvalidVerdictError(InvalidSubmissionError):
    """The verdict contradicts itself; the sentence says how."""


@dataclass(frozen=True)
class SubmittedVerdict:
    verdict: str
    confidence: float | None = None
    reason: str = ""
    submitted_at: datetime | None = None
    active_ms: int | None = None

    def payload(self) -> dict[str, Any]:
        confidence = None if self.confidence is None else float(self.confidence)
        return {"verdict": self.verdict, "confidence": confidence, "reason": self.reason.strip()}


def verdict_digest(given: SubmittedVerdict, *, exposure: UUID, replaces: UUID | None) -> str:
    """What is kept beside a verdict, so that a copy is known as one and a changed row as changed."""
    return payload_hash({**given.payload(), "exposure": exposure, "replaces": replaces})


def check_verdict(given: SubmittedVerdict) -> None:
    if given.verdict not in VERDICTS:
        raise InvalidVerdictError(
            _("Choose which output is better: A, B, both or neither, or that you cannot judge.")
        )
    if given.verdict == Judgment.Verdict.CANNOT and not given.reason.strip():
        raise InvalidVerdictError(_("Write a short reason why you cannot judge this pair."))
    if given.confidence is not None and not 0 <= given.confidence <= 1:
        raise InvalidVerdictError(_("The confidence must be between 0 and 1."))


def record_judgment(
    *, exposure: Exposure, client_key: UUID, given: SubmittedVerdict, replaces: Judgment | None = None
) -> Outcome[Judgment]:
    """Store a verdict under the submit contract; a revision names the verdict that stands now.

    Raises
    ------
    OutputsChangedError
        The outputs are no longer those that were shown; the exposure is given back.
    """
    check_verdict(given)
    campaign = exposure.comparison.campaign
    if asks_labels(exposure, campaign_protocol(campaign)):
        raise InvalidVerdictError(_("First choose the labels that fit the text. Then you see the outputs."))
    if replaces is not None and Study.State.CLOSED in (campaign.state, campaign.study.state):
        return Outcome(409, replaces, _("Judging is closed. Your stored verdicts are kept."))
    digest = verdict_digest(given, exposure=exposure.uuid, replaces=replaces.uuid if replaces else None)

    def standing() -> Judgment | None:
        locked = Exposure.objects.select_for_update(no_key=True).get(pk=exposure.pk)
        exposure.returned_at, exposure.done_at = locked.returned_at, locked.done_at
        held = current_judgment(exposure)
        if held != replaces:
            return held
        if not shows_the_same(exposure):
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
            standing=standing,
            create=lambda: _write(exposure, client_key, digest, given, replaces),
        )
    except OutputsChangedError:
        take_back_changed(Exposure.objects.filter(pk=exposure.pk))
        raise


def _write(
    exposure: Exposure, client_key: UUID, digest: str, given: SubmittedVerdict, replaces: Judgment | None
) -> Judgment:
    now = timezone.now()
    counts = _keep_place(exposure)
    judgment = Judgment.objects.create(
        client_key=client_key,
        payload_hash=digest,
        comparison_id=exposure.comparison_id,
        exposure=exposure,
        participant_id=exposure.participant_id,
        verdict=given.verdict,
        low_is_left=exposure.low_is_left,
        confidence=given.confidence,
        reason=given.reason.strip(),
        replaces=replaces,
        root_id=(replaces.root_id or replaces.pk) if replaces else None,
        surplus=not counts,
        submitted_at=within(given.submitted_at, earliest=exposure.created_at, latest=now) or now,
        active_ms=given.active_ms,
    )
    Exposure.objects.filter(pk=exposure.pk, done_at__isnull=True).update(done_at=now)
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
