"""Labels of a study as forms: rows of a table, and many labels at once."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.formats.label_lists import COLUMNS, LabelListError, ListedLabel, read_label_list
from annotations.models import Label
from annotations.services.studies import SHORTCUTS, NewLabel
from annotations.services.study_settings import LabelSpec
from annotations.submissions import form_values

MOST_LABELS = 500
LONGEST_LIST = 500_000
PREFIX = "labels"
_AUTO = {"dir": "auto", "autocomplete": "off"}


class LabelForm(forms.Form):
    """A row of the table of labels: one that is there, or a new one where there is no key yet."""

    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, widget=forms.TextInput(attrs=_AUTO)
    )
    key = forms.CharField(
        label=_("Name in files"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={**_AUTO, "spellcheck": "false"}),
    )
    description = forms.CharField(
        label=_("What it means"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1, "dir": "auto"}),
    )
    group = forms.CharField(
        label=_("Group"), max_length=100, required=False, widget=forms.TextInput(attrs=_AUTO)
    )
    shortcut = forms.ChoiceField(label=_("Key"), required=False)
    colour = forms.ChoiceField(
        label=_("Colour"), choices=[("", _("none")), *Label.Colour.choices], required=False
    )
    is_active = forms.BooleanField(label=_("in use"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.initial.get("shortcut", "")
        codes = [*SHORTCUTS, held] if held and held not in SHORTCUTS else SHORTCUTS
        automatic = "" if "key" in self.initial else _("auto")
        shown = [("", automatic or "–"), *((code, code.removeprefix("Key")) for code in codes)]
        self.fields["shortcut"].choices = shown  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def is_new(self) -> bool:
        return "key" not in self.initial

    @property
    def is_blank(self) -> bool:
        return not any(self.cleaned_data.get(name) for name in ("name", "key", "description", "group"))

    def clean(self) -> None:
        given = self.cleaned_data
        name, key = given.get("name", ""), given.get("key", "")
        if not name and (key or given.get("description") or not self.is_new):
            self.add_error("name", gettext("A label has a name."))
        if self.is_new and name and not key:
            given["key"] = slugify(name, allow_unicode=True) or name

    @property
    def new_label(self) -> NewLabel:
        return form_values(self, NewLabel)

    @property
    def spec(self) -> LabelSpec:
        return replace(form_values(self, LabelSpec), key=self.initial["key"])


# A study may have more labels than one list adds.
MOST_ROWS = 2 * MOST_LABELS
LabelRows = forms.formset_factory(LabelForm, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


class LabelListForm(forms.Form):
    """Many labels at once. A script puts the text of a file here: only imports send files to the server."""

    pasted = forms.CharField(
        label=_("Labels, one per line"),
        max_length=LONGEST_LIST,
        required=False,
        help_text=_(
            "A tab separates a name from its description. A line such as “# Family” begins a group. You can also paste a "
            "table with the columns key, name, description and group."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto", "spellcheck": "false"}),
    )

    def clean_pasted(self) -> list[ListedLabel]:
        return _listed(self.cleaned_data["pasted"])

    @property
    def listed(self) -> list[ListedLabel]:
        return list(self.cleaned_data["pasted"])


def _listed(text: str) -> list[ListedLabel]:
    try:
        found = read_label_list(text)
    except LabelListError as wrong:
        place = {"line": wrong.line, "name": wrong.name, "columns": ", ".join(COLUMNS)}
        sentence = {
            "repeated": _(
                "Line %(line)s: the label “%(name)s” is listed twice. Delete one of the two lines."
            ),
            "too_long": _(
                "Line %(line)s: a name can have at most 200 characters, a description 2,000, a group 100."
            ),
            "unnamed": _("Line %(line)s: the label has no name."),
            "column": _("“%(name)s” is not one of the columns %(columns)s."),
        }[wrong.kind]
        raise ValidationError(str(sentence) % place) from wrong
    if len(found) > MOST_LABELS:
        raise ValidationError(
            gettext("This list has %(n)s labels. Add at most 500 at once.") % {"n": len(found)}
        )
    return found


def with_listed_labels(given: QueryDict, listed: list[ListedLabel]) -> QueryDict:
    """The rows that a form sent, and these labels in its blank rows and in rows after them.

    Labels that are in a row already are left out: a list may be pasted again after a correction.
    """
    if not listed:
        return given
    rows = given.copy()
    count = rows.get(f"{PREFIX}-TOTAL_FORMS", "0")
    total = min(MOST_ROWS, int(count) if count.isascii() and count.isdigit() else 0)
    cells = ("name", "key", "description", "group")
    held = [[rows.get(f"{PREFIX}-{place}-{cell}", "").strip() for cell in cells] for place in range(total)]
    names = {name for name, *_rest in held if name}
    # A row that is there already has no field for its key, and never a blank name.
    blank = [place for place, values in enumerate(held) if not any(values)]
    for label in listed:
        if label.name in names:
            continue
        place = blank.pop(0) if blank else total
        total = max(total, place + 1)
        for cell, value in asdict(label).items():
            rows[f"{PREFIX}-{place}-{cell}"] = value
    rows[f"{PREFIX}-TOTAL_FORMS"] = str(total)
    return rows
