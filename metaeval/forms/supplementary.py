"""Which supplementary analysis is to be computed, and how."""

from __future__ import annotations

from django import forms

from metaeval.models import SupplementaryAnalysis


class AnalysisForm(forms.Form):
    """What a kind has no choice of, its job refuses in words."""

    what = forms.ChoiceField(choices=SupplementaryAnalysis.Kind.choices)
    campaign = forms.UUIDField(required=False)
    against = forms.CharField(required=False, max_length=200)
    block_by = forms.CharField(required=False, max_length=200)

    def params(self) -> dict[str, object]:
        named = ("campaign", "against", "block_by")
        return {name: str(value) for name in named if (value := self.cleaned_data[name])}
