"""What a researcher asks for when a campaign is planned, and what no campaign can have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from annotations.models import Study
from metaeval.models import Campaign, Protocol

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
    """The campaign cannot be so; the sentence says what to change."""


@dataclass(frozen=True, kw_only=True)
class CampaignSpec:
    """What a researcher asks for; None is all there are.

    `opponents`: how many others each method meets; `items`: on how many texts each pair is compared; `quota`:
    verdicts of one judge. What judges are asked and shown is told by `Protocol`, field by field.
    """

    name: str
    question: str = ""
    explanation: str = ""
    methods: tuple[str, ...] | None = None
    group: str | None = None
    across_groups: bool = False
    opponents: int | None = None
    items: int | None = None
    judges_per_comparison: int = 1
    threshold: float = 0.05
    seed: int = 0
    labels_first: str = Protocol.LabelsFirst.NEVER.value
    identical: str = Protocol.Identical.ASK.value
    label_order: str = Protocol.LabelOrder.MEAN.value
    outputs_as: str = Protocol.OutputsAs.PLAIN.value
    offers_marks: bool = True
    repeat_share: float = 0.0
    quota: int | None = None
    break_every: int = 25


def paper_spec(*, name: str, **more: Any) -> CampaignSpec:
    """The design of Kurniawan et al. (2026): labels before each pair, all pairs within a base model, 80 texts each.

    Thirteen methods of two base models make 2 x 78 x 80 = 12,480 comparisons.
    """
    paper: dict[str, Any] = {
        "items": PAPER_TEXTS_PER_PAIR,
        "labels_first": Protocol.LabelsFirst.EACH_PAIR.value,
        "label_order": Protocol.LabelOrder.OWN.value,
        "judges_per_comparison": 1,
    }
    return CampaignSpec(name=name, **(paper | more))


def campaign_from_spec(study: Study, wishes: CampaignSpec, *, opened: bool) -> Campaign:
    if not wishes.name:
        raise CampaignRefusedError(_("Give the campaign a name."))
    if study.campaigns.filter(name=wishes.name).exists():
        raise CampaignRefusedError(
            _("There is already a campaign %(name)r, and a plan cannot change. Choose another name.")
            % {"name": wishes.name}
        )
    if not 1 <= wishes.judges_per_comparison <= MOST_JUDGES:
        raise CampaignRefusedError(
            _("A comparison must have 1 to %(most)s judges, not %(n)s.")
            % {"most": MOST_JUDGES, "n": wishes.judges_per_comparison}
        )
    if not 0 <= wishes.threshold <= 1:
        raise CampaignRefusedError(_("The threshold must be between 0 and 1."))
    if not 0 <= wishes.seed <= LARGEST_SEED:
        raise CampaignRefusedError(_("A seed must be a whole number, 0 or more."))
    campaign = Campaign(
        study=study,
        name=wishes.name,
        question=wishes.question,
        state=Campaign.State.OPEN if opened else Campaign.State.PAUSED,
        seed=wishes.seed,
        threshold=wishes.threshold,
        judges_per_comparison=wishes.judges_per_comparison,
    )
    _refuse_what_fields_refuse(campaign, "study")
    return campaign


def protocol_from_spec(study: Study, wishes: CampaignSpec) -> Protocol:
    """Not stored, and of no campaign yet."""
    if not 0 <= wishes.repeat_share <= LARGEST_REPEAT_SHARE:
        raise CampaignRefusedError(_("The share of repeated pairs must be between 0 and 0.5."))
    if wishes.quota is not None and wishes.quota < 1:
        raise CampaignRefusedError(_("A quota must be at least 1."))
    if len(wishes.explanation) > LONGEST_EXPLANATION:
        raise CampaignRefusedError(
            _("The explanation has more than %(n)s characters.") % {"n": LONGEST_EXPLANATION}
        )
    asks_labels = wishes.labels_first != Protocol.LabelsFirst.NEVER
    if asks_labels and not study.labels.filter(is_active=True).exists():
        raise CampaignRefusedError(_("The study has no labels, so judges cannot choose labels first."))
    protocol = Protocol(
        design=Protocol.Design.ALL_PAIRS if wishes.opponents is None else Protocol.Design.BALANCED,
        opponents=wishes.opponents,
        explanation=wishes.explanation,
        labels_first=wishes.labels_first,
        identical=wishes.identical,
        label_order=wishes.label_order,
        outputs_as=wishes.outputs_as,
        offers_marks=wishes.offers_marks,
        repeat_share=wishes.repeat_share,
        quota=wishes.quota,
        break_every=wishes.break_every,
    )
    _refuse_what_fields_refuse(protocol, "campaign", "opponents")
    return protocol


def _refuse_what_fields_refuse(row: models.Model, *besides: str) -> None:
    try:
        row.clean_fields(exclude=besides)
    except ValidationError as error:
        faults = (f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
        raise CampaignRefusedError(" ".join(faults)) from error
