"""Forms of people and the answer form as it works without JavaScript."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.answer_versions import SKIP_REASONS
from annotations.formats.spans import Span, read_spans
from annotations.models import Annotation, Draft, Label, Study, User
from annotations.models.people import normal_email, visible_name
from annotations.services.annotating import Answer
from annotations.submissions import INVALID_SPANS, STEP_WORDS, TOP_STEP, Step, form_values, outcome_step

# Before the step of a label that is ruled out, but not surely.
DOUBT = "n"

LONGEST_REMARK = 10_000
LONGEST_WORD = 15


class SignInForm(AuthenticationForm):
    username = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "dir": "ltr"}),
    )
    error_messages = {
        "invalid_login": _("This e-mail address and password do not belong together. Please try again."),
        "inactive": _("This account is closed."),
    }

    def clean_username(self) -> str:
        return normal_email(self.cleaned_data["username"])


class NewPasswordForm(PasswordChangeForm):
    """A new password for who knows the old one; wrong ones count as they do at signing in."""

    def __init__(self, request: HttpRequest, user: User, data: Any = None) -> None:
        super().__init__(user, data)
        self.request = request

    def clean_old_password(self) -> str:
        given = str(self.cleaned_data["old_password"])
        if authenticate(self.request, username=self.user.email, password=given) is None:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return given


class OwnAccountForm(NewPasswordForm):
    """Whether an account is that of the person who asks: they know its password."""

    error_messages = {
        **NewPasswordForm.error_messages,
        "password_incorrect": _("This is not the password of that account."),
    }

    def __init__(self, request: HttpRequest, user: User, data: Any = None) -> None:
        super().__init__(request, user, data)
        self.fields = {"old_password": self.fields["old_password"]}
        self.fields["old_password"].label = _("Its password")
        self.fields["old_password"].widget.attrs |= {"dir": "ltr", "autofocus": False}


@dataclass(frozen=True)
class NewAccount:
    email: str
    name: str
    password: str


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "name"}),
    )

    def clean_name(self) -> str:
        name = visible_name(self.cleaned_data["name"])
        if not name:
            raise ValidationError(gettext("This name has only characters that nobody can see."))
        return name


class JoinForm(NameForm):
    """Somebody who has no account yet."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("With it you sign in. Nothing is sent to it."),
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=password_validators_help_text_html,
        widget=forms.PasswordInput(attrs={"dir": "ltr", "autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"dir": "ltr", "autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if email:
            # The address was written by who invites: another is not taken.
            self.fields["email"].initial = email
            self.fields["email"].disabled = True

    @property
    def account(self) -> NewAccount:
        return form_values(self, NewAccount)

    def clean(self) -> None:
        given = self.cleaned_data
        password = given.get("password")
        if password and given.get("again") and password != given["again"]:
            self.add_error("again", gettext("The two passwords differ."))
        if password:
            try:
                validate_password(password, User(email=given.get("email", ""), name=given.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)


class DetailsForm(NameForm):
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_(
            "You sign in with it. After a change you get new roles only when a sign-in link has proven it."
        ),
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "email"}),
    )


@dataclass(frozen=True)
class Row:
    """A label with its steps, as the page draws it."""

    label: Label
    name: str
    key: str
    steps: list[Step]

    @property
    def is_long(self) -> bool:
        """Whether a word of the name would break beside its steps on a phone."""
        return any(len(word) > LONGEST_WORD for word in self.label.name.split())


@dataclass(frozen=True)
class RowGroup:
    """Labels that are shown together; those without a group come first, and have no name."""

    name: str
    rows: list[Row]


def grouped(rows: list[Row]) -> list[RowGroup]:
    found: dict[str, list[Row]] = {"": []}
    for row in rows:
        found.setdefault(row.label.group, []).append(row)
    return [RowGroup(name, held) for name, held in found.items() if held]


def form_field(label: Label) -> str:
    return f"label-{label.position}"


@dataclass(frozen=True)
class AnswerEntry:
    """The fields of an answer form except its labels."""

    client_key: UUID
    replaces: UUID | None
    guideline_version: int | None
    no_label_applies: bool
    facts_insufficient: bool
    guideline_unclear: bool
    reason: str
    comment: str
    spans: tuple[Span, ...]
    skip: str


