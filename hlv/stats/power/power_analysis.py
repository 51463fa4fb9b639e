"""What a campaign of so many judges and judgments would find: simulated with the estimators that will be used.

References
----------
Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
multi-stage samples. Survey Methodology 28(2), 169-181.
Morris, T. P., White, I. R., & Crowther, M. J. (2019). Using simulation studies to evaluate statistical
methods. Statistics in Medicine 38(11), 2074-2102.
"""

from __future__ import annotations

from hlv.stats.power.forecast import Forecast
from hlv.stats.power.metric_power import METRIC_TESTS, MetricTestResult
from hlv.stats.power.scenario import Scenario
from hlv.stats.power.simulated_campaigns import SimulatedCampaigns
from hlv.stats.resampling.chunks import Runner, run_in_sequence


def forecast(plan: Scenario, *, n_simulations: int, seed: int, run: Runner = run_in_sequence) -> Forecast:
    """Simulate a campaign many times and rank each by Bradley-Terry with half ties and CR3 intervals.

    The truth is the limit for endless judges and items, `population_strengths`, not the strengths that single
    judges stray from: tastes draw the odds of all judges together towards even.

    Parameters
    ----------
    plan
    n_simulations
        At least 1; 200 tell a share within about .07.
    seed
        Simulation k has its own child of this seed: more simulations leave the first ones as they were.
    run
        Computes the simulations, by itself or with others.

    Raises
    ------
    ValueError
        An impossible plan, or no simulations.
    """
    plan.checked()
    if n_simulations < 1:
        raise ValueError(f"n_simulations must be 1 or more, not {n_simulations}")
    work = SimulatedCampaigns(plan, n_simulations, seed)
    found = work.named(run(work))
    has_ranking, has_interval = (found[name] > 0 for name in ("has_ranking", "has_interval"))
    return Forecast(
        plan=plan,
        n_simulations=n_simulations,
        seed=seed,
        has_ranking=has_ranking,
        n_without_interval=int((has_ranking & ~has_interval).sum()),
        n_leaving_out=int((found["leaves_out"] > 0).sum()),
        widths=found["widths"],
        holds=found["holds"] > 0,
        ordered=found["ordered"] > 0,
        separated=found["separated"] > 0,
        times=found["times"],
        tau=found["tau"],
        verdicts={
            test: [
                MetricTestResult(int(leads), twin_told_apart=bool(told))
                for leads, told in zip(
                    found["leads"][:, place], found["twin_told_apart"][:, place], strict=True
                )
            ]
            for place, test in enumerate(METRIC_TESTS)
        },
        holds_together=found["holds_together"][has_interval] > 0,
        ranks_hold=found["ranks_hold"][has_interval] > 0,
    )
