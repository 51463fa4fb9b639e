"""Campaigns: their specification, the comparisons that follow from it, and their state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.history import record_change
from annotations.models import Study, StudyChange, User
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.arrays import IntArray
from hlv.stats.power.comparison_design import DesignError, all_pairs, balanced_pairs, spread_over_texts
from metaeval.formats.outputs import names_itself
from metaeval.models import Campaign, Comparison, Method, Protocol, UnaskedTie
from metaeval.selectors.campaigns import (
    NAMED,
    CampaignDraft,
    OutputTable,
    active_judges,
    judging_pace,
    output_table,
)
from metaeval.selectors.outputs import ShownOutput, shown_outputs, usual_display

MOST_JUDGES = 1000
LARGEST_SEED = 2**63 - 1
LARGEST_REPEAT_SHARE = 0.5
LONGEST_EXPLANATION = 5000
# Of Kurniawan et al. (2026): within each of two base models all pairs of 13 methods, on 80 texts each.
PAPER_TEXTS_PER_PAIR = 80


def usual_question(*, of_texts: bool) -> str:
    """What judges are asked where nobody put a question of their own."""
    if of_texts:
        return _("Which output answers this text better?")
    return _("Which output says more accurately which labels fit this text?")


def campaign_question(campaign: Campaign, *, of_texts: bool) -> str:
    """What its judges read: also of a campaign that was stored before questions were."""
    return campaign.question or usual_question(of_texts=of_texts)


class CampaignRefusedError(ValueError):
    """The campaign is not valid; the sentence gives the change to make."""


@dataclass(frozen=True, kw_only=True)
class CampaignSpec:
    """What a researcher asks for; None is all there are.

    `against`: the one method that all others meet; `opponents`: how many others each method meets; `all_texts`: also
    training and dev texts, where the study has a split; `items`: on how many texts each pair is compared; `quota`:
    verdicts of one judge. `Protocol` describes the other fields.
    """

    name: str
    question: str = ""
    explanation: str = ""
    methods: tuple[str, ...] | None = None
    group: str | None = None
    across_groups: bool = False
    against: str | None = None
    opponents: int | None = None
    all_texts: bool = False
    items: int | None = None
    judges_per_comparison: int = 1
    threshold: float = 0.05
    seed: int = 0
    labels_first: str = Protocol.LabelsFirst.NEVER.value
    identical: str = Protocol.Identical.ASK.value
    label_order: str = Protocol.LabelOrder.MEAN.value
    # None: as Markdown where most outputs use it.
    outputs_as: str | None = None
    offers_marks: bool = True
    repeat_share: float = 0.0
    quota: int | None = None
    break_every: int = 25


def paper_spec(*, name: str) -> CampaignSpec:
    """The design of Kurniawan et al. (2026): labels before each pair, all pairs within a base model, 80 texts each.

    Thirteen methods of two base models make 2 x 78 x 80 = 12,480 comparisons.
    """
    return CampaignSpec(
        name=name,
        items=PAPER_TEXTS_PER_PAIR,
        labels_first=Protocol.LabelsFirst.EACH_PAIR.value,
        label_order=Protocol.LabelOrder.OWN.value,
        judges_per_comparison=1,
    )


def campaign_from_spec(study: Study, spec: CampaignSpec, *, opened: bool) -> Campaign:
    if not spec.name:
        raise CampaignRefusedError(_("Give the campaign a name."))
    if study.campaigns.filter(name=spec.name).exists():
        raise CampaignRefusedError(
            _("There is already a campaign %(name)r, and a plan cannot change. Choose another name.")
            % {"name": spec.name}
        )
    if not 1 <= spec.judges_per_comparison <= MOST_JUDGES:
        raise CampaignRefusedError(
            _("A comparison must have 1 to %(most)s judges, not %(n)s.")
            % {"most": MOST_JUDGES, "n": spec.judges_per_comparison}
        )
    if not 0 <= spec.threshold <= 1:
        raise CampaignRefusedError(_("The threshold must be between 0 and 1."))
    if not 0 <= spec.seed <= LARGEST_SEED:
        raise CampaignRefusedError(_("A seed must be a whole number, 0 or more."))
    campaign = Campaign(
        study=study,
        name=spec.name,
        question=spec.question,
        state=Campaign.State.OPEN if opened else Campaign.State.PAUSED,
        seed=spec.seed,
        threshold=spec.threshold,
        judges_per_comparison=spec.judges_per_comparison,
    )
    _refuse_what_fields_refuse(campaign, "study")
    return campaign


def protocol_from_spec(study: Study, spec: CampaignSpec) -> Protocol:
    """Not stored, and of no campaign yet."""
    if not 0 <= spec.repeat_share <= LARGEST_REPEAT_SHARE:
        raise CampaignRefusedError(_("The share of repeated pairs must be between 0 and 0.5."))
    if spec.quota is not None and spec.quota < 1:
        raise CampaignRefusedError(_("A quota must be at least 1."))
    if len(spec.explanation) > LONGEST_EXPLANATION:
        raise CampaignRefusedError(
            _("The explanation has more than %(n)s characters.") % {"n": LONGEST_EXPLANATION}
        )
    asks_labels = spec.labels_first != Protocol.LabelsFirst.NEVER
    if asks_labels and not study.labels.filter(is_active=True).exists():
        raise CampaignRefusedError(_("The study has no labels, so judges cannot choose labels first."))
    protocol = Protocol(
        design=_design(spec),
        opponents=spec.opponents,
        against=spec.against or "",
        explanation=spec.explanation,
        labels_first=spec.labels_first,
        identical=spec.identical,
        label_order=spec.label_order,
        outputs_as=spec.outputs_as or usual_display(study),
        offers_marks=spec.offers_marks,
        repeat_share=spec.repeat_share,
        quota=spec.quota,
        break_every=spec.break_every,
    )
    _refuse_what_fields_refuse(protocol, "campaign", "opponents")
    return protocol


def _design(spec: CampaignSpec) -> Protocol.Design:
    if spec.against is not None:
        return Protocol.Design.AGAINST
    return Protocol.Design.ALL_PAIRS if spec.opponents is None else Protocol.Design.BALANCED


def _refuse_what_fields_refuse(row: models.Model, *left_out: str) -> None:
    try:
        row.clean_fields(exclude=left_out)
    except ValidationError as error:
        faults = (f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())
        raise CampaignRefusedError(" ".join(faults)) from error


@transaction.atomic
def set_campaign_state(campaign: Campaign, state: str, *, by: User | None) -> bool:
    """Whether the state changed; the change then records who set it."""
    if state not in Campaign.State.values:
        raise CampaignRefusedError(_("A campaign must be open, paused or closed."))
    stored = Campaign.objects.select_for_update(no_key=True).select_related("study").get(pk=campaign.pk)
    campaign.state = state
    if stored.state == state:
        return False
    Campaign.objects.filter(pk=campaign.pk).update(state=state)
    record_change(
        stored.study,
        what=StudyChange.What.CAMPAIGN,
        subject=stored.name,
        before=stored.state,
        after=state,
        by=by,
    )
    return True


CHUNK = 2000


@transaction.atomic
def plan_campaign(study: Study, spec: CampaignSpec, *, opened: bool, by: User | None = None) -> CampaignDraft:
    """Choose pairs and texts, and store them with their campaign, and who planned it."""
    # The lock orders two plans of one name.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    plan = foresee_campaign(study, spec, opened=opened)
    _store(plan)
    record_change(
        study,
        what=StudyChange.What.CAMPAIGN,
        subject=plan.campaign.name,
        after=str(plan.campaign.state),
        by=by,
    )
    return plan


def foresee_campaign(study: Study, spec: CampaignSpec, *, opened: bool) -> CampaignDraft:
    """The plan, and so its cost, which is read alone: nothing is locked, and nothing written."""
    campaign = campaign_from_spec(study, spec, opened=opened)
    protocol = protocol_from_spec(study, spec)
    groups = _groups(study, spec)
    methods = {method.pk: method for group in groups for method in group}
    table = output_table(study, list(methods.values()), all_texts=spec.all_texts)
    _refuse_gaps(groups, table)
    # Stored with the plan, so that everybody reads which question was asked, also where nobody worded it.
    campaign.question = campaign_question(campaign, of_texts=_give_texts(groups, table))
    compared = _compared(groups, table, spec)
    shown = shown_outputs(list(methods), set(compared[:, 0].tolist()))
    return CampaignDraft(
        campaign=campaign,
        protocol=protocol,
        compared=compared,
        identical=_identical(compared, shown),
        groups=groups,
        n_items_without_outputs=table.n_items_without,
        n_not_tested=table.n_not_tested,
        naming_themselves=_naming_themselves(methods, shown, table),
        quotas=tuple(judge.quota for judge in active_judges(study)),
        pace=judging_pace(study),
    )


def _give_texts(groups: Sequence[Sequence[Method]], table: OutputTable) -> bool:
    return any(table.gives_text[method.pk] for group in groups for method in group)


def _store(plan: CampaignDraft) -> None:
    plan.campaign.save()
    plan.protocol.campaign = plan.campaign
    plan.protocol.save()
    comparisons = Comparison.objects.bulk_create(
        [
            Comparison(
                campaign=plan.campaign,
                item_id=item,
                low_id=low,
                high_id=high,
                mode=plan.protocol.design,
                is_asked=position not in plan.unasked,
                position=position,
            )
            for position, (item, low, high) in enumerate(plan.compared.tolist())
        ],
        batch_size=CHUNK,
    )
    UnaskedTie.objects.bulk_create(
        [
            UnaskedTie(comparison=comparisons[position], low_hash=low, high_hash=high)
            for position, (low, high) in plan.unasked.items()
        ],
        batch_size=CHUNK,
    )


def _identical(
    compared: IntArray, shown: dict[tuple[int, int | None], ShownOutput]
) -> dict[int, tuple[str, str]]:
    """Indices of comparisons whose two outputs look identical."""
    appearance = {key: output.look for key, output in shown.items()}
    return {
        place: (shown[low, item].digest, shown[high, item].digest)
        for place, (item, low, high) in enumerate(compared.tolist())
        if appearance[low, item] == appearance[high, item]
    }


def _naming_themselves(
    methods: dict[int, Method], shown: dict[tuple[int, int | None], ShownOutput], table: OutputTable
) -> tuple[str, ...]:
    """Texts, by their ids within the study, with the method whose output names itself there."""
    keys = dict(zip(table.item_ids, table.item_keys, strict=True))
    return tuple(
        f"{methods[method]}: {keys[item]}"
        for (method, item), output in shown.items()
        if item is not None
        and output.text is not None
        and names_itself(output.text, method=methods[method].name, base_model=methods[method].base_model)
    )


def _groups(study: Study, spec: CampaignSpec) -> tuple[tuple[Method, ...], ...]:
    """The methods that meet one another: those of one base model, unless all may meet."""
    known = list(study.methods.all())
    if not known:
        raise CampaignRefusedError(_("The study has no methods yet. Import their outputs first."))
    bases = list(dict.fromkeys(method.base_model for method in known))
    if spec.group is not None and spec.group not in bases:
        raise CampaignRefusedError(
            _("There is no group of methods %(name)r (known: %(known)s).")
            % {"name": spec.group, "known": ", ".join(map(repr, bases))}
        )
    chosen = [method for method in known if spec.group is None or method.base_model == spec.group]
    if spec.methods is not None:
        names = {method.name for method in chosen}
        for name in spec.methods:
            if name not in names:
                raise CampaignRefusedError(
                    _("There is no method %(name)r (known: %(known)s).")
                    % {"name": name, "known": ", ".join(dict.fromkeys(method.name for method in chosen))}
                )
        chosen = [method for method in chosen if method.name in spec.methods]
    by_base: dict[str, list[Method]] = {}
    for method in chosen:
        by_base.setdefault("" if spec.across_groups else method.base_model, []).append(method)
    if spec.against is not None:
        _refuse_without(spec, by_base)
    for alone in (members[0] for members in by_base.values() if len(members) == 1):
        raise CampaignRefusedError(
            _("%(method)s is the only method in its group, so it cannot be compared.") % {"method": alone}
        )
    return tuple(map(tuple, by_base.values()))


def _refuse_without(spec: CampaignSpec, by_base: Mapping[str, Sequence[Method]]) -> None:
    """Raise `CampaignRefusedError` where a group lacks the one method that all others meet."""
    if spec.opponents is not None:
        raise CampaignRefusedError(
            _("All methods meet %(name)r: leave out the number of opponents.") % {"name": spec.against}
        )
    for base, members in by_base.items():
        if spec.against not in {method.name for method in members}:
            raise CampaignRefusedError(
                _("There is no method %(name)r of the base model %(base)r: import its outputs first.")
                % {"name": spec.against, "base": base}
            )


def _refuse_gaps(groups: Sequence[Sequence[Method]], table: OutputTable) -> None:
    if not table.item_ids and table.n_not_tested:
        raise CampaignRefusedError(
            _(
                "These methods have no outputs for test texts. Import outputs for test texts, or also draw training "
                "and dev texts."
            )
        )
    if not table.item_ids:
        raise CampaignRefusedError(_("These methods have no outputs. Import them first."))
    for group in groups:
        for method in group:
            lacking = table.lacking(method.pk)
            if lacking:
                named = ", ".join(lacking[:NAMED]) + (", …" if len(lacking) > NAMED else "")
                sentence = ngettext(
                    "%(method)s has no output for %(n)s text that other methods have (%(named)s). Import it, or choose "
                    "other methods.",
                    "%(method)s has no output for %(n)s texts that other methods have (%(named)s). Import them, or "
                    "choose other methods.",
                    len(lacking),
                )
                raise CampaignRefusedError(sentence % {"method": method, "n": len(lacking), "named": named})
        kinds = {table.gives_text[method.pk] for method in group}
        if len(kinds) > 1 or None in kinds:
            raise CampaignRefusedError(
                _(
                    "Some of these methods output texts and others distributions, so judges could recognize them. Choose "
                    "methods of one kind."
                )
            )


def _compared(groups: Sequence[Sequence[Method]], table: OutputTable, spec: CampaignSpec) -> IntArray:
    """In random order: in the order of a design, the same pair could come to a judge many times in a row."""
    rng = np.random.default_rng(spec.seed)
    items = np.array(table.item_ids)
    drawn = []
    for group in groups:
        methods = np.array(sorted(method.pk for method in group))
        one = [method.pk for method in group if method.name == spec.against]
        try:
            pairs = (
                all_pairs(len(methods))
                if spec.opponents is None
                else balanced_pairs(len(methods), opponents_per_method=spec.opponents, rng=rng)
            )
            if spec.against is not None:
                pairs = pairs[np.isin(methods[pairs], one).any(axis=1)]
            # Who takes which comparison is settled when a judge asks for one.
            pair, item = spread_over_texts(
                len(pairs),
                len(items),
                texts_per_pair=len(items) if spec.items is None else spec.items,
                rng=rng,
            )
        except DesignError as error:
            raise CampaignRefusedError(
                _(
                    "This design is not possible: %(why)s. Change the number of texts per pair or opponents per method."
                )
                % {"why": error_sentence(error)}
            ) from error
        drawn.append(np.column_stack([items[item], methods[pairs[pair]]]))
    compared = np.concatenate(drawn)
    return compared[rng.permutation(len(compared))]
