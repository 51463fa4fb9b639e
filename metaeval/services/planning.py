"""What a campaign would find, before anybody judges: simulated by a command, or by a job that a page asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from annotations.jobs import JobRefusedError, Progress, check_draws
from annotations.models import Job, Study
from metaeval.science.plan import Plan, alternatives
from metaeval.science.planning import forecast

DEFAULT_SIMULATIONS = 200
DEFAULT_SEED = 1

Told = Callable[[str, int, int], None]


def forecasts(
    plans: list[tuple[str, Plan]], *, n_simulations: int, seed: int, told: Told
) -> list[dict[str, Any]]:
    """A forecast of each plan by its name; `told` hears the name and (done, of) simulations."""
    found = []
    for name, plan in plans:

        def tell(done: int, total: int, name: str = name) -> None:
            told(name, done, total)

        result = forecast(plan, n_simulations=n_simulations, seed=seed, progress=tell).as_dict()
        found.append({"name": name, **result})
    return found


def check_options(study: Study, params: dict[str, Any]) -> None:
    """Refuse, before there is a job, a campaign that nobody could hold."""
    check_draws(params)
    try:
        _plan(params)
    except (TypeError, ValueError) as error:
        raise JobRefusedError(f"No such campaign can be simulated: {error}.") from error


def run_forecast(job: Job, progress: Progress) -> dict[str, Any]:
    """The plan and what twice and four times the work would give; the job keeps it, there is nothing else to store."""
    plans = alternatives(_plan(job.params))
    n_simulations = int(job.params.get("n_simulations", DEFAULT_SIMULATIONS))
    begun: list[str] = []

    def told(name: str, done: int, total: int) -> None:
        if name not in begun:
            begun.append(name)
        progress((len(begun) - 1) * total + done, len(plans) * total, f"simulating: {name}")

    found = forecasts(
        plans, n_simulations=n_simulations, seed=int(job.params.get("seed", DEFAULT_SEED)), told=told
    )
    return {"forecasts": found}


def _plan(params: dict[str, Any]) -> Plan:
    return Plan(**params["plan"]).checked()
