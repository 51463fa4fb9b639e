"""From wishes to comparisons: who meets whom on which text, and what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.history import record_change
from annotations.models import Study, StudyChange, User
from hlv.stats.arrays import IntArray
from hlv.stats.power.comparison_design import DesignError, all_pairs, balanced_pairs, spread_over_texts
from metaeval.formats.outputs import names_itself
from metaeval.models import Comparison, Method, UnaskedTie
from metaeval.selectors.campaign_draft import NAMED, CampaignDraft
from metaeval.selectors.campaigns import OutputTable, active_judges, judging_pace, output_table
from metaeval.selectors.outputs import ShownOutput, shown_outputs
from metaeval.services.campaigns.campaign_spec import (
    CampaignRefusedError,
    CampaignSpec,
    campaign_from_spec,
    campaign_question,
    protocol_from_spec,
)

CHUNK = 2000


@transaction.atomic
def plan_campaign(
    study: Study, wishes: CampaignSpec, *, opened: bool, by: User | None = None
) -> CampaignDraft:
    """Choose pairs and texts, and store them with their campaign, and who planned it."""
    # The lock orders two plans of one name.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    plan = foresee_campaign(study, wishes, opened=opened)
    _store(plan)
    record_change(
        study,
        what=StudyChange.What.CAMPAIGN,
        subject=plan.campaign.name,
        after=str(plan.campaign.state),
        by=by,
    )
    return plan


def foresee_campaign(study: Study, wishes: CampaignSpec, *, opened: bool) -> CampaignDraft:
    """The plan, and so its cost, which is read alone: nothing is locked, and nothing written."""
    campaign = campaign_from_spec(study, wishes, opened=opened)
    protocol = protocol_from_spec(study, wishes)
    groups = _groups(study, wishes)
    methods = {method.pk: method for group in groups for method in group}
    table = output_table(study, list(methods.values()))
    _refuse_gaps(groups, table)
    # Stored with the plan, so that everybody reads which question was asked, also where nobody worded it.
    campaign.question = campaign_question(campaign, of_texts=_give_texts(groups, table))
    compared = _compared(groups, table, wishes)
    shown = shown_outputs(list(methods), set(compared[:, 0].tolist()))
    return CampaignDraft(
        campaign=campaign,
        protocol=protocol,
        compared=compared,
        identical=_identical(compared, shown),
        groups=groups,
        n_items_without_outputs=table.n_items_without,
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
    """Places of comparisons whose two outputs no judge could tell apart."""
    looks = {key: output.look for key, output in shown.items()}
    return {
        place: (shown[low, item].digest, shown[high, item].digest)
        for place, (item, low, high) in enumerate(compared.tolist())
        if looks[low, item] == looks[high, item]
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


def _groups(study: Study, wishes: CampaignSpec) -> tuple[tuple[Method, ...], ...]:
    """The methods that meet one another: those of one base model, unless all may meet."""
    known = list(study.methods.all())
    if not known:
        raise CampaignRefusedError(_("The study has no methods yet. Import their outputs first."))
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
            _("%(method)s is the only method in its group, so it cannot be compared.") % {"method": alone}
        )
    return tuple(map(tuple, by_base.values()))


def _refuse_gaps(groups: Sequence[Sequence[Method]], table: OutputTable) -> None:
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


def _compared(groups: Sequence[Sequence[Method]], table: OutputTable, wishes: CampaignSpec) -> IntArray:
    """In random order: in the order of a design, the same pair could come to a judge many times in a row."""
    rng = np.random.default_rng(wishes.seed)
    items = np.array(table.item_ids)
    drawn = []
    for group in groups:
        methods = np.array(sorted(method.pk for method in group))
        try:
            pairs = (
                all_pairs(len(methods))
                if wishes.opponents is None
                else balanced_pairs(len(methods), opponents_per_method=wishes.opponents, rng=rng)
            )
            # Who takes which comparison is settled when a judge asks for one.
            pair, item = spread_over_texts(
                len(pairs),
                len(items),
                texts_per_pair=len(items) if wishes.items is None else wishes.items,
                rng=rng,
            )
        except DesignError as error:
            raise CampaignRefusedError(
                _(
                    "This design is not possible: %(why)s. Change the number of texts per pair or opponents per method."
                )
                % {"why": error}
            ) from error
        drawn.append(np.column_stack([items[item], methods[pairs[pair]]]))
    compared = np.concatenate(drawn)
    return compared[rng.permutation(len(compared))]
