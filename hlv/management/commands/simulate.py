"""hlv simulate: what a campaign would find, before anybody judges."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from annotations.science.chunked import Runner, in_turn
from hlv.terminal import number, print_table_to
from metaeval.science.plan import Plan, alternatives
from metaeval.services.planning import DEFAULT_SEED, DEFAULT_SIMULATIONS, forecasts

DEFAULTS = Plan(n_methods=2, n_judges=1, n_judgments=1)


class Command(BaseCommand):
    help = (
        "Simulate a judging campaign: how wide the intervals would be, how often the true order is found, and "
        "whether two metrics would be told apart. Example: hlv simulate --methods 9 --judges 20 --judgments 4000"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--methods", type=int, required=True, help="how many methods are compared")
        add("--judges", type=int, required=True, help="how many judges there are")
        add("--judgments", type=int, required=True, help="how many judgments they give together")
        add("--items", type=int, default=DEFAULTS.n_items, help="texts, judged and scored")
        add("--ties", type=float, default=DEFAULTS.tie_share, help="share of ties, from 0 to less than 1")
        add(
            "--spread",
            type=float,
            default=DEFAULTS.spread,
            help="log odds from the best method to the worst, which lie at equal distances (2: beats it 88 %% of times)",
        )
        add("--taste", type=float, default=DEFAULTS.taste_sd, help="how judges differ: deviation in log odds")
        add("--item-effect", type=float, default=DEFAULTS.item_sd, help="how texts differ, likewise")
        add(
            "--evenness",
            type=float,
            default=DEFAULTS.evenness,
            help="of the judges' activity: 1 makes 20 judges worth about 10, inf all equally active",
        )
        add(
            "--better",
            type=float,
            default=DEFAULTS.better,
            help="correlation of a good metric with the truth",
        )
        add("--worse", type=float, default=DEFAULTS.worse, help="and of the one it is to be told from")
        add("--simulations", type=int, default=DEFAULT_SIMULATIONS)
        add("--seed", type=int, default=DEFAULT_SEED)
        add("--alternatives", action="store_true", help="also twice and four times the judgments, or judges")
        add("--json", action="store_true", dest="as_json", help="print JSON, and nothing else")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            plan = plan_of(options).checked()
        except ValueError as error:
            raise CommandError(f"No such campaign can be simulated: {error}.") from error
        if options["simulations"] < 1 or options["seed"] < 0:
            raise CommandError("--simulations takes whole numbers from 1, --seed from 0.")
        plans = alternatives(plan) if options["alternatives"] else alternatives(plan)[:1]
        results = self.simulate(plans, n_simulations=options["simulations"], seed=options["seed"])
        if options["as_json"]:
            found = {**results[0]}
            if options["alternatives"]:
                found["alternatives"] = results[1:]
            self.stdout.write(json.dumps(found, indent=2, allow_nan=False))
            return
        for table in (forecast_table(results), separation_table(results[0])):
            print_table_to(self.stdout, table)
        for note in notes(results[0]):
            self.stdout.write(note)

    def simulate(
        self, plans: list[tuple[str, Plan]], *, n_simulations: int, seed: int
    ) -> list[dict[str, Any]]:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            shown = {name: bar.add_task(name, total=n_simulations) for name, _plan in plans}

            def runner_of(name: str) -> Runner:
                def told(done: int, total: int) -> None:
                    bar.update(shown[name], completed=done, total=total)

                return partial(in_turn, progress=told)

            return forecasts(plans, n_simulations=n_simulations, seed=seed, runner_of=runner_of)


def plan_of(options: dict[str, Any]) -> Plan:
    return Plan(
        n_methods=options["methods"],
        n_judges=options["judges"],
        n_judgments=options["judgments"],
        n_items=options["items"],
        spread=options["spread"],
        tie_share=options["ties"],
        taste_sd=options["taste"],
        item_sd=options["item_effect"],
        evenness=options["evenness"],
        better=options["better"],
        worse=options["worse"],
    )


def forecast_table(results: list[dict[str, Any]]) -> Table:
    """A column for each plan."""
    plan = results[0]["plan"]
    table = Table(
        title=f"{plan['n_methods']} methods over {plan['spread']:g} log odds, {plan['tie_share']:.0%} ties, "
        f"{results[0]['n_simulations']} simulations, seed {results[0]['seed']}"
    )
    table.add_column("")
    for result in results:
        table.add_column(result["name"])
    rows: list[tuple[str, list[str]]] = [
        ("judges", [str(result["plan"]["n_judges"]) for result in results]),
        ("judgments", [str(result["plan"]["n_judgments"]) for result in results]),
        ("95 % interval of a difference, median width", [_width(result) for result in results]),
        ("true order found", [_share(result["true_order"]) for result in results]),
        ("best method found", [_share(result["true_best"]) for result in results]),
        ("Kendall's tau with the truth, mean", [number(result["tau_with_truth"]) for result in results]),
        ("no ranking at all", [_of_all(result, "n_without_ranking") for result in results]),
        ("a ranking without intervals", [_of_all(result, "n_without_interval") for result in results]),
    ]
    if results[0]["metric_comparison"] is not None:
        compared = f"metric of r {plan['better']:g} told from one of {plan['worse']:g}"
        for test in results[0]["metric_comparison"]["tests"]:
            tests = [result["metric_comparison"]["tests"][test] for result in results]
            rows.append((f"{compared}, by {test}", [_share(found["power"]) for found in tests]))
            rows.append((f"  false alarms of {test}", [_share(found["false_alarms"]) for found in tests]))
    for name, cells in rows:
        table.add_row(name, *cells)
    return table


def separation_table(result: dict[str, Any]) -> Table:
    table = Table(title="Methods told apart in the true order (Holm-adjusted), as planned")
    plan = result["plan"]
    for heading in (
        *("places apart", "log odds apart", "share of pairs", "needed: judgments", "of judges"),
        "still needed",
    ):
        table.add_column(heading)
    for row in result["separated_by_places_apart"]:
        needed = row["judgments_needed"]
        table.add_row(
            str(row["places"]),
            f"{row['log_odds']:.2f}",
            f"{row['share']:.0%}",
            *(
                ("–", "–", "no number is enough")
                if needed is None
                else (
                    f"{needed:,}",
                    f"{row['judges_needed']:,}",
                    f"{max(0, needed - plan['n_judgments']):,} judgments",
                )
            ),
        )
    return table


def notes(result: dict[str, Any]) -> list[str]:
    said = [
        "Judges keep their taste however much they judge: more judgments of the same judges narrow an interval only "
        "so far." + ("" if "alternatives" in result else " --alternatives shows what more judges do."),
        "Needed: in all, to tell two methods that lie so far apart from each other by a chance of 80 % or more, with more judges, "
        "each as active as planned, on as many more texts.",
    ]
    if result["metric_comparison"] is not None:
        said.append(
            "False alarms are how often two equally good metrics are told apart. PERM-BOTH takes the human ranking "
            "as known, so it has many; the joint bootstrap resamples it too."
        )
    return said


def _share(found: dict[str, Any] | None) -> str:
    if found is None:
        return "–"
    low, high = found["interval"]
    return f"{found['share']:.0%} ({low:.0%} to {high:.0%})"


def _width(result: dict[str, Any]) -> str:
    width = result["difference_width"]
    return "–" if width is None else f"{width['median']:.2f} ({width['low']:.2f} to {width['high']:.2f})"


def _of_all(result: dict[str, Any], key: str) -> str:
    return f"{result[key]} of {result['n_simulations']}"
