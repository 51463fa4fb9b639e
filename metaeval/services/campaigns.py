"""Campaigns planned here: which outputs of which methods are compared, on which texts, by how many judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.models import Study
from metaeval.models import Campaign, Comparison, Method
from metaeval.science.design import DesignError, all_pairs, balanced_pairs, plan_comparisons
from metaeval.selectors.campaigns import OutputTable, active_judges, output_table

MOST_JUDGES = 1000
LARGEST_SEED = 2**63 - 1
NAMED = 3
CHUNK = 2000


class CampaignRefusedError(ValueError):
    """The campaign cannot be so; the sentence says what to change."""


@dataclass(frozen=True, kw_only=True)
class CampaignWishes:
    """What a researcher asks for; None is all there are.

    `opponents`: how many others each method meets; `items`: on how many texts each pair is compared.
    """

    name: str
    question: str = ""
    methods: tuple[str, ...] | None = None
    group: str | None = None
    across_groups: bool = False
    opponents: int | None = None
    items: int | None = None
    judges_per_comparison: int = 1
    threshold: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class CampaignPlan:
    """A campaign that is not stored yet, and what it costs."""

    campaign: Campaign
    comparisons: tuple[Comparison, ...]
    groups: tuple[tuple[Method, ...], ...]
    n_items_without_outputs: int
    quotas: tuple[int | None, ...]

    @property
    def n_items(self) -> int:
        return len({comparison.item_id for comparison in self.comparisons})

    @property
    def n_judgments(self) -> int:
        return len(self.comparisons) * self.campaign.judges_per_comparison

    @property
    def n_judges(self) -> int:
        return len(self.quotas)

    @property
    def judgments_per_judge(self) -> int | None:
        """About so many for each, where somebody judges already; nobody judges a comparison twice."""
        if not self.quotas:
            return None
        return min(len(self.comparisons), ceil(self.n_judgments / self.n_judges))

    @property
    def notes(self) -> list[str]:
        """What stands in the way of an end, in sentences."""
        wanted, said = self.campaign.judges_per_comparison, []
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
        if not self.n_judges:
            said.append(_("Nobody judges in this study yet."))
        elif self.n_judges < wanted:
            said.append(
                _("Each comparison wants %(wanted)s judges, and the study has %(n)s.")
                % {"wanted": wanted, "n": self.n_judges}
            )
        quotas = [quota for quota in self.quotas if quota is not None]
        if quotas and len(quotas) == self.n_judges and sum(quotas) < self.n_judgments:
            said.append(
                _("The quotas of the judges end after %(n)s judgments together.") % {"n": sum(quotas)}
            )
        return said


@transaction.atomic
def plan_campaign(
    study: Study, wishes: CampaignWishes, *, opened: bool, dry_run: bool = False
) -> CampaignPlan:
    """Choose pairs and texts, and store them with their campaign."""
    # The lock orders two plans of one name.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    campaign = _campaign(study, wishes, opened=opened)
    groups = _groups(study, wishes)
    table = output_table(study, [method for group in groups for method in group])
    _refuse_gaps(groups, table)
    judges = active_judges(study)
    plan = CampaignPlan(
        campaign=campaign,
        comparisons=_comparisons(campaign, groups, table, wishes, n_judges=len(judges)),
        groups=groups,
        n_items_without_outputs=table.n_items_without,
        quotas=tuple(judge.quota for judge in judges),
    )
    if not dry_run:
        campaign.save()
        for comparison in plan.comparisons:
            comparison.campaign = campaign
        Comparison.objects.bulk_create(plan.comparisons, batch_size=CHUNK)
    return plan


def _campaign(study: Study, wishes: CampaignWishes, *, opened: bool) -> Campaign:
    if study.campaigns.filter(name=wishes.name).exists():
        raise CampaignRefusedError(
            _("There is a campaign %(name)r already; what is planned once stays so: choose another name.")
            % {"name": wishes.name}
        )
    if not 1 <= wishes.judges_per_comparison <= MOST_JUDGES:
        raise CampaignRefusedError(
            _("A comparison has from 1 to %(most)s judges, not %(n)s.")
            % {"most": MOST_JUDGES, "n": wishes.judges_per_comparison}
        )
    if not 0 <= wishes.threshold <= 1:
        raise CampaignRefusedError(_("The threshold lies between 0 and 1."))
    if not 0 <= wishes.seed <= LARGEST_SEED:
        raise CampaignRefusedError(_("A seed is a whole number from 0."))
    campaign = Campaign(
        study=study,
        name=wishes.name,
        question=wishes.question,
        state=Campaign.State.OPEN if opened else Campaign.State.PAUSED,
        seed=wishes.seed,
        threshold=wishes.threshold,
        judges_per_comparison=wishes.judges_per_comparison,
    )
    try:
        campaign.clean_fields(exclude=["study"])
    except ValidationError as error:
        faults = (f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
        raise CampaignRefusedError(" ".join(faults)) from error
    return campaign


def _groups(study: Study, wishes: CampaignWishes) -> tuple[tuple[Method, ...], ...]:
    """The methods that meet one another: those of one base model, unless all may meet."""
    known = list(study.methods.all())
    if not known:
        raise CampaignRefusedError(_("The study has no methods yet: import their outputs first."))
    bases = list(dict.fromkeys(method.base_model for method in known))
    if wishes.group is not None and wishes.group not in bases:
        raise CampaignRefusedError(
            _("There is no group of methods %(name)r (known: %(known)s).")
            % {"name": wishes.group, "known": ", ".join(map(repr, bases))}
        )
    chosen = [method for method in known if wishes.group is None or method.base_model == wishes.group]
    if wishes.methods is not None:
        names = {method.name for method in chosen}
        for name in wishes.methods:
            if name not in names:
                raise CampaignRefusedError(
                    _("There is no method %(name)r (known: %(known)s).")
                    % {"name": name, "known": ", ".join(dict.fromkeys(method.name for method in chosen))}
                )
        chosen = [method for method in chosen if method.name in wishes.methods]
    by_base: dict[str, list[Method]] = {}
    for method in chosen:
        by_base.setdefault("" if wishes.across_groups else method.base_model, []).append(method)
    for alone in (members[0] for members in by_base.values() if len(members) == 1):
        raise CampaignRefusedError(
            _("%(method)s has no other method of its group to be compared with.") % {"method": alone}
        )
    return tuple(map(tuple, by_base.values()))


def _refuse_gaps(groups: Sequence[Sequence[Method]], table: OutputTable) -> None:
    if not table.item_ids:
        raise CampaignRefusedError(_("These methods have no outputs: import them first."))
    for group in groups:
        for method in group:
            lacking = table.lacking(method.pk)
            if lacking:
                named = ", ".join(lacking[:NAMED]) + (", …" if len(lacking) > NAMED else "")
                sentence = ngettext(
                    "%(method)s has no output for %(n)s text that others have one for (%(named)s):"
                    " import it, or choose other methods.",
                    "%(method)s has no output for %(n)s texts that others have one for (%(named)s):"
                    " import them, or choose other methods.",
                    len(lacking),
                )
                raise CampaignRefusedError(sentence % {"method": method, "n": len(lacking), "named": named})
        kinds = {table.gives_text[method.pk] for method in group}
        if len(kinds) > 1 or None in kinds:
            raise CampaignRefusedError(
                _("Some of these methods give texts and some distributions: the kind would tell them apart.")
            )


def _comparisons(
    campaign: Campaign,
    groups: Sequence[Sequence[Method]],
    table: OutputTable,
    wishes: CampaignWishes,
    *,
    n_judges: int,
) -> tuple[Comparison, ...]:
    """In random order: in the order of a design, the same pair could come to a judge many times in a row."""
    rng = np.random.default_rng(wishes.seed)
    drawn: list[tuple[int, int, int]] = []
    for group in groups:
        pks = sorted(method.pk for method in group)
        try:
            pairs = (
                all_pairs(len(pks))
                if wishes.opponents is None
                else balanced_pairs(len(pks), opponents_per_method=wishes.opponents, rng=rng)
            )
            plan = plan_comparisons(
                len(pks),
                len(table.item_ids),
                texts_per_pair=len(table.item_ids) if wishes.items is None else wishes.items,
                judges_per_comparison=wishes.judges_per_comparison,
                # Judges may join later; who takes which comparison is settled when they ask for one.
                n_judges=max(n_judges, wishes.judges_per_comparison),
                rng=rng,
                pairs=pairs,
            )
        except DesignError as error:
            raise CampaignRefusedError(_("There is no such plan: %(why)s.") % {"why": error}) from error
        drawn += [
            (table.item_ids[item], pks[low], pks[high])
            for item, (low, high) in zip(
                plan.comparison_item.tolist(), plan.comparison_pair.tolist(), strict=True
            )
        ]
    return tuple(
        Comparison(
            campaign=campaign,
            item_id=drawn[place][0],
            low_id=drawn[place][1],
            high_id=drawn[place][2],
            mode=Comparison.Mode.DESIGNED,
            position=position,
        )
        for position, place in enumerate(rng.permutation(len(drawn)).tolist())
    )


def set_campaign_state(campaign: Campaign, state: str) -> bool:
    """Whether it was in another state before."""
    if state not in Campaign.State.values:
        raise CampaignRefusedError(_("A campaign is open, paused or closed."))
    changed = Campaign.objects.filter(pk=campaign.pk).exclude(state=state).update(state=state)
    campaign.state = state
    return bool(changed)
