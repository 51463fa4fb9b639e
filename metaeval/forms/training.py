"""What is to be trained, in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from annotations.models import Study
from hlv.stats.training.methods import METHODS
from metaeval.findings.training_findings import SELECTION_WORDS, method_words
from metaeval.results.training import CHARACTERS, DEFAULT_FOLDS, DEFAULT_RUNS
from metaeval.selectors.methods import facts_with_parts

FOLDS: Final = "folds"
MOST_RUNS_OF_A_PAGE: Final = 30
MOST_FOLDS: Final = 50
MOST_HIDDEN: Final = 512
LARGEST_SEED: Final = 2**31


class TrainingForm(forms.Form):
    """Features are character n-grams, or an array in the folder of features: no path comes from a browser."""

    methods = forms.MultipleChoiceField(
        label=_("Methods"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all that the labels allow."),
        choices=[(name, name) for name in METHODS],
    )
    features = forms.ChoiceField(label=_("Features"), help_text=_("What the models read of a text."))
    split = forms.ChoiceField(label=_("Split"), help_text=_("Which texts train, tune and test."))
    runs = forms.IntegerField(
        label=_("Runs"),
        min_value=1,
        max_value=MOST_RUNS_OF_A_PAGE,
        initial=DEFAULT_RUNS,
        help_text=_("Each run has its own seed. More runs make differences between methods clearer."),
    )
    folds = forms.IntegerField(
        label=_("Folds"),
        min_value=2,
        max_value=MOST_FOLDS,
        initial=DEFAULT_FOLDS,
        help_text=_("Only without a split: each text is tested once."),
    )
    select = forms.ChoiceField(
        label=_("Epoch selection"),
        choices=list(SELECTION_WORDS.items()),
        help_text=_("How the dev texts choose the learning rate and the epoch."),
    )
    hidden = forms.IntegerField(
        label=_("Hidden units"),
        min_value=0,
        max_value=MOST_HIDDEN,
        initial=0,
        help_text=_("0: linear models."),
    )
    partition = forms.IntegerField(
        label=_("Partition seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        initial=1,
        help_text=_("Draws the folds, and the dev texts that a split lacks."),
    )
    seed = forms.IntegerField(
        label=_("Seed of the first run"), min_value=0, max_value=LARGEST_SEED, initial=1
    )
    base_model = forms.CharField(
        label=_("Name of the models"),
        max_length=200,
        required=False,
        help_text=_("Empty: that of the features. Use another name for other settings."),
    )

    def __init__(self, *args: Any, study: Study, **more: Any) -> None:
        super().__init__(*args, **more)
        self._arrays = feature_arrays()
        facts = facts_with_parts(study)
        for name, known, more_choice in (
            ("features", list(self._arrays), (CHARACTERS, _("character n-grams"))),
            ("split", facts, (FOLDS, _("folds"))),
        ):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                listed = [(one, one) for one in known]
                field.choices = [more_choice, *listed] if name == "features" else [*listed, more_choice]
        # A fact may have the name of the choice; it is the fact then.
        self._facts = set(facts)
        for name, field in self.fields.items():
            if name != "methods":
                field.widget.attrs["class"] = "input"

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("features", "split", "folds", "runs")]

    def further_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("select", "hidden", "partition", "seed", "base_model")]

    def method_choices(self) -> list[tuple[Any, str]]:
        """The box of each method with what it trains."""
        return [(box, method_words(str(box.data["value"]))) for box in self["methods"]]

    def params(self) -> dict[str, object]:
        """Of the job that trains."""
        entered = dict(self.cleaned_data)
        if entered["split"] not in self._facts:
            entered["split"] = ""
        array = self._arrays.get(entered["features"])
        if array is not None:
            entered |= {"features": str(array), "items": str(array.with_suffix(".txt"))}
        return {name: value for name, value in entered.items() if value not in ("", [])}


def feature_arrays() -> dict[str, Path]:
    """Arrays in the folder of features that have a list of the keys of their rows."""
    folder = Path(settings.FEATURES_DIR)
    if not folder.is_dir():
        return {}
    arrays = {file.stem: file for file in sorted(folder.glob("*.npy")) if file.with_suffix(".txt").is_file()}
    return {name: file for name, file in arrays.items() if name != CHARACTERS}
