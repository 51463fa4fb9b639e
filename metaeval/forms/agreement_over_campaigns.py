"""Which table of all campaigns is asked for."""

from __future__ import annotations

from django import forms

from metaeval.findings.choice_labels import STATISTIC_WORDS


class OverCampaignsForm(forms.Form):
    """Nothing asked for is Kendall's tau-b of all methods."""

    statistic = forms.ChoiceField(choices=list(STATISTIC_WORDS.items()), required=False)
    by_base_model = forms.BooleanField(required=False)
