"""hlv plan-campaign: outputs to be judged blind and in pairs."""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hlv.core.rendering.numbers import counted
from hlv.terminal import known_study, read_text
from metaeval.findings.campaign_summary import draft_notes
from metaeval.models import Protocol
from metaeval.selectors.campaigns import CampaignDraft, JudgingPace
from metaeval.services.campaigns import (
    CampaignRefusedError,
    CampaignSpec,
    foresee_campaign,
    paper_spec,
    plan_campaign,
)

ALL_PAIRS, BALANCED = "all-pairs", "balanced"
PAPER = "paper"
SETTINGS = (
    *("judges_per_comparison", "threshold", "seed", "labels_first", "identical", "label_order", "outputs_as"),
    *("offers_marks", "repeat_share", "quota", "break_every"),
)


# What is not said is left to the preset, or to what is usual.
UNSAID = argparse.SUPPRESS


def _add_design(parser: CommandParser) -> None:
    """Which pairs of methods, on how many texts."""
    parser.add_argument("--methods", metavar="A,B,C", help="default: all")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--group",
        metavar="NAME",
        help="only methods of this base model; default: all, compared within their base model",
    )
    which.add_argument(
        "--across-groups", action="store_true", help="also compare methods of different base models"
    )
    parser.add_argument(
        "--design",
        choices=[ALL_PAIRS, BALANCED],
        default=ALL_PAIRS,
        help="every pair, or --opponents opponents per method",
    )
    parser.add_argument(
        "--against",
        metavar="NAME",
        help="every method meets this one alone, such as human for the human distribution",
    )
    parser.add_argument("--opponents", type=int, metavar="N", help="for --design balanced: at least 2")
    parser.add_argument("--items", type=int, metavar="N", help="texts per pair, spread evenly (default: all)")
    parser.add_argument(
        "--all-texts",
        action="store_true",
        help="also draw training and dev texts, where the texts have a fact split (default: test texts only)",
    )


def _add_protocol(parser: CommandParser) -> None:
    """How they are asked about."""
    parser.add_argument("--judges-per-comparison", type=int, default=UNSAID, metavar="N", help="(1)")
    parser.add_argument(
        "--threshold",
        type=float,
        default=UNSAID,
        metavar="P",
        help="labels below this in both outputs are hidden (0.05)",
    )
    parser.add_argument(
        "--seed", type=int, default=UNSAID, metavar="N", help="the same seed gives the same plan (0)"
    )
    parser.add_argument(
        "--preset",
        choices=[PAPER],
        help="the design of Kurniawan et al. 2026: all pairs within a base model on 80 texts each, labels first; "
        "other options override it",
    )
    parser.add_argument(
        "--explanation", type=Path, metavar="FILE", help="explanation of the criterion, in Markdown"
    )
    for name, choices, text in (
        (
            "--labels-first",
            Protocol.LabelsFirst,
            "judges label the text before they see the outputs (never)",
        ),
        (
            "--identical",
            Protocol.Identical,
            "pairs whose outputs look the same: ask, or count a tie (ask)",
        ),
        (
            "--label-order",
            Protocol.LabelOrder,
            "order of labels: by the mean of both outputs, as in the study, or by size (mean)",
        ),
        (
            "--outputs-as",
            Protocol.OutputsAs,
            "how texts are shown (markdown where most outputs use it, else plain)",
        ),
    ):
        parser.add_argument(name, choices=choices.values, default=UNSAID, help=text)
    parser.add_argument(
        "--no-marks",
        action="store_false",
        dest="offers_marks",
        default=UNSAID,
        help="do not let judges mark differences",
    )
    parser.add_argument(
        "--repeats",
        type=float,
        dest="repeat_share",
        default=UNSAID,
        metavar="P",
        help="share of a judge's pairs that are repeated with sides swapped (0)",
    )
    parser.add_argument(
        "--quota",
        type=int,
        default=UNSAID,
        metavar="N",
        help="judgments per judge (no limit)",
    )
    parser.add_argument(
        "--break-every",
        type=int,
        default=UNSAID,
        metavar="N",
        help="offer a break after N judgments; 0 = never (25)",
    )


