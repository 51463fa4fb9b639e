"""Verdicts and labels as they work without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.models import Label, Study
from annotations.submissions import STEP_WORDS, TOP_STEP, Step, outcome_step
from metaeval.models import Judgment
from metaeval.services.judging import SubmittedLabels, SubmittedVerdict

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


class VerdictForm(forms.Form):
    """A verdict as radios; `given()` hands it to the service once the form is valid."""

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

    def given(self, *, submitted_at: datetime) -> SubmittedVerdict:
        entered = self.cleaned_data
        cannot = entered["verdict"] == CANNOT
        step = entered["confidence"]
        return SubmittedVerdict(
            verdict=entered["verdict"],
            # Whoever cannot judge has no confidence in a verdict to give.
            confidence=None if cannot or step is None else step / TOP_STEP,
            # Asked for, and shown, with "cannot judge" alone.
            reason=entered["reason"] if cannot else "",
            submitted_at=submitted_at,
        )


def first_entries(standing: Judgment | None) -> dict[str, Any]:
    """What the form holds when the page opens: nothing chosen, or the verdict that stands."""
    entries: dict[str, Any] = {"client_key": uuid4()}
    if standing is not None:
        entries |= {
            "replaces": standing.uuid,
            "verdict": standing.verdict,
            "confidence": None if standing.confidence is None else str(outcome_step(standing.confidence)),
            "reason": standing.reason,
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

    def clean(self) -> dict[str, Any]:
        entered: dict[str, Any] = super().clean() or {}
        keys, none = entered.get("labels", []), entered.get("none", False)
        if "labels" in self.errors:
            return entered
        if self._study.one_label_only and len(keys) != 1:
            raise forms.ValidationError(_("Choose one label: the one that fits the text best."))
        if not keys and not none:
            raise forms.ValidationError(_("Choose the labels that fit the text, or “No label applies”."))
        if keys and none:
            raise forms.ValidationError(_("You chose labels and “No label applies”. Keep one of the two."))
        return entered

    def choices(self) -> list[LabelChoice]:
        entered = set(self["labels"].value() or [])
        return [
            LabelChoice(one.key, one.name, one.description, one.shortcut, one.key_cap, one.key in entered)
            for one in self._labels
        ]

    def given(self, *, submitted_at: datetime) -> SubmittedLabels:
        return SubmittedLabels(tuple(self.cleaned_data["labels"]), submitted_at=submitted_at)
