"""hlv simulate: what a campaign would find, before anybody judges."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from hlv.core.rendering.numbers import counted, share
from hlv.core.stored_results import VERSION, dump
from hlv.stats.power.scenario import ImpossibleScenarioError, Scenario, alternatives
from hlv.stats.resampling.chunks import Runner, run_in_sequence
from hlv.terminal import add_output_arguments, print_result
from metaeval.findings.power_analysis_tables import (
    metric_tests_table,
    order_headline,
    separation_table,
    side_by_side,
)
from metaeval.results.power_analysis import PlanForecast, PowerAnalysis
from metaeval.services.power_analysis import DEFAULT_SEED, DEFAULT_SIMULATIONS, check_size, forecasts

DEFAULTS = Scenario(n_methods=2, n_judges=1, n_judgments=1)
# What a refusal calls the attributes of a plan.
OPTIONS = {
    "n_methods": "--methods",
    "n_judges": "--judges",
    "n_judgments": "--judgments",
    "n_items": "--items",
    "n_simulations": "--simulations",
    "spread": "--spread",
    "tie_share": "--ties",
    "taste_sd": "--taste",
    "item_sd": "--item-effect",
    "evenness": "--evenness",
    "worse": "--worse",
}
PREFERENCES = (
    "Judges have preferences: more judgments from the same judges narrow an interval only up to a limit."
)
MORE_JUDGES = "Add --alternatives to see the effect of more judges."


class Command(BaseCommand):
    help = (
        "Power analysis: simulate a campaign to estimate interval widths, how often it finds the true order, "
        "and whether two metrics differ significantly. Example: hlv simulate --methods 9 --judges 20 "
        "--judgments 4000"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--methods", type=int, required=True, help="number of methods")
        add("--judges", type=int, required=True, help="number of judges")
        add("--judgments", type=int, required=True, help="total number of judgments")

        def add_usual(option: str, usual: float, words: str) -> None:
            add(option, type=type(usual), default=usual, help=f"{words} (default: {usual:g})")

        add_usual("--items", DEFAULTS.n_items, "texts, judged and scored")
        add_usual("--ties", DEFAULTS.tie_share, "share of ties, from 0 to less than 1")
        add_usual(
            "--spread",
            DEFAULTS.spread,
            "log odds from the best method to the worst, at equal distances (2: it wins 88 %% of the time)",
        )
        add_usual("--taste", DEFAULTS.taste_sd, "differences between judges: standard deviation in log odds")
        add_usual(
            "--item-effect", DEFAULTS.item_sd, "differences between texts: standard deviation in log odds"
        )
        add_usual(
            "--evenness",
            DEFAULTS.evenness,
            "evenness of the judges' activity: with 1, 20 judges are worth about 10; inf: all equally active",
        )
        add_usual("--better", DEFAULTS.better, "correlation of a good metric with the truth")
        add_usual("--worse", DEFAULTS.worse, "correlation of the other metric with the truth")
        add_usual("--simulations", DEFAULT_SIMULATIONS, "campaigns to simulate; 200 give a share within .07")
        add_usual("--seed", DEFAULT_SEED, "the same seed gives the same numbers")
        add(
            "--alternatives",
            action="store_true",
            help="also simulate two and four times the judgments, or judges",
        )
        add_output_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        n_simulations, seed = options["simulations"], options["seed"]
        if n_simulations < 1 or seed < 0:
            raise CommandError("--simulations takes whole numbers from 1, --seed from 0.")
        try:
            plan = plan_of(options).checked()
            plans = alternatives(plan) if options["alternatives"] else alternatives(plan)[:1]
            check_size(plans, n_simulations=n_simulations)
        except ImpossibleScenarioError as error:
            raise CommandError(
                f"This campaign cannot be simulated: {OPTIONS[error.name]} {error.rule}."
            ) from error
        results = self.simulate(plans, n_simulations=n_simulations, seed=seed)
        if options["as_json"]:
            stored = dump(results)
            found, *others = stored["forecasts"]
            found[VERSION] = stored[VERSION]
            if options["alternatives"]:
                found["alternatives"] = others
            self.stdout.write(json.dumps(found, indent=2, allow_nan=False))
            return
        found, *others = results.forecasts
        first, *cautions = [order_headline(found), *map("Caution: {}".format, found.cautions)]
        print_result(
            self.stdout,
            (side_by_side([found, *others]), metric_tests_table(found), separation_table(found)),
            [first, *cautions[:1], PREFERENCES if others else f"{PREFERENCES} {MORE_JUDGES}"],
            [*cautions[1:], assumptions(found)],
            source=f"{counted(found.n_simulations, 'simulations')} · seed {found.seed} · {found.code_version}",
            details=options["details"],
        )

    def simulate(self, plans: list[tuple[str, Scenario]], *, n_simulations: int, seed: int) -> PowerAnalysis:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            shown = {name: bar.add_task(name, total=n_simulations) for name, _plan in plans}

            def runner_of(name: str) -> Runner:
                def show_progress(done: int, total: int) -> None:
                    bar.update(shown[name], completed=done, total=total)

                return partial(run_in_sequence, progress=show_progress)

            return forecasts(plans, n_simulations=n_simulations, seed=seed, runners=runner_of)


def plan_of(options: dict[str, Any]) -> Scenario:
    return Scenario(
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


def assumptions(result: PlanForecast) -> str:
    """All that the forecast supposes; none of it comes out of the simulations."""
    plan = result.plan
    evenness = (
        "all judges equally active" if plan.evenness is None else f"evenness of activity {plan.evenness:g}"
    )
    return (
        f"Assumptions: {plan.n_methods} methods, evenly spaced over {plan.spread:g} log odds; "
        f"{counted(plan.n_items, 'texts')}; {share(plan.tie_share)} ties; judges differ by {plan.taste_sd:g} and "
        f"texts by {plan.item_sd:g} log odds; {evenness}; metrics that correlate {plan.better:g} and "
        f"{plan.worse:g} with the truth. {counted(result.n_simulations, 'simulations')}, seed {result.seed}, "
        f"{result.code_version}."
    )
