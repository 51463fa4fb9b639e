"""The order to compute anew, and a campaign to be simulated."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from hlv.stats.labels.distributions import WEIGHTS
from hlv.stats.power.scenario import Scenario
from metaeval.services.power_analysis import SIMULATIONS_OF_A_PAGE


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

    def asked(self) -> ComputeRequest:
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
