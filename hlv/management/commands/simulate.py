"""hlv simulate: what a campaign would find, before anybody judges."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from hlv.core.rendering.numbers import counted
from hlv.stats.pairwise.sample_size import is_too_many
from hlv.stats.power.cautions import left_out, misses_coverage
from hlv.stats.power.scenario import ImpossibleScenarioError, Scenario, alternatives
from hlv.stats.resampling.chunks import Runner, run_in_sequence
from hlv.terminal import number, print_table_to
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
# Heads of columns; the names in JSON say it whole.
SHORT_NAMES = {
    "as planned": "as planned",
    "2 x the judgments of the same judges": "2 x judgments",
    "2 x the judges, as many judgments each": "2 x judges",
    "4 x the judgments of the same judges": "4 x judgments",
    "4 x the judges, as many judgments each": "4 x judges",
}


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

        def add_usual(option: str, usual: float, words: str) -> None:
            add(option, type=type(usual), default=usual, help=f"{words}; {usual:g} where not given")

        add_usual("--items", DEFAULTS.n_items, "texts, judged and scored")
        add_usual("--ties", DEFAULTS.tie_share, "share of ties, from 0 to less than 1")
        add_usual(
            "--spread",
            DEFAULTS.spread,
            "log odds from the best method to the worst, which lie at equal distances (2: beats it 88 %% of times)",
        )
        add_usual("--taste", DEFAULTS.taste_sd, "how judges differ: standard deviation in log odds")
        add_usual("--item-effect", DEFAULTS.item_sd, "how texts differ, likewise")
        add_usual(
            "--evenness",
            DEFAULTS.evenness,
            "of the judges' activity: 1 makes 20 judges worth about 10, inf all equally active",
        )
        add_usual("--better", DEFAULTS.better, "correlation of a good metric with the truth")
        add_usual("--worse", DEFAULTS.worse, "and of the one it is to be told from")
        add_usual("--simulations", DEFAULT_SIMULATIONS, "campaigns to simulate; 200 tell a share within .07")
        add_usual("--seed", DEFAULT_SEED, "the same seed gives the same numbers")
        add("--alternatives", action="store_true", help="also twice and four times the judgments, or judges")
        add("--json", action="store_true", dest="as_json", help="print JSON, and nothing else")

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
                f"No such campaign can be simulated: {OPTIONS[error.name]} {error.rule}."
            ) from error
        results = self.simulate(plans, n_simulations=n_simulations, seed=seed)
        if options["as_json"]:
            found = {**results[0]}
            if options["alternatives"]:
                found["alternatives"] = results[1:]
            self.stdout.write(json.dumps(found, indent=2, allow_nan=False))
            return
        self.print_forecast(results)

    def print_forecast(self, results: list[dict[str, Any]]) -> None:
        """What it must be read with comes first: a table is read before any note beneath it."""
        for sentence in [assumptions(results[0]), *map("Caution: {}".format, results[0]["cautions"])]:
            self.stdout.write(sentence)
        for table in (forecast_table(results), separation_table(results[0])):
            print_table_to(self.stdout, table)
        for note in notes(results):
            self.stdout.write(note)

    def simulate(
        self, plans: list[tuple[str, Scenario]], *, n_simulations: int, seed: int
    ) -> list[dict[str, Any]]:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            shown = {name: bar.add_task(name, total=n_simulations) for name, _plan in plans}

            def runner_of(name: str) -> Runner:
                def told(done: int, total: int) -> None:
                    bar.update(shown[name], completed=done, total=total)

                return partial(run_in_sequence, progress=told)

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


def assumptions(result: dict[str, Any]) -> str:
    """All that the forecast supposes; none of it comes out of the simulations."""
    plan = result["plan"]
    evenness = (
        "all judges equally active"
        if plan["evenness"] is None
        else f"evenness of activity {plan['evenness']:g}"
    )
    return (
        f"Supposed: {plan['n_methods']} methods, evenly from best to worst over {plan['spread']:g} log odds; "
        f"{counted(plan['n_items'], 'texts')}; {plan['tie_share']:.0%} ties; judges differ by {plan['taste_sd']:g} and "
        f"texts by {plan['item_sd']:g} log odds; {evenness}; metrics that correlate {plan['better']:g} and "
        f"{plan['worse']:g} with the truth. {counted(result['n_simulations'], 'simulations')}, seed {result['seed']}, "
        f"{result['code_version']}."
    )


def forecast_table(results: list[dict[str, Any]]) -> Table:
    """A column for each plan."""
    table = Table(title=f"What {counted(results[0]['n_simulations'], 'simulations')} found")
    table.add_column("")
    for result in results:
        table.add_column(SHORT_NAMES.get(result["name"], result["name"]), no_wrap=True)
    rows: list[tuple[str, list[str]]] = [
        ("judges", [f"{result['plan']['n_judges']:,}" for result in results]),
        ("judgments", [f"{result['plan']['n_judgments']:,}" for result in results]),
        ("width of 95 % intervals, median", [_width(result) for result in results]),
        *_coverage_rows(results),
        ("true order found", [_share(result["true_order"]) for result in results]),
        ("best method found", [_share(result["true_best"]) for result in results]),
        ("Kendall's tau with the truth, mean", [number(result["tau_with_truth"]) for result in results]),
        ("no ranking at all", [_of_all(result, "n_without_ranking") for result in results]),
        ("a ranking without intervals", [_of_all(result, "n_without_interval") for result in results]),
    ]
    if results[0]["metric_comparison"] is not None:
        for test in results[0]["metric_comparison"]["tests"]:
            tests = [result["metric_comparison"]["tests"][test] for result in results]
            rows.append((f"metrics told apart, {test}", [_of_test(found["power"]) for found in tests]))
            rows.append(("  its false alarms", [_of_test(found["false_alarms"]) for found in tests]))
    for name, cells in rows:
        table.add_row(name, *cells)
    return table


def _coverage_rows(results: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """Where the intervals of any of the plans are not what they claim; JSON has them always."""
    rows: list[tuple[str, list[str]]] = []
    if any(left_out(result["plan"]) for result in results):
        rows.append(("  they leave out how", [_left_out_word(result["plan"]) for result in results]))
    if any(misses_coverage(result) for result in results):
        rows += [
            ("  of them hold the truth", [_percent(result["coverage"]["differences"]) for result in results]),
            ("  all hold it together", [_percent(result["coverage"]["together"]) for result in results]),
        ]
    return rows


def _left_out_word(plan: dict[str, Any]) -> str:
    who = [word for word, name in (("judges", "n_judges"), ("texts", "n_items")) if plan[name] == 1]
    return f"{' and '.join(who)} differ" if who else "–"


def separation_table(result: dict[str, Any]) -> Table:
    table = Table(title="Methods told apart in the true order (Holm-adjusted), as planned")
    plan = result["plan"]
    for heading in (
        *("places apart", "log odds apart", "share of pairs", "needed: judgments", "of judges"),
        "still needed",
    ):
        table.add_column(heading)
    for row in result["separated_by_places_apart"]:
        table.add_row(
            str(row["places"]), f"{row['log_odds']:.2f}", _percent(row["share"]), *_needed_cells(row, plan)
        )
    return table


def _needed_cells(row: dict[str, Any], plan: dict[str, Any]) -> tuple[str, str, str]:
    needed = row["judgments_needed"]
    if needed is None:
        return "–", "–", "undetermined" if row["needed_undetermined"] else "no number is enough"
    more = max(0, needed - plan["n_judgments"])
    still = (
        "out of reach" if is_too_many(more, n_judgments=plan["n_judgments"]) else counted(more, "judgments")
    )
    return f"{needed:,}", f"{row['judges_needed']:,}", still


def notes(results: list[dict[str, Any]]) -> list[str]:
    result = results[0]
    undetermined = {
        row["needed_undetermined"]: None
        for row in result["separated_by_places_apart"]
        if row["needed_undetermined"]
    }
    if undetermined:
        said = [f"Judgments needed are undetermined. {reason}" for reason in undetermined]
    else:
        said = [
            "Needed: in all, to tell two methods that lie so far apart from each other by a chance of 80 % or more, with "
            "more judges, each as active as planned, on as many more texts."
        ]
    said.append(
        "Judges keep their taste however much they judge: more judgments of the same judges narrow an interval only "
        "so far."
        + (
            " x judgments: of the same judges; x judges: as many more of them, each with as many judgments."
            if len(results) > 1
            else " --alternatives shows what more judges do."
        )
    )
    if result["metric_comparison"] is not None:
        said.append(
            "Metrics told apart: one that correlates with the truth as the better from one as the worse. False alarms "
            "are how often two equally good metrics are told apart. PERM-BOTH takes the human ranking as known, so it "
            "has many; the joint bootstrap resamples it too."
        )
    return said


def _share(found: dict[str, Any] | None) -> str:
    if found is None:
        return "–"
    low, high = found["interval"]
    return f"{found['share']:.0%} ({100 * low:.0f} to {100 * high:.0f})"


def _of_test(found: dict[str, Any] | None) -> str:
    return "undetermined" if found is None else _share(found)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _width(result: dict[str, Any]) -> str:
    width = result["difference_width"]
    return "–" if width is None else f"{width['median']:.2f} ({width['low']:.2f} to {width['high']:.2f})"


def _of_all(result: dict[str, Any], key: str) -> str:
    return f"{result[key]} of {result['n_simulations']}"