class AnswerForm(forms.Form):
    """An answer as radios and boxes; `answer()` gives it to the service once the form is valid."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    replaces = forms.UUIDField(widget=forms.HiddenInput, required=False)
    guideline_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    no_label_applies = forms.BooleanField(required=False)
    facts_insufficient = forms.BooleanField(required=False)
    guideline_unclear = forms.BooleanField(required=False)
    reason = forms.CharField(required=False, max_length=LONGEST_REMARK, widget=forms.Textarea)
    comment = forms.CharField(required=False, max_length=LONGEST_REMARK, widget=forms.Textarea)
    spans = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-drafted": True}))
    skip = forms.ChoiceField(required=False, choices=list(SKIP_REASONS.items()))

    def __init__(self, *args: Any, study: Study, labels: list[Label], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.study = study
        self.labels = labels
        if study.one_label_only:
            values = [step.value for label in labels for step in self._steps(label, "")]
            self.fields["choice"] = forms.ChoiceField(required=False, choices=[(v, v) for v in values])
        else:
            for label in labels:
                values = [step.value for step in self._steps(label, "")]
                self.fields[form_field(label)] = forms.ChoiceField(
                    required=False, choices=[(v, v) for v in values]
                )

    def clean_spans(self) -> tuple[Span, ...]:
        try:
            return read_spans(json.loads(self.cleaned_data["spans"] or "[]"))
        except (ValueError, RecursionError):
            raise ValidationError(INVALID_SPANS) from None

    def _steps(self, label: Label, entered: str) -> list[Step]:
        """Radios of one row. Where one label only is taken they share a name, so the browser keeps it to one."""
        single = self.study.one_label_only
        prefix = f"{label.position}:" if single else ""
        kinds: list[tuple[str, str, str, str | Promise]] = [("clear", "", "", _("not chosen"))]
        if not single:
            kinds.append(("no", "0", "0", _("surely not")))
        if self.study.asks_certainty:
            kinds += [("yes", f"{n}", f"{n}", words) for n, words in STEP_WORDS.items()]
        else:
            kinds.append(("yes", "yes", "✓", _("applies")))
        if not single and self.study.asks_certainty:
            # A line of their own, so that a digit of "yes" always means yes; of five there is "surely not".
            kinds += [("doubt", f"{DOUBT}{n}", f"{n}", STEP_WORDS[n]) for n in range(1, TOP_STEP)]
        steps = []
        for kind, value, digit, words in kinds:
            value = prefix + value if value else ""
            said: str | Promise = words
            if kind == "doubt":
                said = gettext("not, %(digit)s, %(words)s") % {"digit": digit, "words": words}
            elif kind == "yes" and self.study.asks_certainty:
                said = f"{digit}, {words}"
            steps.append(Step(kind, value, digit, said, checked=value == entered))
        return steps

    def rows(self) -> list[Row]:
        """The rows with what was entered or stored."""
        single = self.study.one_label_only
        rows = []
        for place, label in enumerate(self.labels):
            name = "choice" if single else form_field(label)
            entered = str(self[name].value() or "")
            steps = self._steps(label, entered)
            if single and not entered and place > 0:
                # Of the radios that say "not chosen" in all rows only one may be on.
                steps = [Step(s.kind, s.value, s.digit, s.words, False) for s in steps]
            rows.append(Row(label, name, label.key_cap, steps))
        return rows

    def _entered(self) -> list[tuple[Label, str]]:
        if self.study.one_label_only:
            position, _, value = self.cleaned_data.get("choice", "").partition(":")
            return [(label, value) for label in self.labels if value and f"{label.position}" == position]
        pairs = [(label, self.cleaned_data.get(form_field(label), "")) for label in self.labels]
        return [(label, value) for label, value in pairs if value]

    @property
    def entry(self) -> AnswerEntry:
        return form_values(self, AnswerEntry)

    def answer(self, *, submitted_at: datetime) -> Answer:
        entry = self.entry
        if entry.skip:
            # A skip keeps its reason and the person's words, and no labels.
            words = " ".join(part for part in (entry.reason, entry.comment) if part)
            is_own = entry.skip == "other"
            return Answer(
                skipped=True,
                reason=words if is_own else entry.skip,
                comment="" if is_own else words,
                submitted_at=submitted_at,
                guideline_version=entry.guideline_version,
            )
        chosen: dict[str, float | None] = {}
        rejected: dict[str, float | None] = {}
        for label, value in self._entered():
            if value == "0":
                rejected[label.key] = 1.0 if self.study.asks_certainty else None
            elif value.startswith(DOUBT):
                rejected[label.key] = int(value.removeprefix(DOUBT)) / TOP_STEP
            else:
                chosen[label.key] = int(value) / TOP_STEP if value.isdigit() else None
        return Answer(
            chosen=chosen,
            rejected=rejected,
            no_label_applies=entry.no_label_applies,
            facts_insufficient=entry.facts_insufficient,
            guideline_unclear=entry.guideline_unclear,
            reason=entry.reason,
            comment=entry.comment,
            # Without a script, a mark stays in the form when its label is taken back.
            spans=tuple(span for span in entry.spans if span.label in chosen),
            submitted_at=submitted_at,
            guideline_version=entry.guideline_version,
        )


def first_entries(
    study: Study, *, existing: Annotation | None, draft: Draft | None, guideline_version: int | None
) -> dict[str, object]:
    """Initial values of the form: nothing, or the current answer, and what a draft has instead."""
    entries: dict[str, object] = {"client_key": uuid4(), "guideline_version": guideline_version}
    if existing is not None:
        entries |= _entries_of(study, existing)
    if draft is not None and draft.choices is not None:
        identity = {
            name: entries[name] for name in ("client_key", "guideline_version", "replaces") if name in entries
        }
        entries = draft.choices | identity
    if draft is not None:
        entries |= {"reason": draft.reason, "comment": draft.comment}
    return entries


def _entries_of(study: Study, existing: Annotation) -> dict[str, object]:
    given = list(existing.labels.select_related("label"))
    entries: dict[str, object] = {
        "replaces": existing.uuid,
        "facts_insufficient": existing.facts_insufficient,
        "guideline_unclear": existing.guideline_unclear,
        # The reason of a skip is not the reason of an answer: the page shows it separately.
        "reason": "" if existing.skipped else existing.reason,
        "comment": "" if existing.skipped else existing.comment,
        "no_label_applies": existing.gives_labels and not any(row.chosen for row in given),
        "spans": json.dumps(existing.spans or []),
    }
    for row in given:
        step = _step_of(study, row.chosen, row.certainty)
        if study.one_label_only:
            if row.chosen:
                entries["choice"] = f"{row.label.position}:{step}"
        else:
            entries[form_field(row.label)] = step
    return entries


def _step_of(study: Study, chosen: bool, certainty: float | None) -> str:
    step = TOP_STEP if certainty is None else outcome_step(certainty)
    if not chosen:
        return f"{DOUBT}{step}" if study.asks_certainty and step < TOP_STEP else "0"
    return str(step) if study.asks_certainty else "yes"
