"""Planning a campaign in the browser, and looking through its comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.models import Study
from annotations.selectors.item_facts import split_parts
from annotations.submissions import form_values
from hlv.stats.labels.distributions import WEIGHTS
from hlv.stats.power.scenario import Scenario
from metaeval.models import Campaign, Protocol
from metaeval.selectors.outputs import n_items_with_outputs, usual_display
from metaeval.services.campaigns import (
    LARGEST_REPEAT_SHARE,
    LARGEST_SEED,
    LONGEST_EXPLANATION,
    MOST_JUDGES,
    CampaignSpec,
    paper_spec,
)
from metaeval.services.power_analysis import SIMULATIONS_OF_A_PAGE

# What a form begins with; named in an address.
_PAPER = paper_spec(name="")
PRESETS: dict[str, dict[str, Any]] = {
    "paper": {
        "items": _PAPER.items,
        "labels_first": _PAPER.labels_first,
        "label_order": _PAPER.label_order,
        "judges_per_comparison": _PAPER.judges_per_comparison,
    }
}
USUAL = CampaignSpec(name="")
ACROSS = "across"
WITHIN = "within"
OF_GROUP = "group:"

SEATS: list[tuple[str, str | Promise]] = [
    ("", _("all")),
    ("free", _("still wanted")),
    ("taken", _("judged, or in hand")),
    ("unasked", _("nobody is asked")),
]


class CampaignForm(forms.Form):
    """What is not filled in is all there are, or what is usual."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("One campaign for each criterion."),
        error_messages={"required": _("Give the campaign a name.")},
    )
    question = forms.CharField(
        label=_("Question to the judges"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Such as: Which output says more accurately what areas of law this text raises? Empty: a usual one,"
            " which stands beside the cost."
        ),
    )
    explanation = forms.CharField(
        label=_("More on the question"),
        max_length=LONGEST_EXPLANATION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In Markdown; judges unfold it. Empty: nothing to unfold."),
    )
    meeting = forms.ChoiceField(label=_("Which methods meet"), required=False)
    methods = forms.MultipleChoiceField(
        label=_("Methods"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all."),
    )
    against = forms.ChoiceField(
        label=_("Compare all with one method"),
        required=False,
        help_text=_("Such as “human”, the human distribution. The other methods then do not meet."),
    )
    opponents = forms.IntegerField(
        label=_("Opponents of each method"),
        min_value=1,
        required=False,
        help_text=_("Empty: all pairs. A number: a balanced incomplete design."),
    )
    items = forms.IntegerField(
        label=_("Texts for each pair"), min_value=1, required=False, help_text=_("Empty: all.")
    )
    all_texts = forms.BooleanField(
        label=_("Also draw training and dev texts"),
        required=False,
        help_text=_("By default only test texts of the study’s split are compared."),
    )
    judges_per_comparison = forms.IntegerField(
        label=_("Judges of each comparison"),
        min_value=1,
        max_value=MOST_JUDGES,
        initial=USUAL.judges_per_comparison,
    )
    repeat_percent = forms.IntegerField(
        label=_("Pairs that come again, percent"),
        min_value=0,
        max_value=round(100 * LARGEST_REPEAT_SHARE),
        initial=0,
        help_text=_("Later, with sides changed: they tell how steady a judge is."),
    )
    labels_first = forms.ChoiceField(
        label=_("Label the text before the outputs are shown"), choices=Protocol.LabelsFirst.choices
    )
    identical = forms.ChoiceField(
        label=_("Where both outputs look the same"), choices=Protocol.Identical.choices
    )
    label_order = forms.ChoiceField(label=_("Order of the labels"), choices=Protocol.LabelOrder.choices)
    threshold = forms.FloatField(
        label=_("Fold labels away under"), min_value=0, max_value=1, initial=USUAL.threshold
    )
    outputs_as = forms.ChoiceField(label=_("Texts are shown as"), choices=Protocol.OutputsAs.choices)
    offers_marks = forms.BooleanField(
        label=_("Judges may have differences marked"), required=False, initial=True
    )
    quota = forms.IntegerField(
        label=_("Verdicts of each judge"),
        min_value=1,
        required=False,
        help_text=_("Empty: as many as there are."),
    )
    break_every = forms.IntegerField(
        label=_("Offer a break after so many verdicts"),
        min_value=0,
        max_value=1000,
        initial=USUAL.break_every,
        help_text=_("0: never."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        help_text=_("Draws pairs, texts, orders and sides; the same one draws the same."),
    )

    def __init__(self, *args: Any, study: Study, **more: Any) -> None:
        super().__init__(*args, **more)
        methods = list(study.methods.all())
        bases = list(dict.fromkeys(method.base_model for method in methods))
        meeting: list[tuple[str, str | Promise]] = [(WITHIN, _("within each base model"))]
        if len(bases) > 1:
            meeting.append((ACROSS, _("all of them, across base models")))
            meeting += [(OF_GROUP + base, base or str(_("those without a base model"))) for base in bases]
        self._choose("meeting", meeting)
        if len(bases) > 1 and 1 in Counter(method.base_model for method in methods).values():
            # Within its base model a lone method meets nobody.
            self.fields["meeting"].initial = ACROSS
        if self.initial.get("items"):
            wanted = min(self.initial["items"], n_items_with_outputs(study))
            self.initial = {**self.initial, "items": wanted or None}
        if not split_parts(study):
            del self.fields["all_texts"]
        self.fields["outputs_as"].initial = usual_display(study)
        names = [(name, name) for name in dict.fromkeys(one.name for one in methods)]
        self._choose("methods", names)
        self._choose("against", [("", _("no")), *names])
        for name, field in self.fields.items():
            if name not in ("methods", "offers_marks", "all_texts"):
                field.widget.attrs["class"] = "input"

    def _choose(self, name: str, choices: Sequence[tuple[str, str | Promise]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def question_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "question", "explanation")]

    def design_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("against", "opponents", "items", "judges_per_comparison")]

    def judging_fields(self) -> list[forms.BoundField]:
        names = ("labels_first", "identical", "repeat_percent", "quota", "break_every", "seed")
        return [self[name] for name in names]

    def display_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("label_order", "outputs_as", "threshold")]

    def spec(self) -> CampaignSpec:
        entered = dict(self.cleaned_data)
        meeting: str = entered.pop("meeting")
        return CampaignSpec(
            methods=tuple(entered.pop("methods")) or None,
            against=entered.pop("against") or None,
            across_groups=meeting == ACROSS,
            group=meeting.removeprefix(OF_GROUP) if meeting.startswith(OF_GROUP) else None,
            repeat_share=entered.pop("repeat_percent") / 100,
            **entered,
        )


