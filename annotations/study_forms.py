"""Forms of those who set up a study: its settings, labels, guideline, people."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.models import Participant, Study
from annotations.models.people import normal_email
from annotations.services.invitations import DEFAULT_DAYS, MOST_DAYS, Terms
from annotations.services.studies import (
    LARGEST_QUOTA,
    LONGEST_GUIDELINE,
    StudyRefusedError,
    refuse_no_time_zone,
)
from annotations.services.study_settings import NewStudySettings, StudySettings
from annotations.submissions import form_values

MOST_INVITED_AT_ONCE = 100
MOST_DAYS_OF_RETENTION = 36_500
_AREA = {"rows": 3, "dir": "auto"}
_AUTO = {"dir": "auto", "autocomplete": "off"}
_LATIN = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}


@dataclass(frozen=True)
class NewStudy(NewStudySettings):
    slug: str
    task: str


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # only the stubs are generic
    """What may change as long as a study lives."""

    class Meta:
        model = Study
        fields = [field.name for field in dataclasses.fields(StudySettings)]
        labels = {
            "name": _("Name"),
            "question": _("Question above every text"),
            "description": _("Description"),
            "answers_wanted": _("Answers wanted for each text"),
            "asks_certainty": _("Ask how certain each answer is"),
            "asks_spans": _("Ask which words of the text decided each label"),
            "order": _("Order of the texts"),
            "assignment": _("Which text comes next"),
            "time_zone": _("Time zone"),
            "notice": _("Notice on every page"),
        }
        help_texts = {
            "question": _("Such as “Which areas of law does this request touch?” May stay blank."),
            "description": _("Shown to everybody who takes part."),
            "answers_wanted": _("Of different people; never more are asked."),
            "assignment": _("Balanced: each group gives its share of the answers to every text."),
            "time_zone": _("Of the times on its pages, such as Australia/Melbourne."),
            "notice": _("Such as “These requests are invented.” May stay blank."),
        }
        widgets = {
            "name": forms.TextInput(attrs=_AUTO),
            "question": forms.TextInput(attrs=_AUTO),
            "description": forms.Textarea(attrs=_AREA),
            "notice": forms.Textarea(attrs={**_AREA, "rows": 2}),
            "time_zone": forms.TextInput(attrs=_LATIN),
        }

    language = forms.ChoiceField(
        label=_("Language of its pages"),
        help_text=_("For people who have not chosen a language themselves."),
        choices=lambda: [("", _("the language of the browser")), *settings.LANGUAGES],
        required=False,
    )

    def clean_time_zone(self) -> str:
        given = str(self.cleaned_data["time_zone"]).strip()
        try:
            refuse_no_time_zone(given)
        except StudyRefusedError as refused:
            raise ValidationError(str(refused)) from refused
        return given

    @property
    def settings(self) -> StudySettings:
        return form_values(self, StudySettings)


class RetentionForm(forms.Form):
    """The day on which personal content goes, or in how many days that is."""

    on = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "dir": "ltr"}, format="%Y-%m-%d"),
    )
    days = forms.IntegerField(
        label=_("Or in how many days"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS_OF_RETENTION,
        widget=forms.NumberInput(attrs={"dir": "ltr"}),
    )

    def clean(self) -> None:
        super().clean()
        given = [name for name in ("on", "days") if self.cleaned_data.get(name)]
        if not self.errors and len(given) != 1:
            raise ValidationError(gettext("Enter a day or a number of days."))
        if self.cleaned_data.get("on") and self.cleaned_data["on"] <= timezone.now().date():
            self.add_error("on", gettext("Choose a day after today."))

    @property
    def day(self) -> date:
        """Of a form that is valid."""
        on: date | None = self.cleaned_data["on"]
        return on or timezone.now().date() + timedelta(days=self.cleaned_data["days"])


class NewStudyForm(SettingsForm):
    """A study to be; the slug is made from the name where none is given."""

    class Meta(SettingsForm.Meta):
        fields = [field.name for field in dataclasses.fields(NewStudySettings)]

    slug = forms.SlugField(
        label=_("Short name"),
        max_length=80,
        required=False,
        help_text=_("For commands and files, for ever: a-z, 0-9, - and _. Made from the name if left blank."),
        widget=forms.TextInput(attrs=_LATIN),
    )
    task = forms.ChoiceField(
        label=_("An answer is"),
        choices=[
            (Study.Task.MULTILABEL, _("several labels, or none of them")),
            (Study.Task.SINGLE, _("one label")),
            (Study.Task.ORDINAL, _("one of ordered labels")),
            (Study.Task.NONE, _("no label: the study holds judgments only")),
        ],
        help_text=_("This stays as it is once the study is made."),
    )

    def clean(self) -> None:
        super().clean()
        _take_free_slug(self)

    @property
    def study(self) -> NewStudy:
        return form_values(self, NewStudy)


def _take_free_slug(form: forms.BaseForm) -> None:
    slug, name = form.cleaned_data.get("slug"), form.cleaned_data.get("name", "")
    # A missing name has an error already.
    if slug is not None and (slug or name):
        try:
            form.cleaned_data["slug"] = free_slug(slug, name=name)
        except ValidationError as error:
            form.add_error("slug", error)


def free_slug(given: str, *, name: str) -> str:
    """A slug that no study has; raises ValidationError with what to do."""
    slug = (given or slugify(name)[:80]).lower().strip("-_")
    if not slug:
        raise ValidationError(gettext("No short name can be made of this name: write one with a-z and 0-9."))
    if Study.objects.filter(slug=slug).exists():
        number = next(
            n for n in range(2, 10_000) if not Study.objects.filter(slug=f"{slug[:74]}-{n}").exists()
        )
        raise ValidationError(
            gettext("Another study is called %(slug)s; %(other)s is free.")
            % {"slug": slug, "other": f"{slug[:74]}-{number}"}
        )
    return slug


@dataclass(frozen=True)
class CloneTerms:
    name: str
    slug: str
    with_items: bool


class CloneForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs=_AUTO))
    slug = forms.SlugField(
        label=_("Short name"),
        max_length=80,
        required=False,
        help_text=NewStudyForm.base_fields["slug"].help_text,
        widget=forms.TextInput(attrs=_LATIN),
    )
    with_items = forms.BooleanField(label=_("Copy the texts too"), required=False)

    def clean(self) -> None:
        _take_free_slug(self)

    @property
    def terms(self) -> CloneTerms:
        return form_values(self, CloneTerms)


class ExtendForm(forms.Form):
    answers_wanted = forms.IntegerField(
        label=_("Answers wanted for each text"),
        min_value=1,
        max_value=1000,
        # Said above the page, away from the field.
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            _("Answers wanted for each text: give a whole number from 1 to 1000."),
        ),
    )

    @property
    def n_answers(self) -> int:
        return int(self.cleaned_data["answers_wanted"])


class GuidelineForm(forms.Form):
    text = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_GUIDELINE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "dir": "auto"}),
    )

    @property
    def guideline(self) -> str:
        return str(self.cleaned_data["text"])


@dataclass(frozen=True)
class GroupAndQuota:
    group: str
    quota: int | None


class ParticipantForm(forms.Form):
    group = forms.CharField(
        label=_("Group"),
        max_length=100,
        required=False,
        help_text=_("Such as bar or academia. May stay blank."),
        widget=forms.TextInput(attrs=_AUTO),
    )
    quota = forms.IntegerField(
        label=_("Quota"),
        min_value=1,
        max_value=LARGEST_QUOTA,
        required=False,
        help_text=_("Texts, or comparisons of a campaign, and no more. Blank: no limit."),
    )

    @property
    def group_and_quota(self) -> GroupAndQuota:
        return form_values(self, GroupAndQuota)


@dataclass(frozen=True)
class InvitationBatch:
    """Whom to invite: of each an address, or a note. `key` is new for each page, so that a repeat is known."""

    key: UUID
    whom: list[tuple[str, str]]


class InvitationForm(ParticipantForm):
    """One invitation for each line."""

    role = forms.ChoiceField(
        label=_("Role"), choices=Participant.Role.choices, initial=Participant.Role.ANNOTATOR
    )
    whom = forms.CharField(
        label=_("Name"),
        max_length=20_000,
        help_text=_(
            "One person a line: an e-mail address, and then nobody else can accept; or any words by which you "
            "tell them apart."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "spellcheck": "false"}),
    )
    days = forms.IntegerField(
        label=_("Days the link works"), min_value=1, max_value=MOST_DAYS, initial=DEFAULT_DAYS
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ["role", "whom", "group", "quota", "days", "key"]

    def clean_whom(self) -> list[tuple[str, str]]:
        """Of each line the address, or the words."""
        lines = [line.strip() for line in str(self.cleaned_data["whom"]).splitlines()]
        found = [_address_or_words(line) for line in lines if line]
        if len(found) > MOST_INVITED_AT_ONCE:
            raise ValidationError(gettext("%(n)s lines at most at once.") % {"n": MOST_INVITED_AT_ONCE})
        addresses = [email for email, _words in found if email]
        twice = next((email for email in addresses if addresses.count(email) > 1), "")
        if twice:
            raise ValidationError(gettext("%(email)s stands there twice.") % {"email": twice})
        return found

    @property
    def terms(self) -> Terms:
        return form_values(self, Terms)

    @property
    def batch(self) -> InvitationBatch:
        return form_values(self, InvitationBatch)


def _address_or_words(line: str) -> tuple[str, str]:
    try:
        validate_email(line)
    except ValidationError:
        if "@" in line and " " not in line:
            raise ValidationError(gettext("%(email)r is not an e-mail address.") % {"email": line}) from None
        return "", line[:200]
    return normal_email(line), ""
