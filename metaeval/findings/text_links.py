"""From a point of a figure to the texts behind it: addresses of the list of texts, for whoever may read it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from django.urls import reverse

from annotations.policy import Action
from metaeval.models import Campaign
from metaeval.results.metric_agreement import MetricAgreementResult


@dataclass(frozen=True)
class TextLinks:
    """`base` is empty where nothing may be led to; then every address is.

    `without_order` are the metrics, by what pages call them, that put no texts in order: nothing is behind them.
    """

    base: str = ""
    campaign: str = ""
    without_order: frozenset[str] = frozenset()

    def of_agreement(self, result: MetricAgreementResult) -> Self:
        """The same for one metric agreement: metrics without a score of each text contradict nobody on a text."""
        if result.verdicts is None:
            return self
        able = {row.name for row in result.verdicts.metrics}
        return replace(
            self,
            without_order=frozenset(
                row.label
                for row in result.metrics
                # What is infinite for every method has no difference on any text.
                if row.name not in able or row.undetermined
            ),
        )

    def of_method(self, name: str) -> str:
        return self._of(one=name)

    def of_pair(self, one: str, other: str) -> str:
        return self._of(one=one, other=other)

    def of_metric(self, label: str) -> str:
        """In the order of what the metric contradicts; empty where it puts no texts in order."""
        return "" if label in self.without_order else self._of(metric=label, campaign=self.campaign)

    def of_score(self, label: str, method: str) -> str:
        """What a metric contradicts, on texts on which the method was judged; these alone where there is no order."""
        if label in self.without_order:
            return self.of_method(method)
        return self._of(metric=label, campaign=self.campaign, one=method)

    def of_label(self, name: str) -> str:
        return self._of(label=name)

    def _of(self, **asked: str) -> str:
        return f"{self.base}?{urlencode(asked)}" if self.base else ""


NOWHERE = TextLinks()


def text_links(campaign: Campaign, actions: Collection[Action]) -> TextLinks:
    """Active annotators and judges get no links: the texts are shown with the answers of others."""
    if Action.WATCH not in actions or Action.SEE_RESULTS not in actions:
        return NOWHERE
    # By its name: the page belongs to the project on top, which joins both apps.
    return TextLinks(reverse("texts", args=[campaign.study.uuid]), campaign.name)