@dataclass(frozen=True)
class WantedComparisons:
    """Empty: all."""

    method: str
    seats: str

    @property
    def query(self) -> str:
        """For addresses of further pages and of the file."""
        return urlencode({name: value for name, value in vars(self).items() if value})


class ComparisonFilter(forms.Form):
    """Which comparisons of a campaign are listed."""

    method = forms.ChoiceField(label=_("Method"), required=False)
    seats = forms.ChoiceField(label=_("Verdicts"), required=False, choices=SEATS)

    def __init__(self, *args: Any, campaign: Campaign, **more: Any) -> None:
        super().__init__(*args, **more)
        methods = campaign.study.methods.all()
        field = self.fields["method"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("all")), *((str(one.uuid), str(one)) for one in methods)]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    def wanted(self) -> WantedComparisons:
        return WantedComparisons(**self.cleaned_data)


@dataclass(frozen=True)
class ComputeRequest:
    campaign: UUID
    what: str
    weights: str
    base_model: str
    judge_group: str
    again: UUID | None
    seed: str
    then: bool


class ComputeForm(forms.Form):
    """`what` is the kind of job: results of a campaign where nothing is said, or the report on its judges."""

    campaign = forms.UUIDField()
    what = forms.ChoiceField(
        required=False,
        choices=[("metaeval", "metaeval"), ("judges", "judges"), ("sensitivity", "sensitivity")],
    )
    # Nothing is as planned, or as the program has it.
    weights = forms.ChoiceField(required=False, choices=[(name, name) for name in WEIGHTS])
    base_model = forms.CharField(required=False, max_length=200)
    judge_group = forms.CharField(required=False, max_length=100)
    # A ranking whose choices are taken again: with its seed or a new one, on the data of then or of now.
    again = forms.UUIDField(required=False)
    seed = forms.ChoiceField(required=False, choices=[("same", "same"), ("new", "new")])
    then = forms.BooleanField(required=False)

    def request(self) -> ComputeRequest:
        return ComputeRequest(**self.cleaned_data)


