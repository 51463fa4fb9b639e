"""hlv rank: the experts' ranking of the methods."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from annotations.formats.wording import counted
from annotations.science.wording import p_equals
from hlv.naming import campaign_of
from hlv.provenance import with_provenance
from hlv.ranking_arguments import (
    add_part_arguments,
    add_ranking_arguments,
    part_params,
    ranking_params,
    way_by_base_model,
)
from hlv.terminal import ResultCommand, interval, number, probability, study_of, uuid_of
from metaeval.charts.tables import judges_matter
from metaeval.models import Ranking
from metaeval.science.still_needed import OUT_OF_REACH, is_out_of_reach
from metaeval.services.following import said_of_the_plan
from metaeval.services.plans import planned_ranking_params


class Command(ResultCommand):
    help = "Rank the methods of a study by its judgments, as its analysis plan says where one is frozen. Example: hlv rank areas-of-law --ties davidson --json"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_ranking_arguments(parser)
        add_part_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        study = study_of(options["slug"])
        campaign = campaign_of(study, options["campaign"])
        asked = ranking_params(options) | part_params(options)
        params = {"campaign": str(campaign.uuid)} | planned_ranking_params(campaign) | asked
        done = self.run_job(kind="ranking", study=study, params=params)
        snapshot = Ranking.objects.get(uuid=uuid_of(done, "ranking"))
        result = snapshot.result
        if options["as_json"]:
            self.print_json(with_provenance(snapshot))
        else:
            self.print_cited(ranking_table(result), snapshot)
            if result["differences"]:
                self.print_cited(neighbours_table(result), snapshot)
            if result["checks"] is not None:
                self.print_cited(other_models_table(result["checks"]), snapshot)
                kinds = result["checks"]["kinds_of_ties"]
                if kinds["n_both"] or kinds["n_neither"]:
                    self.print_cited(kinds_of_ties_table(kinds), snapshot)
            planned = said_of_the_plan(result)
            for note in (*filter(None, [planned]), *result["notes"], *checks_in_words(result["checks"])):
                self.stdout.write(note)
        if result["undetermined"]:
            self.stderr.write(result["undetermined"])
            if way := way_by_base_model(result):
                self.stderr.write(way)
            sys.exit(1)


# What the estimate is called: a win rate is no strength.
ESTIMATES = {
    "bradley-terry": "strength",
    "rank-centrality": "log stationary share",
    "win-rate": "win rate",
}


def _in_the_fit(result: dict[str, Any]) -> str:
    n = result["n_judgments_in_fit"]
    return "" if n == result["n_judgments"] else f", {n:,} of them in the fit"


def ranking_table(result: dict[str, Any]) -> Table:
    is_analytic = any(row["degrees_of_freedom"] is not None for row in result["methods"])
    table = Table(
        title=f"{result['model']}, ties {result['ties']}, {counted(result['n_judgments'], 'judgments')} of "
        f"{counted(result['n_judges'], 'judges') if result['n_judges'] else 'unknown judges'}{_in_the_fit(result)}\n"
        f"{_interval_in_words(result)}"
    )
    headings = ["rank", "method", ESTIMATES[result["model"]], "95 % interval"]
    headings += ["d.f.", "bootstrap interval"] if is_analytic else []
    matters = judges_matter(result)
    given = ["95 %, these judges", "ranks, these judges"] if matters else []
    for heading in (*headings, "rank interval", *given, "judgments"):
        table.add_column(heading)
    for row in result["methods"]:
        ranks = row["rank_interval"]
        of_given = row.get("rank_interval_given_judges")
        given = [
            interval(row.get("interval_given_judges")),
            "–" if of_given is None else f"{of_given[0]} to {of_given[1]}",
        ]
        beside = [number(row["degrees_of_freedom"], digits=1), interval(row["bootstrap_interval"])]
        table.add_row(
            "–" if row["rank"] is None else str(row["rank"]),
            row["name"],
            number(row["strength"]),
            interval(row["interval"]),
            *(beside if is_analytic else []),
            "–" if ranks is None else f"{ranks[0]} to {ranks[1]}",
            *(given if matters else []),
            str(row["n_judgments"]),
        )
    return table


def neighbours_table(result: dict[str, Any]) -> Table:
    """Each method beside the one below it; --json has every two of them."""
    table = Table(
        title="How sure the order is: neighbours\nstill needed: to tell them apart by a chance of 80 % or more, "
        f"by more judges on more texts; more than {OUT_OF_REACH} times the judgments there are is out of reach"
    )
    for heading in (
        *(
            "above",
            "below",
            "difference",
            "95 % interval",
            "all together",
            "adjusted p",
            "above in resamples",
        ),
        *("still needed", "compare next"),
    ):
        table.add_column(heading)
    for row in result["differences"]:
        if "still_needed" not in row:
            continue
        share, best = row["share_of_resamples"], row["best_comparison"]
        table.add_row(
            row["above"],
            row["below"],
            number(row["difference"]),
            interval(row["interval"]),
            interval(row["simultaneous_interval"]),
            probability(row["adjusted_p"]),
            "–" if share is None else f"{share:.0%}",
            _still_needed(row, n_judgments=result["n_judgments"]),
            "–" if best is None else " – ".join(best),
        )
    return table


def _still_needed(row: dict[str, Any], *, n_judgments: int) -> str:
    if is_out_of_reach(row, n_judgments=n_judgments):
        return "out of reach"
    needed = row["still_needed"]
    return "–" if needed is None else f"{needed['judgments']:,}"


def other_models_table(checks: dict[str, Any]) -> Table:
    table = Table(title="The order by other models")
    for heading in ("model", "ties", "tau-b with the ranking", "leads", "remark"):
        table.add_column(heading)
    for row in checks["other_models"]:
        if row["undetermined"]:
            table.add_row(row["model"], row["ties"], "–", "–", row["undetermined"])
        else:
            table.add_row(row["model"], row["ties"], number(row["tau_b"]), ", ".join(row["leaders"]), "")
    return table


def kinds_of_ties_table(kinds: dict[str, Any]) -> Table:
    table = Table(title="“Both good” and “neither good” by method, which the ranking takes for ties")
    for heading in ("method", "verdicts", "both good", "neither good"):
        table.add_column(heading)
    for row in kinds["by_method"]:
        shares = [
            "–" if row[f"share_{kind}"] is None else f"{row[f'n_{kind}']:,} ({row[f'share_{kind}']:.1%})"
            for kind in ("both", "neither")
        ]
        table.add_row(row["method"], f"{row['n_verdicts']:,}", *shares)
    return table


def checks_in_words(checks: dict[str, Any] | None) -> list[str]:
    """The side effect, where nobody could judge, and whether one scale fits; --json has the residuals of pairs."""
    if checks is None:
        return []
    side, fit = checks["side_effect"], checks["fit"]
    if side["undetermined"]:
        said = [f"Side effect: {side['undetermined']}"]
    else:
        by_judge = (
            f"by judge p {p_equals(side['judge_p'])}"
            if side["judge_p"] is not None
            else f"by judge undetermined ({side['judge_undetermined']})"
        )
        said = [
            f"Side effect: the left side adds {number(side['side_effect'])} log odds; {by_judge}, likelihood ratio "
            f"p {p_equals(side['p'])} (as if judgments were independent)."
        ]
    said += _cannot_in_words(checks["cannot_judge"])
    if fit["undetermined"]:
        return [*said, f"Fit of one scale: {fit['undetermined']}"]
    circular = (
        "no complete triad"
        if fit["circular_share"] is None
        else f"{fit['n_circular']} of {fit['n_complete']} triads circular, {fit['expected_share']:.1%} expected, "
        f"p {p_equals(fit['circular_p'])}"
    )
    return [
        *said,
        f"Fit of one scale: {counted(len(fit['surprising']), 'pairs')} beyond chance, chi-squared {number(fit['chi_squared'])} with "
        f"{fit['degrees']} d.f., p {p_equals(fit['p'])} (as if judgments were independent); {circular}.",
    ]


def _cannot_in_words(found: dict[str, Any]) -> list[str]:
    if not found["n"]:
        return []
    said = f"“Cannot judge”: {found['n']:,} of {found['n_verdicts']:,} verdicts, which leave the ranking"
    if found["p"] is None:
        return [f"{said}. {found['undetermined']}"]
    shares = {row["method"]: row["share"] for row in found["by_method"] if row["share"] is not None}
    most, least = max(shares, key=lambda name: shares[name]), min(shares, key=lambda name: shares[name])
    return [
        f"{said}; most with {most} ({shares[most]:.1%}), least with {least} ({shares[least]:.1%}); p that judges say it "
        f"whatever the methods are {p_equals(found['p'])}."
    ]


def _interval_in_words(result: dict[str, Any]) -> str:
    """Which interval stands in the table: two rules can differ much on one board."""
    method = result["interval_method"]
    if method is None:
        return "no interval"
    return f"interval: {method}" if method.startswith("bootstrap") else f"interval: analytic, {method}"
