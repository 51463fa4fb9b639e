"""What the simulated methods gave: for each request and run a membership in [0, 1] of each area."""

from dataclasses import dataclass

import numpy as np

from hlv.demo.people import careful_log_odds
from hlv.demo.study import AREA_KEYS, Request
from hlv.stats.arrays import FloatArray

N_RUNS = 2

# Four decimals, so that a file, a page and the database show and score the same number.
_DECIMALS = 4

# Within about this many log odds of one half a cautious method holds back.
_NEAR_HALF = 0.6


@dataclass(frozen=True)
class Method:
    """A simulated method: how it departs from the careful lawyer, in natural-log odds.

    Attributes
    ----------
    name : str
    base_model : str
        What it is said to be made from; nothing in the simulation rests on it.
    error_sd : float
        Errors that every run repeats.
    run_sd : float
        Errors that change from run to run.
    slope : float
        1 is calibrated; above 1 drawn to the majority's answer, below 1 too timid.
    shift : float
        Above 0 gives every area more, below 0 less.
    caution : float
        Taken off where an area stands near one half, and only there.
    step : float
        Outputs are multiples of it; 0 for any number.
    """

    name: str
    base_model: str
    error_sd: float
    run_sd: float
    slope: float
    shift: float = 0.0
    caution: float = 0.0
    step: float = 0.0


# The cautious ones lose areas that just reach the majority, which hard metrics punish and experts hardly see;
# the sharp ones are right about the majority and wrong about the division.
METHODS: tuple[Method, ...] = (
    Method("JSD loss", "base encoder", error_sd=0.26, run_sd=0.20, slope=1.10, caution=0.75),
    Method("Soft labels", "base encoder", error_sd=0.38, run_sd=0.20, slope=1.10, caution=0.75),
    Method("Soft micro F1 loss", "large encoder", error_sd=0.48, run_sd=0.20, slope=1.10, caution=0.45),
    Method("Annotator ensemble", "large encoder", error_sd=0.62, run_sd=0.15, slope=1.05, caution=0.35),
    Method("Repeated labels", "large encoder", error_sd=0.68, run_sd=0.25, slope=1.00, caution=0.50),
    Method("Annotator heads", "large encoder", error_sd=0.72, run_sd=0.25, slope=0.85),
    Method("Temperature scaling", "base encoder", error_sd=0.68, run_sd=0.20, slope=0.78),
    Method("Majority vote", "base encoder", error_sd=0.85, run_sd=0.20, slope=5.0, shift=0.20),
    Method("Prompted LLM", "language model", error_sd=0.90, run_sd=0.35, slope=0.80, shift=0.35, step=0.05),
)


@dataclass(frozen=True)
class OutputDraw:
    """One method's output for one request in one run (from 1), areas in the order of the study."""

    method: str
    run: int
    request: str
    distribution: dict[str, float]


def draw_memberships(requests: tuple[Request, ...], rng: np.random.Generator) -> FloatArray:
    """Memberships in [0, 1], shape (n_methods, n_runs, n_requests, 12)."""
    log_odds = careful_log_odds(requests)
    return np.stack([_memberships(method, log_odds, rng) for method in METHODS])


def output_draws(requests: tuple[Request, ...], memberships: FloatArray) -> tuple[OutputDraw, ...]:
    """The memberships as rows, by method, run and request."""
    return tuple(
        OutputDraw(
            method=method.name,
            run=run + 1,
            request=request.id,
            distribution=dict(zip(AREA_KEYS, memberships[m, run, n].tolist(), strict=True)),
        )
        for m, method in enumerate(METHODS)
        for run in range(N_RUNS)
        for n, request in enumerate(requests)
    )


def _memberships(method: Method, log_odds: FloatArray, rng: np.random.Generator) -> FloatArray:
    lasting = rng.normal(0.0, method.error_sd, log_odds.shape)
    passing = rng.normal(0.0, method.run_sd, (N_RUNS, *log_odds.shape))
    seen = log_odds + lasting + passing
    seen = method.slope * (seen - method.caution * np.exp(-((seen / _NEAR_HALF) ** 2))) + method.shift
    memberships: FloatArray = 1 / (1 + np.exp(-seen))
    if method.step:
        memberships = np.rint(memberships / method.step) * method.step
    return np.round(memberships, _DECIMALS)