class Command(BaseCommand):
    help = (
        "Plan a campaign: which outputs judges compare, blind and in pairs. It starts when you open it. "
        "Example: hlv plan-campaign areas-of-law accuracy --criterion 'Which names the better areas?' "
        "--items 40"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument("name", metavar="NAME", help="name of the campaign; one per criterion")
        parser.add_argument(
            "--criterion", default="", metavar="TEXT", help="the question that judges answer for each pair"
        )
        _add_design(parser)
        _add_protocol(parser)
        parser.add_argument(
            "--open", action="store_true", dest="opened", help="open the campaign immediately"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="report what it would cost, and store nothing"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        try:
            plan = (foresee_campaign if options["dry_run"] else plan_campaign)(
                study, campaign_spec_of(options), opened=options["opened"]
            )
        except CampaignRefusedError as refused:
            raise CommandError(str(refused)) from refused
        if options["as_json"]:
            said = _as_json(plan) | {"study": study.slug, "dry_run": options["dry_run"]}
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
            return
        self.stdout.write(_sentence(plan, would=options["dry_run"]))
        self.stdout.write(
            f"At {plan.pace.seconds:.0f} seconds per pair ({_origin(plan.pace)}), judging takes {_duration(plan.cost.hours)} in total."
        )
        for note in draft_notes(plan):
            self.stdout.write(note)
        if not (options["dry_run"] or options["opened"]):
            self.stdout.write(f"To open it: hlv set-campaign {study.slug} {quote(plan.campaign.name)} open")


def _origin(pace: JudgingPace) -> str:
    if pace.n_verdicts:
        return f"the median of this study's latest {pace.n_verdicts:,} judgments"
    return "the default: too few judgments were timed here"


def campaign_spec_of(options: dict[str, Any]) -> CampaignSpec:
    if (options["design"] == BALANCED) != (options["opponents"] is not None):
        raise CommandError("--design balanced and --opponents N go together.")
    named = options["methods"]
    # A name with a comma in it stands in double quotes.
    cells = [] if named is None else next(csv.reader([named], skipinitialspace=True), [])
    methods = tuple(cell.strip() for cell in cells if cell.strip())
    if named is not None and not methods:
        raise CommandError("--methods needs at least one name.")
    said = {name: options[name] for name in SETTINGS if name in options}
    if options["items"] is not None:
        said["items"] = options["items"]
    if options["explanation"] is not None:
        said["explanation"] = read_text(options["explanation"])
    name = options["name"].strip()
    return replace(
        paper_spec(name=name) if options["preset"] == PAPER else CampaignSpec(name=name),
        question=options["criterion"].strip(),
        methods=methods or None,
        group=options["group"],
        across_groups=options["across_groups"],
        against=options["against"],
        opponents=options["opponents"],
        all_texts=options["all_texts"],
        **said,
    )


def _as_json(plan: CampaignDraft) -> dict[str, object]:
    return {
        "campaign": plan.campaign.name,
        "uuid": str(plan.campaign.uuid),
        "state": plan.campaign.state,
        "question": plan.campaign.question,
        "groups": [[str(method) for method in group] for group in plan.groups],
        "n_items": plan.n_items,
        "n_comparisons": plan.n_comparisons,
        "n_identical": plan.n_identical,
        "n_unasked_ties": len(plan.unasked),
        "n_repeats": plan.cost.n_repeats,
        "judges_per_comparison": plan.campaign.judges_per_comparison,
        "n_judgments": plan.n_judgments,
        "n_judges": plan.n_judges,
        "judgments_per_judge": plan.judgments_per_judge,
        "hours": round(plan.cost.hours, 2),
        "protocol": {
            name: getattr(plan.protocol, name)
            for name in ("design", "opponents", "against", "explanation", *SETTINGS)
            if hasattr(plan.protocol, name)
        },
        "seed": plan.campaign.seed,
        "notes": draft_notes(plan),
    }


def _duration(hours: float) -> str:
    return f"{hours:,.1f} hours" if hours >= 1 else counted(max(1, round(hours * 60)), "minutes")


def _sentence(plan: CampaignDraft, *, would: bool) -> str:
    n_methods = sum(len(group) for group in plan.groups)
    repeats = f" and {counted(plan.cost.n_repeats, 'repeats')}" if plan.cost.n_repeats else ""
    sentence = (
        f"The campaign {plan.campaign.name} {'would have' if would else 'has'}"
        f" {counted(plan.n_comparisons, 'comparisons')} of {counted(n_methods, 'methods')}"
        f" on {counted(plan.n_items, 'texts')}: {counted(plan.n_judgments, 'judgments')}{repeats}"
    )
    if plan.judgments_per_judge is None:
        return f"{sentence}."
    if plan.n_judges == 1:
        return f"{sentence}, {plan.judgments_per_judge} for the only judge."
    return f"{sentence}, about {plan.judgments_per_judge} for each of {plan.n_judges} judges."
