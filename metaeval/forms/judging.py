"""Verdicts and labels as they work without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.models import Label, Study
from annotations.submissions import STEP_WORDS, TOP_STEP, Step, outcome_step
from metaeval.models import Judgment
from metaeval.services.judging import SubmittedVerdict

LONGEST_REASON = 2000

CANNOT = Judgment.Verdict.CANNOT.value


@dataclass(frozen=True)
class VerdictButton:
    value: str
    words: str | Promise
    code: str
    cap: str


# F and J carry the ridges under both forefingers: neither side is nearer.
VERDICT_BUTTONS = (
    VerdictButton(Judgment.Verdict.LEFT.value, _("A better"), "KeyF", "F"),
    VerdictButton(Judgment.Verdict.BOTH.value, _("Both good"), "KeyG", "G"),
    VerdictButton(Judgment.Verdict.NEITHER.value, _("Neither good"), "KeyH", "H"),
    VerdictButton(Judgment.Verdict.RIGHT.value, _("B better"), "KeyJ", "J"),
)
VERDICT_WORDS: dict[str, str | Promise] = {
    **{button.value: button.words for button in VERDICT_BUTTONS},
    CANNOT: _("Cannot judge"),
}


@dataclass(frozen=True)
class EnteredVerdict:
    """A valid form; `confidence` is a step of `STEP_WORDS`."""

    client_key: UUID
    replaces: UUID | None
    verdict: str
    confidence: int | None
    reason: str

    def submitted(self, *, at: datetime) -> SubmittedVerdict:
        # Whoever cannot judge gives a reason, and no confidence in a verdict.
        if self.verdict == CANNOT:
            return SubmittedVerdict(self.verdict, reason=self.reason, submitted_at=at)
        share = None if self.confidence is None else self.confidence / TOP_STEP
        return SubmittedVerdict(self.verdict, confidence=share, submitted_at=at)


class VerdictForm(forms.Form):
    """A verdict as radios."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    replaces = forms.UUIDField(widget=forms.HiddenInput, required=False)
    verdict = forms.ChoiceField(
        choices=list(VERDICT_WORDS.items()),
        error_messages={
            "required": _("Choose a verdict first: A, B, both good, neither good, or “Cannot judge”."),
            "invalid_choice": _("This is none of the verdicts: A, B, both, neither or cannot judge."),
        },
    )
    confidence = forms.TypedChoiceField(
        required=False,
        choices=[(str(step), str(step)) for step in STEP_WORDS],
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": _("Confidence goes from 1 to 5.")},
    )
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)

    def steps(self) -> list[Step]:
        entered = str(self["confidence"].value() or "")
        return [
            Step("yes", str(number), str(number), f"{number}, {words}", str(number) == entered)
            for number, words in STEP_WORDS.items()
        ]

    def entered(self) -> EnteredVerdict:
        return EnteredVerdict(**self.cleaned_data)


def first_entries(stored: Judgment | None) -> dict[str, object]:
    """The form when its page opens: nothing chosen, or the stored verdict."""
    entries: dict[str, object] = {"client_key": uuid4()}
    if stored is not None:
        entries |= {
            "replaces": stored.uuid,
            "verdict": stored.verdict,
            "confidence": None if stored.confidence is None else str(outcome_step(stored.confidence)),
            "reason": stored.reason,
        }
    return entries


@dataclass(frozen=True)
class LabelChoice:
    """One label that a judge may choose."""

    key: str
    name: str
    description: str
    shortcut: str
    # What is printed on the key of a Latin keyboard.
    cap: str
    chosen: bool


@dataclass(frozen=True)
class EnteredLabels:
    client_key: UUID
    none: bool
    labels: Sequence[str]


class LabelsForm(forms.Form):
    """What a judge finds in a text before the outputs are shown."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    none = forms.BooleanField(required=False)

    def __init__(self, *args: Any, study: Study, labels: Sequence[Label], **more: Any) -> None:
        super().__init__(*args, **more)
        self._study, self._labels = study, labels
        self.fields["labels"] = forms.MultipleChoiceField(
            required=False,
            choices=[(label.key, label.name) for label in labels],
            error_messages={"invalid_choice": _("One of these is no label of this study.")},
        )

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        entered = self.entered()
        if self._study.one_label_only and len(entered.labels) != 1:
            raise forms.ValidationError(_("Choose one label: the one that fits the text best."))
        if not entered.labels and not entered.none:
            raise forms.ValidationError(_("Choose the labels that fit the text, or “No label applies”."))
        if entered.labels and entered.none:
            raise forms.ValidationError(_("You chose labels and “No label applies”. Keep one of the two."))

    def choices(self) -> list[LabelChoice]:
        entered = set(self["labels"].value() or [])
        return [
            LabelChoice(one.key, one.name, one.description, one.shortcut, one.key_cap, one.key in entered)
            for one in self._labels
        ]

    def entered(self) -> EnteredLabels:
        return EnteredLabels(**self.cleaned_data)
