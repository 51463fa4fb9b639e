"""Campaigns in words: what is asked, what it costs, and what an audit found."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.models import Job
from hlv.core.rendering.numbers import figure, share
from hlv.stats.power.forecast import ignored_variation
from metaeval.models import Campaign, Protocol
from metaeval.results.power_analysis import read_power_analysis
from metaeval.selectors.audit import Audit
from metaeval.selectors.campaigns import NAMED, CampaignDraft, JudgingCost
from metaeval.selectors.protocols import lesser_quota

Line = tuple[str, str | Promise]


@dataclass(frozen=True)
class Check:
    """One thing that a blind campaign must keep; `n_wrong` is how often it was not kept."""

    words: str
    n_wrong: int
    of: int


def protocol_lines(campaign: Campaign, protocol: Protocol) -> list[Line]:
    """What judges are asked and shown, as terms and what they are."""
    lines: list[Line] = [
        (_("Design"), protocol.get_design_display()),
        (_("Judges per comparison"), str(campaign.judges_per_comparison)),
        (_("Labels first"), protocol.get_labels_first_display()),
        (_("Outputs that look identical"), protocol.get_identical_display()),
        (_("Order of labels"), protocol.get_label_order_display()),
        (_("Labels are hidden below"), f"{campaign.threshold:g}"),
        (_("Texts are shown as"), protocol.get_outputs_as_display()),
        (_("Judges may mark differences"), _("yes") if protocol.offers_marks else _("no")),
        (_("Repeated pairs"), f"{protocol.repeat_share:.0%}"),
        (_("Judgments per judge"), str(protocol.quota or _("no limit"))),
        (_("Breaks"), _break_words(protocol)),
        (_("Seed"), str(campaign.seed)),
    ]
    if protocol.against:
        lines.insert(1, (_("Compared with"), protocol.against))
    if protocol.opponents is not None:
        lines.insert(1, (_("Opponents per method"), str(protocol.opponents)))
    return lines


def _break_words(protocol: Protocol) -> str:
    if not protocol.break_every:
        return _("never")
    return ngettext("after each verdict", "after %(n)s verdicts", protocol.break_every) % {
        "n": protocol.break_every
    }


def cost_lines(plan: CampaignDraft) -> list[tuple[str, str, str]]:
    """What a plan would ask of people: terms, numbers, and words beside them."""
    lines = [
        (_("Methods"), str(plan.n_methods), ""),
        (_("Texts"), str(plan.n_items), ""),
        (_("Comparisons"), f"{plan.n_comparisons:,}", ""),
        (_("Judgments"), f"{plan.n_judgments:,}", ""),
    ]
    if plan.cost.n_repeats:
        lines.append((_("Repeats"), f"{plan.cost.n_repeats:,}", ""))
    if plan.judgments_per_judge is not None:
        lines.append((_("Per judge, about"), f"{plan.judgments_per_judge:,}", ""))
    return [*lines, (_("Hours of judging"), f"{plan.cost.hours:,.1f}", pace_words(plan.cost))]


def pace_words(cost: JudgingCost) -> str:
    """What hours of judging rest on."""
    facts = {"seconds": f"{cost.pace.seconds:.0f}", "n": f"{cost.pace.n_verdicts:,}"}
    if not cost.pace.n_verdicts:
        words = _("at %(seconds)s seconds per pair (the default: too few judgments were timed)")
    else:
        words = _("at %(seconds)s seconds per pair (median of this study’s latest %(n)s judgments)")
    return f"{words}{_('; repeats included')}" % facts if cost.n_repeats else words % facts


def expected_width(forecast: Job | None) -> dict[str, str] | None:
    """The width of a 95 % interval that simulations of a campaign found, with its middle 95 %."""
    if forecast is None or forecast.result is None:
        return None
    found = read_power_analysis(forecast.result).forecasts[0]
    width, order = found.difference_width, found.true_order
    if width is None:
        return None
    return {
        "median": figure(width.median),
        "low": figure(width.low),
        "high": figure(width.high),
        "n": str(found.n_simulations),
        "order": "" if order is None else share(order.share),
        "leaves_out": ignored_variation(found.plan) or "",
    }


def audit_checks(found: Audit) -> list[Check]:
    """Each rule with how often it was broken, of how many."""
    n_pairs = sum(len({key[:2] for key in one.sides}) for one in found.judges)
    unbalanced = sum(
        abs(one.sides[low, high, True] - one.sides[low, high, False]) > 1
        for one in found.judges
        for low, high in {key[:2] for key in one.sides}
    )
    return [
        Check(
            _("For each judge and pair, each method appeared on the left equally often (±1)."),
            unbalanced,
            n_pairs,
        ),
        Check(
            _("The side matches the stored seed."),
            found.n_against_the_rule,
            found.n_exposures - found.n_repeats,
        ),
        Check(_("A repeated pair had its sides swapped."), found.n_repeats_not_flipped, found.n_repeats),
        Check(
            _("Labels were stored before the outputs were shown."), found.n_labelled_late, found.n_labelled
        ),
        Check(
            _("Both outputs are unchanged since they were shown."),
            found.n_changed,
            found.n_exposures,
        ),
        Check(_("No two judges had the same order."), found.n_orders_alike, len(found.judges)),
    ]


def draft_notes(draft: CampaignDraft) -> list[str]:
    """What a researcher should know before a campaign opens."""
    return [*_notes_on_outputs(draft), *_notes_on_judges(draft)]


def _notes_on_outputs(draft: CampaignDraft) -> list[str]:
    notes = []
    if len(draft.groups) > 1:
        notes.append(
            _("Methods meet within their own group only: a ranking of all of them has no common scale.")
        )
    if draft.n_items_without_outputs:
        left_out = ngettext(
            "%(n)s text has no output of these methods and is left out.",
            "%(n)s texts have no output of these methods and are left out.",
            draft.n_items_without_outputs,
        )
        notes.append(left_out % {"n": draft.n_items_without_outputs})
    if draft.n_not_tested:
        left_out = ngettext(
            "%(n)s text with outputs is no test text of the study’s split and is left out.",
            "%(n)s texts with outputs are no test texts of the study’s split and are left out.",
            draft.n_not_tested,
        )
        notes.append(left_out % {"n": draft.n_not_tested})
    if draft.n_identical:
        identical = ngettext(
            "In %(n)s comparison both outputs look the same:",
            "In %(n)s comparisons both outputs look the same:",
            draft.n_identical,
        ) % {"n": draft.n_identical}
        tied = _("each counts as a tie, and nobody is asked.")
        asked = _("judges are asked all the same.")
        notes.append(f"{identical} {tied if draft.unasked else asked}")
    if draft.naming_themselves:
        named = ", ".join(draft.naming_themselves[:NAMED])
        naming = ngettext(
            "%(n)s output names its own method, which judges may recognise (%(named)s).",
            "%(n)s outputs name their own method, which judges may recognise (%(named)s).",
            len(draft.naming_themselves),
        )
        more = ", …" if len(draft.naming_themselves) > NAMED else ""
        notes.append(naming % {"n": len(draft.naming_themselves), "named": f"{named}{more}"})
    return notes


def _notes_on_judges(draft: CampaignDraft) -> list[str]:
    wanted = draft.campaign.judges_per_comparison
    if not draft.n_judges:
        return [_("Nobody judges in this study yet.")]
    notes = []
    if draft.n_judges < wanted:
        notes.append(
            _("Each comparison wants %(wanted)s judges, and the study has %(n)s.")
            % {"wanted": wanted, "n": draft.n_judges}
        )
    quotas = [lesser_quota(quota, draft.protocol.quota) for quota in draft.quotas]
    limited = [quota for quota in quotas if quota is not None]
    if len(limited) == draft.n_judges and sum(limited) < draft.n_judgments + draft.cost.n_repeats:
        notes.append(_("The quotas of the judges end after %(n)s judgments together.") % {"n": sum(limited)})
    return notes
