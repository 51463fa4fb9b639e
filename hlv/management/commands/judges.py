"""hlv judges: what can be said of each judge of a campaign."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from annotations.selectors.exports import names_by_pseudonym
from hlv.command_arguments import campaign_of
from hlv.core.rendering.numbers import counted
from hlv.provenance import with_provenance
from hlv.stats.pairwise.mle_existence import TIES_RULES
from hlv.terminal import ResultCommand, check_numbers, interval, known_study, number, parse_uuid
from metaeval.exporters.judges import with_names
from metaeval.models import JudgeReport
from metaeval.results.judge_reasons import undetermined_reasons
from metaeval.services.judges import DEFAULT_RESAMPLES, DEFAULT_SEED


class Command(ResultCommand):
    help = (
        "How the judges of a campaign agree, how steady they are, which side they like, how far they can be relied "
        "on, and what changes without each. Example: hlv judges areas-of-law --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--campaign", help="which campaign (criterion), where there are several")
        parser.add_argument("--ties", choices=TIES_RULES, default="half")
        parser.add_argument(
            "--ridge", type=float, default=0.0, help="precision of a Gaussian prior; 0 is none"
        )
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
        parser.add_argument("--names", action="store_true", help="names of people, not pseudonyms")

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(options)
        study = known_study(options["slug"])
        params = {"campaign": str(campaign_of(study, options["campaign"]).uuid)}
        params |= {name: options[name] for name in ("ties", "ridge", "n_resamples", "seed")}
        done = self.run_job(kind="judges", study=study, params=params)
        snapshot = JudgeReport.objects.get(uuid=parse_uuid(done, "judge_report"))
        result = with_names(snapshot.result, names_by_pseudonym(study, with_names=options["names"]))
        if options["as_json"]:
            self.print_json(with_provenance(snapshot, result))
        else:
            self.print_cited(judges_table(result), snapshot)
            for note in (*result["notes"], *undetermined_reasons(result)):
                self.stdout.write(note)
        if result["undetermined"]:
            self.stderr.write(result["undetermined"])
            sys.exit(1)


def judges_table(result: dict[str, Any]) -> Table:
    table = Table(
        title=f"{counted(result['n_judges'], 'judges')} of “{result['campaign']}”, {counted(result['n_judgments'], 'judgments')}, "
        f"ties {result['ties']}"
    )
    for heading in (
        *("judge", "judgments", "share of the left", "agreement\nwith others", "self-\nconsistency"),
        *("circular\ntriads", "infit", "reliability", "without\nthis judge", "flags"),
    ):
        table.add_column(heading)
    for row in result["judges"]:
        table.add_row(
            row["judge"],
            str(row["n_judgments"]),
            _with_interval(row.get("side_bias", {}), "share"),
            _with_interval(row.get("agreement", {}), "same"),
            _of_flipped(row.get("self_consistency", {})),
            _of_complete(row.get("triads", {})),
            number(row.get("consensus", {}).get("infit"), digits=2),
            _with_interval(row.get("reliability", {}), "reliability"),
            without_in_words(row.get("without", {})),
            "\n".join(row["flags"]),
        )
    return table


def _with_interval(section: dict[str, Any], key: str) -> str:
    value, low, high = section.get(key), section.get("low"), section.get("high")
    words = number(value, digits=2)
    return words if low is None or high is None else f"{words} ({interval([low, high], digits=2)})"


def _of_flipped(section: dict[str, Any]) -> str:
    same = section.get("same")
    return "–" if same is None else f"{number(same, digits=2)} of {section['n_flipped']}"


def _of_complete(section: dict[str, Any]) -> str:
    share = section.get("share")
    return "–" if share is None else f"{number(share, digits=2)} of {section['n_complete']}"


def without_in_words(section: dict[str, Any]) -> str:
    """What becomes of the ranking without the judge."""
    if not section:
        return "–"
    if "undetermined" in section:
        return "no ranking"
    if section["changes_leader"]:
        return "new leader"
    n_ranks = section["largest_rank_change"]
    return "same order" if n_ranks == 0 else f"ranks ±{n_ranks:g}"