class PlanForm(forms.Form):
    """A campaign that may be; the limits keep one forecast within minutes of one worker."""

    n_methods = forms.IntegerField(label=_("Methods"), min_value=2, max_value=100)
    n_judges = forms.IntegerField(label=_("Judges"), min_value=1, max_value=10_000)
    n_judgments = forms.IntegerField(
        label=_("Judgments"), min_value=1, max_value=50_000, help_text=_("All of them together give so many.")
    )
    n_items = forms.IntegerField(label=_("Texts"), min_value=1, max_value=20_000)
    tie_percent = forms.IntegerField(
        label=_("Ties, percent"), min_value=0, max_value=95, help_text=_("Both good, or neither.")
    )
    spread = forms.FloatField(
        label=_("From the best method to the worst, log odds"),
        min_value=0,
        max_value=10,
        help_text=_("At 2 the best beats the worst 88 times of 100. The others lie evenly between."),
    )
    taste_sd = forms.FloatField(
        label=_("How judges differ, log odds"),
        min_value=0,
        max_value=5,
        help_text=_("Standard deviation of what a judge adds to each method. A pilot tells; .3 is usual."),
    )
    item_sd = forms.FloatField(
        label=_("How texts differ, log odds"),
        min_value=0,
        max_value=5,
        help_text=_("Standard deviation of what a text adds to each method, as with judges; .3 is usual."),
    )
    evenness = forms.FloatField(
        label=_("Evenness of the judges’ activity"),
        min_value=0.05,
        max_value=1000,
        help_text=_(
            "At 1 a few give most judgments, and 20 judges are worth about 10; at 4 about 16; at 1000 all give as many."
        ),
    )
    better = forms.FloatField(
        label=_("Correlation of a good metric with the truth"), min_value=-1, max_value=1
    )
    worse = forms.FloatField(label=_("And of the one it is to be told from"), min_value=-1, max_value=1)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=2**31)

    def clean(self) -> None:
        super().clean()
        better, worse = (self.cleaned_data.get(name) for name in ("better", "worse"))
        if better is not None and worse is not None and not worse < better:
            self.add_error("worse", _("It must correlate less than the good one."))

    def params(self) -> dict[str, object]:
        """Of the job that simulates it."""
        entered = dict(self.cleaned_data)
        seed, tie_share = entered.pop("seed"), entered.pop("tie_percent") / 100
        scenario = Scenario(tie_share=tie_share, **entered)
        return {"plan": vars(scenario), "seed": seed, "n_simulations": SIMULATIONS_OF_A_PAGE}


@dataclass(frozen=True)
class Allowance:
    judge: UUID
    reason: str


class AllowJudgingForm(forms.Form):
    """Which judge may judge after seeing results, and why."""

    judge = forms.UUIDField()
    reason = forms.CharField(max_length=500)

    def allowance(self) -> Allowance:
        return form_values(self, Allowance)
