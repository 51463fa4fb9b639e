"""What a person says about a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from annotations.formats.import_options import Duplicates
from annotations.formats.registry import FORMATS as LABELLED
from annotations.models import Import
from annotations.services.uploads import plain_name
from hlv.core.tabular.encoding import known_encoding
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.mapping import CertaintyRange, Field, Mapping
from hlv.importing.file_sets import ReadingChoices
from hlv.importing.job import read_names
from hlv.importing.preview import DELIMITERS, WORDS, ColumnsToChoose, chosen_and_written
from metaeval.formats.evaluation_options import Directions, read_first_ids
from metaeval.formats.registry import JUDGMENT_FORMATS, OUTPUT_FORMATS, SCORE_FORMATS

if TYPE_CHECKING:
    # Only the stubs have it.
    from django.utils.functional import _StrPromise

FORMATS_BY_KIND: dict[str, list[str]] = {
    **{kind: list(formats) for kind, formats in LABELLED.items()},
    Import.Kind.OUTPUTS: list(OUTPUT_FORMATS),
    Import.Kind.JUDGMENTS: list(JUDGMENT_FORMATS),
    Import.Kind.SCORES: list(SCORE_FORMATS),
}
_DUPLICATES = [
    (Duplicates.ERROR.value, _("refuse the file and name both rows")),
    (Duplicates.FIRST.value, _("keep the first")),
    (Duplicates.LAST.value, _("keep the last")),
    (Duplicates.ALL.value, _("keep all, as of different people")),
]
_LINES = forms.Textarea(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false"})
_WORD = forms.TextInput(attrs={"autocomplete": "off"})


def _formats() -> list[tuple[str, Any]]:
    """Each name once, with the kinds of file that may have it."""
    words = dict(Import.Kind.choices)
    kinds: dict[str, list[str]] = {}
    for kind, formats in FORMATS_BY_KIND.items():
        for name in formats:
            kinds.setdefault(name, []).append(str(words[kind]))
    named = [(name, f"{name} ({', '.join(of)})") for name, of in kinds.items()]
    return [("", _("find out")), *named]


def _word_field(label: _StrPromise, hint: _StrPromise, *, longest: int) -> forms.CharField:
    """What may be said in a word or left open."""
    return forms.CharField(label=label, help_text=hint, required=False, max_length=longest, widget=_WORD)


def _lines_field(label: _StrPromise, hint: _StrPromise, *, strip: bool = True) -> forms.CharField:
    """What may be said one a line."""
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=10_000, widget=_LINES, strip=strip
    )


class ReadingForm(forms.Form):
    """How a file is read."""

    kind = forms.ChoiceField(label=_("What the file holds"), choices=Import.Kind.choices)
    format = forms.ChoiceField(label=_("Format"), choices=_formats, required=False)
    mapping = _lines_field(
        _("Columns by name"),
        _("One a line: field=column, such as item=id. Columns with usual names are found."),
        # A blank may be the end of a column's name.
        strip=False,
    )
    duplicates = forms.ChoiceField(
        label=_("Two rows of one person for one input"), choices=_DUPLICATES, initial=Duplicates.ERROR.value
    )
    certainty_range = _word_field(
        _("Scale of certainties"),
        _("Lowest and highest, such as 0:4; 0:1 where nothing is said."),
        longest=60,
    )
    dataset = _word_field(
        _("Name of the data set"), _("Keeps apart item ids that start again in each file."), longest=100
    )
    encoding = _word_field(
        _("Encoding"), _("Such as utf-8 or windows-1256; found out where nothing is said."), longest=40
    )
    delimiter = forms.ChoiceField(label=_("Separator"), choices=DELIMITERS, required=False)
    campaign = _word_field(
        _("Campaign"),
        _("Of judgments: one for each criterion; “judging” where nothing is said."),
        longest=200,
    )
    automatic = _word_field(
        _("Automatic judge"),
        _("Of judgments: the name of the program that gave them. Blank: people did."),
        longest=200,
    )
    group = _word_field(
        _("Base model"), _("Of the methods that the file does not place in one."), longest=200
    )
    min_input_ids = _lines_field(
        _("Base models by input"),
        _(
            "Of the paper's files, one a line: base model=first id, such as llama=6240. Inputs from this id on."
        ),
    )
    method = _word_field(_("Method"), _("Of outputs whose file names none."), longest=200)
    run = _word_field(_("Run"), _("Of outputs whose file names none."), longest=100)
    directions = _lines_field(
        _("Which way is better"),
        _("Of scores, one a line: toxicity=down, or up or down for all. Lines of a table can be pasted."),
    )
    names = _lines_field(_("Methods spelled otherwise"), _("One a line: name in the file=name here."))
    ignored_columns = _lines_field(
        _("Columns to ignore"),
        _("Of scores, one a line: columns of numbers that are no metrics. Columns of text are ignored."),
        strip=False,
    )
    normalise = forms.BooleanField(
        label=_("Divide shares by their sum"),
        help_text=_("Of outputs whose shares sum to nearly 1, such as .99. The report gives the correction."),
        required=False,
    )
    create_items = forms.BooleanField(
        label=_("Create missing texts"),
        help_text=_("Of outputs and scores: ids that the study lacks become texts without words."),
        required=False,
    )

    def __init__(self, *args: Any, choice: ColumnsToChoose | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choice = choice or ColumnsToChoose()
        chosen, written = chosen_and_written(self.initial.get("mapping", []), self.choice)
        self.initial["mapping"] = "\n".join(written)
        for field in self.choice.fields:
            self.fields[_column_of(field)] = forms.ChoiceField(
                label=str(WORDS.get(field.name, field.name)).capitalize(),
                choices=self.choice.choices(field),
                required=False,
                initial=chosen.get(field.name, ""),
            )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[_column_of(field)] for field in self.choice.fields]

    @property
    def reading_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("format", "mapping")]

    @property
    def answer_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("duplicates", "certainty_range")]

    @property
    def opens_answers(self) -> bool:
        duplicates = self["duplicates"]
        differs = duplicates.value() not in (None, "", duplicates.initial)
        return differs or bool(duplicates.errors) or _any_filled([self["certainty_range"]])

    @property
    def finer_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("dataset", "encoding", "delimiter")]

    @property
    def method_fields(self) -> list[forms.BoundField]:
        named = (
            *("campaign", "automatic", "group", "min_input_ids"),
            *("method", "run", "directions", "names", "ignored_columns"),
        )
        return [self[name] for name in named]

    @property
    def method_checks(self) -> list[forms.BoundField]:
        return [self[name] for name in ("normalise", "create_items")]

    @property
    def opens_finer(self) -> bool:
        return _any_filled(self.finer_fields)

    @property
    def opens_methods(self) -> bool:
        return _any_filled([*self.method_fields, *self.method_checks])

    def clean_mapping(self) -> list[str]:
        return self._lines("mapping", Mapping.parse)

    def clean_directions(self) -> list[str]:
        return self._lines("directions", Directions.parse)

    def clean_min_input_ids(self) -> list[str]:
        return self._lines("min_input_ids", read_first_ids)

    def clean_ignored_columns(self) -> list[str]:
        return self._lines("ignored_columns", list)

    def clean_names(self) -> list[str]:
        return self._lines("names", read_names)

    def clean_certainty_range(self) -> str:
        text = str(self.cleaned_data["certainty_range"]).strip()
        if text:
            _in_words(CertaintyRange.parse, text)
        return text

    def clean_encoding(self) -> str:
        text = str(self.cleaned_data["encoding"]).strip()
        if text:
            _in_words(known_encoding, text)
        return text

    def clean(self) -> dict[str, Any]:
        kind, name = self.cleaned_data.get("kind"), self.cleaned_data.get("format")
        if kind and name and name not in FORMATS_BY_KIND[kind]:
            known = ", ".join(FORMATS_BY_KIND[kind])
            self.add_error(
                "format",
                _("No file of this kind has the format “%(name)s”; there are %(known)s.")
                % {"name": name, "known": known},
            )
        self._add_chosen_columns()
        return self.cleaned_data

    def _add_chosen_columns(self) -> None:
        """What was chosen is kept as if it were written; a field that is in both is mapped twice."""
        given = {field.name: self.cleaned_data.get(_column_of(field)) for field in self.choice.fields}
        chosen = [f"{name}={column}" for name, column in given.items() if column]
        lines = [*self.cleaned_data.get("mapping", []), *chosen]
        try:
            Mapping.parse(lines)
        except FormatError as error:
            self.add_error("mapping", error.sentence)
        else:
            self.cleaned_data["mapping"] = lines

    @property
    def choices(self) -> ReadingChoices:
        """What is kept of a valid form."""
        fields = ReadingChoices.__struct_fields__
        return ReadingChoices(
            **{name: self.cleaned_data[name] for name in fields if name in self.cleaned_data}
        )

    def _lines(self, name: str, read: Callable[[list[str]], object]) -> list[str]:
        lines = [line.strip("\r") for line in str(self.cleaned_data[name]).split("\n")]
        said = [line for line in lines if line.strip()]
        _in_words(read, said)
        return said


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or the few of one import: always a list, and what is wrong with one of several says with which."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = data if isinstance(data, list) else [data] if data else []
        if len(files) < 2:
            return [super().clean(files[0] if files else None, initial)]
        cleaned = []
        for file in files:
            try:
                cleaned.append(super().clean(file, initial))
            except forms.ValidationError as error:
                told = " ".join(error.messages)
                raise forms.ValidationError(f"{plain_name(file.name)}: {told}") from error
        _refuse_one_name([plain_name(file.name) for file in cleaned])
        return cleaned


def _refuse_one_name(names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise forms.ValidationError(
            _(
                "Two files are called %(name)s: rows are told apart by the names of their files, so rename one."
            ),
            params={"name": twice},
        )


class FileForm(ReadingForm):
    """A new file, or the few of one import, and how to read it."""

    file = FilesField(
        label=_("File, or the files that belong together"),
        help_text=_(
            "CSV, TSV, JSON, JSONL or XLSX. Choose several at once where one does not say all: the paper's data.jsonl "
            "or input.jsonl with metadata.csv, an array (.npy) with items.txt."
        ),
        max_length=300,
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty."),
            "max_length": _("The name of the file is longer than 300 characters."),
        },
    )


class ReinstateForm(forms.Form):
    """Why an import counts again, or nothing."""

    reason = forms.CharField(required=False, max_length=1000)


class WithdrawForm(ReinstateForm):
    """Why an import no longer counts."""

    reason = forms.CharField(
        max_length=1000,
        error_messages={"required": _("Say why it is withdrawn: the reason is kept with the study.")},
    )


def entries(kind: str, choices: ReadingChoices) -> dict[str, str | list[str] | bool]:
    """What the form shows when it opens on an upload."""
    shown = {
        name: "\n".join(value) if isinstance(value, list) and name != "mapping" else value
        for name, value in choices.as_json().items()
    }
    return {"kind": kind, **shown}


def _column_of(field: Field) -> str:
    return f"column-{field.name}"


def _any_filled(fields: list[forms.BoundField]) -> bool:
    return any(field.value() or field.errors for field in fields)


def _in_words(read: Callable[[Any], object], given: Any) -> None:
    try:
        read(given)
    except FormatError as error:
        raise forms.ValidationError(error.sentence) from error
