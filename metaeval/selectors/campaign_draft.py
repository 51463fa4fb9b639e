"""A campaign that is not stored yet, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.stats.arrays import IntArray
from metaeval.models import Campaign, Method, Protocol
from metaeval.selectors.campaigns import JudgingCost, JudgingPace
from metaeval.selectors.protocols import lesser_quota

NAMED = 3


@dataclass(frozen=True, eq=False)
class CampaignDraft:
    """What would be stored.

    `compared`, shape (n_comparisons, 3): keys of the item and of both methods, the smaller first, in the order of the
    comparisons. `identical`: of those whose outputs look the same, by their places, both digests.
    """

    campaign: Campaign
    protocol: Protocol
    compared: IntArray
    identical: dict[int, tuple[str, str]]
    groups: tuple[tuple[Method, ...], ...]
    n_items_without_outputs: int
    naming_themselves: tuple[str, ...]
    quotas: tuple[int | None, ...]
    pace: JudgingPace

    @property
    def n_comparisons(self) -> int:
        return len(self.compared)

    @property
    def n_items(self) -> int:
        return len(np.unique(self.compared[:, 0]))

    @property
    def n_identical(self) -> int:
        return len(self.identical)

    @property
    def unasked(self) -> dict[int, tuple[str, str]]:
        """Ties of identical outputs, where the protocol asks nobody about them."""
        return self.identical if self.protocol.identical == Protocol.Identical.TIE else {}

    @property
    def n_methods(self) -> int:
        return sum(len(group) for group in self.groups)

    @property
    def n_asked(self) -> int:
        """Comparisons that judges see."""
        return self.n_comparisons - len(self.unasked)

    @property
    def n_judgments(self) -> int:
        """Verdicts that are asked for, without repeats."""
        return self.n_asked * self.campaign.judges_per_comparison

    @property
    def cost(self) -> JudgingCost:
        return JudgingCost(self.n_judgments, self.protocol.repeat_share, self.pace)

    @property
    def n_judges(self) -> int:
        return len(self.quotas)

    @property
    def judgments_per_judge(self) -> int | None:
        """About so many for each, where somebody judges already; nobody is asked about a comparison anew."""
        if not self.quotas:
            return None
        each = min(self.n_asked, ceil(self.n_judgments / self.n_judges))
        return round(each * (1 + self.protocol.repeat_share))

    @property
    def notes(self) -> list[str]:
        """What a researcher should know before it opens, in sentences."""
        return [*self._notes_on_outputs(), *self._notes_on_judges()]

    def _notes_on_outputs(self) -> list[str]:
        said = []
        if len(self.groups) > 1:
            said.append(
                _("Methods meet within their own group only: a ranking of all of them has no common scale.")
            )
        if self.n_items_without_outputs:
            left_out = ngettext(
                "%(n)s text has no output of these methods and is left out.",
                "%(n)s texts have no output of these methods and are left out.",
                self.n_items_without_outputs,
            )
            said.append(left_out % {"n": self.n_items_without_outputs})
        if self.n_identical:
            identical = ngettext(
                "In %(n)s comparison both outputs look the same:",
                "In %(n)s comparisons both outputs look the same:",
                self.n_identical,
            ) % {"n": self.n_identical}
            tied = _("each counts as a tie, and nobody is asked.")
            asked = _("judges are asked all the same.")
            said.append(f"{identical} {tied if self.unasked else asked}")
        if self.naming_themselves:
            named = ", ".join(self.naming_themselves[:NAMED])
            naming = ngettext(
                "%(n)s output names its own method, which judges may recognise (%(named)s).",
                "%(n)s outputs name their own method, which judges may recognise (%(named)s).",
                len(self.naming_themselves),
            )
            more = ", …" if len(self.naming_themselves) > NAMED else ""
            said.append(naming % {"n": len(self.naming_themselves), "named": f"{named}{more}"})
        return said

    def _notes_on_judges(self) -> list[str]:
        wanted = self.campaign.judges_per_comparison
        if not self.n_judges:
            return [_("Nobody judges in this study yet.")]
        said = []
        if self.n_judges < wanted:
            said.append(
                _("Each comparison wants %(wanted)s judges, and the study has %(n)s.")
                % {"wanted": wanted, "n": self.n_judges}
            )
        quotas = [lesser_quota(quota, self.protocol.quota) for quota in self.quotas]
        limited = [quota for quota in quotas if quota is not None]
        if len(limited) == self.n_judges and sum(limited) < self.n_judgments + self.cost.n_repeats:
            said.append(
                _("The quotas of the judges end after %(n)s judgments together.") % {"n": sum(limited)}
            )
        return said
