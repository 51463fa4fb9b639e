"""The preregistration as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.models import Participant, Study
from hlv.stats.labels.distributions import EQUAL
from metaeval.findings.choice_labels import (
    MODEL_WORDS,
    RESAMPLE_WORDS,
    STATISTIC_WORDS,
    TIES_WORDS,
    WEIGHTS_WORDS,
)
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.selectors.scores import method_names, text_columns
from metaeval.services.preregistration import LONGEST_NOTES, STATISTICS, known_metrics
from metaeval.services.scored_labels import asks_certainty


class PreregistrationForm(forms.Form):
    """A preregistration; what does not go together is refused by the service, in words."""

    model = forms.ChoiceField(label=_("Ranking model"), choices=list(MODEL_WORDS.items()))
    ties = forms.ChoiceField(label=_("Ties count as"), choices=list(TIES_WORDS.items()))
    resample = forms.ChoiceField(
        label=_("What is resampled"), choices=list(RESAMPLE_WORDS.items()), required=False
    )
    n_resamples = forms.IntegerField(label=_("Resamples"), min_value=0, max_value=100_000)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=2**31)
    ridge = forms.FloatField(
        label=_("Precision of a Gaussian prior"),
        min_value=0,
        max_value=1000,
        help_text=_("0 is none. With one, intervals are not calibrated."),
    )
    weights = forms.ChoiceField(
        label=_("Weights of human labels"),
        choices=list(WEIGHTS_WORDS.items()),
        required=False,
        help_text=_("Where metrics are scored against them."),
    )
    block_by = forms.ChoiceField(
        label=_("Draw texts together by"),
        required=False,
        help_text=_("A column of the texts, such as document. Texts with one value are resampled together."),
    )
    primary = forms.ChoiceField(label=_("Primary statistic"), choices=list(STATISTIC_WORDS.items()))
    statistics = forms.MultipleChoiceField(
        label=_("Further statistics"),
        choices=list(STATISTIC_WORDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    metrics = forms.MultipleChoiceField(
        label=_("Metrics on which the claims rest"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All others are computed too, and the report says that they were added."),
        error_messages={"required": _("Choose at least one metric: the one on which the claim will rest.")},
    )
    without_judges = forms.TypedMultipleChoiceField(
        label=_("Without the verdicts of these judges"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    without_methods = forms.MultipleChoiceField(
        label=_("Without the verdicts on these methods"), required=False, widget=forms.CheckboxSelectMultiple
    )
    without_texts = forms.CharField(
        label=_("Without the verdicts on these texts"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Their keys, one a line. Metrics are scored on all texts."),
    )
    under_seconds = forms.FloatField(
        label=_("Without verdicts faster than, in seconds"),
        required=False,
        min_value=0,
        max_value=3600,
        help_text=_("Of active time; verdicts without a time stay. 0 leaves none out."),
    )
    exclusions = forms.CharField(
        label=_("Further exclusions, in words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_(
            "One rule a line that no program applies: who or what will be left out, and when. "
            "Nothing is left out by these words."
        ),
    )
    notes = forms.CharField(
        label=_("Hypotheses and notes"),
        required=False,
        max_length=LONGEST_NOTES,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    def __init__(self, *args: Any, study: Study, **more: Any) -> None:
        super().__init__(*args, **more)
        if not asks_certainty(study):
            del self.fields["weights"]
        columns = text_columns(study)
        if not columns:
            del self.fields["block_by"]
        judges = study.participants.filter(role=Participant.Role.JUDGE).order_by("number")
        methods, metrics = method_names(study).values(), known_metrics(study)
        if not metrics:
            self.fields["metrics"].help_text = _(
                "The study has none yet: it needs labels, scores of metrics, or an automatic judge."
            )
        single = [("", str(_("single texts"))), *((name, name) for name in columns)]
        for name, choices in (
            *([("block_by", single)] if columns else []),
            ("metrics", list(metrics.items())),
            ("without_judges", [(judge.number, judge.pseudonym) for judge in judges]),
            ("without_methods", [(method, method) for method in methods]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field

    def planned(self) -> PlannedAnalysis:
        entered = dict(self.cleaned_data)
        primary, further = entered.pop("primary"), entered.pop("statistics")
        lines = [" ".join(line.split()) for line in entered.pop("exclusions").splitlines()]
        keys = [line.strip() for line in entered.pop("without_texts").splitlines()]
        return PlannedAnalysis(
            resample=entered.pop("resample") or None,
            weights=entered.pop("weights", "") or EQUAL,
            metrics=tuple(entered.pop("metrics")),
            statistics=(primary, *(name for name in STATISTICS if name in further and name != primary)),
            without_judges=tuple(entered.pop("without_judges")),
            without_methods=tuple(entered.pop("without_methods")),
            without_texts=tuple(key for key in keys if key),
            under_seconds=entered.pop("under_seconds") or 0.0,
            exclusions=tuple(line for line in lines if line),
            notes=entered.pop("notes").strip(),
            **entered,
        )


def initial_values(planned: PlannedAnalysis) -> dict[str, object]:
    """The form when it opens on a version."""
    return {
        **planned.as_content(),
        "primary": planned.statistics[0],
        "statistics": list(planned.statistics[1:]),
        "resample": planned.resample or "",
        "exclusions": "\n".join(planned.exclusions),
        "without_texts": "\n".join(planned.without_texts),
    }
