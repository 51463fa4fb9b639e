"""Power analysis: simulated campaigns, by a command or by a job of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from annotations.jobs import JobRefusedError, Progress, check_draws
from annotations.models import Job, JobResult, Study, code_version
from annotations.work_sharing import SharedRun
from hlv.core.rendering.sentences import error_sentence
from hlv.core.stored_results import dump
from hlv.stats.power.scenario import ImpossibleScenarioError, Scenario, alternatives
from hlv.stats.power.simulated_campaigns import power_analysis
from hlv.stats.resampling.chunks import Runner, Runners
from metaeval.models import Campaign
from metaeval.results.power_analysis import PlanForecast, PowerAnalysis
from metaeval.results.ranking_options import read_parameters
from metaeval.selectors.snapshots import campaign_size

DEFAULT_SIMULATIONS = 200
DEFAULT_SEED = 1
# Enough for a share to within about .1, and few enough for five plans within minutes.
SIMULATIONS_OF_A_PAGE = 100
USUAL_TIES = 0.2
# Of each plan that is simulated: judgments take some 250 bytes each, here 1 GB, and tables of all pairs of methods are
# kept of every simulation.
MOST: dict[str, int] = {
    "n_judgments": 4_000_000,
    "n_judges": 400_000,
    "n_items": 400_000,
    "n_methods": 100,
}
MOST_SIMULATIONS = 100_000
MOST_NUMBERS_KEPT = 50_000_000


def check_size(plans: list[tuple[str, Scenario]], *, n_simulations: int) -> None:
    """Refuse, before it starts, what does not fit in memory.

    Raises
    ------
    ImpossiblePlanError
        A plan that is too large; of alternatives too, which are larger than the plan they come from.
    """
    for (name, plan), (attribute, most) in product(plans, MOST.items()):
        if (number := getattr(plan, attribute)) > most:
            where = "" if plan is plans[0][1] else f" ({name})"
            raise ImpossibleScenarioError(attribute, f"must be {most:,} or less, not {number:,}{where}")
    n_methods = plans[0][1].n_methods
    most = min(MOST_SIMULATIONS, MOST_NUMBERS_KEPT // (5 * n_methods**2))
    if n_simulations > most:
        raise ImpossibleScenarioError(
            "n_simulations", f"must be {most:,} or less with {n_methods} methods, not {n_simulations:,}"
        )


def forecasts(
    plans: list[tuple[str, Scenario]], *, n_simulations: int, seed: int, runners: Runners
) -> PowerAnalysis:
    """A forecast of each plan by its name; `runners` gives the runner of the simulations of a name."""
    return PowerAnalysis(
        forecasts=[
            PlanForecast(
                **vars(
                    power_analysis(plan, n_simulations=n_simulations, seed=seed, run=runners(name)).result()
                ),
                name=name,
                code_version=code_version(),
            )
            for name, plan in plans
        ]
    )


@dataclass(frozen=True)
class SimulatedPlans(JobResult):
    """The forecasts, which the job itself keeps."""

    forecasts: PowerAnalysis

    def as_json(self) -> dict[str, object]:
        return dump(self.forecasts)


@dataclass(frozen=True, kw_only=True)
class ForecastParameters:
    """The parameters of a job that simulates a campaign; `campaign` is the one whose size it has, if any."""

    plan: Scenario
    campaign: str = ""
    seed: int = DEFAULT_SEED
    n_simulations: int = DEFAULT_SIMULATIONS

    def scenarios(self) -> list[tuple[str, Scenario]]:
        """The plan, and those of more work.

        Raises
        ------
        ImpossibleScenarioError
            A number that no campaign can have, or that is too large to simulate.
        """
        found = alternatives(self.plan.checked())
        check_size(found, n_simulations=self.n_simulations)
        return found


def read_forecast_parameters(params: Mapping[str, object]) -> ForecastParameters:
    return read_parameters(ForecastParameters, params, job="A forecast")


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, an impossible campaign."""
    parameters = read_forecast_parameters(params)
    check_draws({"seed": parameters.seed})
    try:
        parameters.scenarios()
    except ImpossibleScenarioError as error:
        raise JobRefusedError(f"This campaign cannot be simulated: {error_sentence(error)}.") from error


def run_forecast(job: Job, progress: Progress) -> SimulatedPlans:
    """The plan and what twice and four times the work would give; the job keeps it, there is nothing else to store."""
    parameters = read_forecast_parameters(job.params)
    plans, n_simulations = parameters.scenarios(), parameters.n_simulations
    places = {name: place for place, (name, _plan) in enumerate(plans)}

    def runner_of(name: str) -> Runner:
        place = places[name]
        return SharedRun(
            progress,
            name=name,
            note=f"simulating: {name} (plan {place + 1} of {len(plans)})",
            before=place * n_simulations,
            whole=len(plans) * n_simulations,
        )

    found = forecasts(
        plans,
        n_simulations=n_simulations,
        seed=parameters.seed,
        runners=runner_of,
    )
    return SimulatedPlans(found)


def forecast_params(campaign: Campaign) -> dict[str, object]:
    """Of a job that simulates a campaign of this size: each group of methods is ranked apart, so the largest one."""
    size = campaign_size(campaign)
    plan = {
        "n_methods": size.n_methods,
        "n_judges": size.n_judges,
        "n_judgments": size.n_judgments,
        "n_items": size.n_items,
        "tie_share": USUAL_TIES,
    }
    return {
        "plan": plan,
        "campaign": str(campaign.uuid),
        "seed": DEFAULT_SEED,
        "n_simulations": SIMULATIONS_OF_A_PAGE,
    }
