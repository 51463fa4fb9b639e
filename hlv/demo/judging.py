"""What the simulated experts said of pairs of outputs, blind, each from a view of their own."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from hlv.demo.study import (
    AREA_KEYS,
    JUDGES,
    Leaning,
    Request,
    careful_log_odds,
    draw_leanings,
    draw_times,
    midnight,
)
from hlv.stats.arrays import FloatArray
from hlv.stats.power.comparison_design import ComparisonPlan, plan_comparisons

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


N_JUDGED = 60
N_JUDGED_ARABIC = 9
TEXTS_PER_PAIR = 40
JUDGES_PER_COMPARISON = 2

_FIRST_DAY = midnight(2026, 10, 31)
_CONFIDENCE_LEVELS = 5
# Experts who judge were briefed together, so they stand nearer to one another than those who label.
_SPREAD = 0.45
# How much of their assignments the judges had done when judging was closed.
_DONE = (1.0, 1.0, 0.96, 0.91, 0.86, 0.78, 0.68, 0.51)


@dataclass(frozen=True)
class ComparisonDraw:
    """Two methods to be compared on one request; an unordered pair, not the sides."""

    request: str
    methods: tuple[str, str]


@dataclass(frozen=True)
class JudgmentDraw:
    """One verdict of one judge: left, right, both, neither or cannot.

    `comparison` is an index into the comparisons, `position` the place in the judge's order from 0,
    `confidence` 1 (guess) to 5 (certain), none for "cannot".
    """

    person: str
    comparison: int
    request: str
    left: str
    right: str
    position: int
    verdict: str
    confidence: int | None
    shown_at: datetime
    submitted_at: datetime
    active_ms: int


@dataclass(frozen=True)
class Eye:
    """How one judge compares, beside the leaning: utilities are between 0 and 1.

    `brevity` is taken off for each area that an output gives; `side_bias` is added to the left.
    """

    brevity: float
    overlap_weight: float
    noise: float
    side_bias: float
    tie_width: float
    seconds: float


def draw_judged_requests(requests: tuple[Request, ...], rng: np.random.Generator) -> tuple[int, ...]:
    """Indices of the requests that are judged, some of them Arabic, in the study's order."""
    arabic = [n for n, request in enumerate(requests) if request.lang == "ar"]
    others = [n for n, request in enumerate(requests) if request.lang != "ar"]
    chosen = [
        *rng.choice(arabic, N_JUDGED_ARABIC, replace=False).tolist(),
        *rng.choice(others, N_JUDGED - N_JUDGED_ARABIC, replace=False).tolist(),
    ]
    return tuple(sorted(chosen))


def draw_plan(rng: np.random.Generator) -> ComparisonPlan:
    """All 36 pairs on 40 texts each, two judges to a comparison."""
    return plan_comparisons(
        len(METHODS),
        N_JUDGED,
        texts_per_pair=TEXTS_PER_PAIR,
        judges_per_comparison=JUDGES_PER_COMPARISON,
        n_judges=len(JUDGES),
        rng=rng,
    )


def comparison_draws(judged: tuple[Request, ...], plan: ComparisonPlan) -> tuple[ComparisonDraw, ...]:
    """The plan's comparisons by name."""
    return tuple(
        ComparisonDraw(request=judged[item].id, methods=(METHODS[low].name, METHODS[high].name))
        for item, (low, high) in zip(
            plan.comparison_item.tolist(), plan.comparison_pair.tolist(), strict=True
        )
    )


def draw_judgments(
    judged: tuple[Request, ...], shown: FloatArray, plan: ComparisonPlan, rng: np.random.Generator
) -> tuple[JudgmentDraw, ...]:
    """What the judges had said when judging was closed, ordered by time.

    `shown` are the memberships on the cards (means of runs), shape (n_methods, n_judged, 12).
    """
    log_odds = careful_log_odds(judged)
    leanings = draw_leanings(JUDGES, rng, spread=_SPREAD)
    draws: list[JudgmentDraw] = []
    for j, (person, leaning) in enumerate(zip(JUDGES, leanings, strict=True)):
        eye = _draw_eye(rng)
        worth = _worth(_view(log_odds, leaning, rng), shown, eye, rng)
        turns = np.flatnonzero(plan.judge == j)
        turns = turns[: round(_DONE[j] * len(turns))]
        verdicts, confidences = _verdicts(worth, plan, turns, eye, rng)
        active_ms = _judging_times(len(turns), eye, rng)
        times = draw_times(active_ms, first_day=_FIRST_DAY, rng=rng)
        for at, turn in enumerate(turns.tolist()):
            draws.append(
                JudgmentDraw(
                    person=person.key,
                    comparison=int(plan.comparison[turn]),
                    request=judged[int(plan.item[turn])].id,
                    left=METHODS[int(plan.left[turn])].name,
                    right=METHODS[int(plan.right[turn])].name,
                    position=int(plan.position[turn]),
                    verdict=verdicts[at],
                    confidence=confidences[at],
                    shown_at=times[at][0],
                    submitted_at=times[at][1],
                    active_ms=int(active_ms[at]),
                )
            )
    return tuple(sorted(draws, key=lambda draw: (draw.submitted_at, draw.person)))


def _draw_eye(rng: np.random.Generator) -> Eye:
    return Eye(
        brevity=float(rng.uniform(0.002, 0.007)),
        overlap_weight=float(rng.uniform(0.7, 0.95)),
        noise=float(rng.uniform(0.04, 0.07)),
        side_bias=float(rng.normal(0.0, 0.006)),
        tie_width=float(rng.uniform(0.015, 0.04)),
        seconds=float(rng.uniform(14, 26)),
    )


def _view(log_odds: FloatArray, leaning: Leaning, rng: np.random.Generator) -> FloatArray:
    """The judge's own memberships of the areas, shape (n_judged, 12)."""
    departure = (
        leaning.readiness + leaning.tastes + rng.normal(0.0, 0.5 * leaning.unsteadiness, log_odds.shape)
    )
    view: FloatArray = 1 / (1 + np.exp(-(log_odds + departure)))
    return view


def _worth(view: FloatArray, shown: FloatArray, eye: Eye, rng: np.random.Generator) -> FloatArray:
    """How good each output looks to the judge, shape (n_methods, n_judged)."""
    overlap = 2 * np.minimum(view, shown).sum(axis=2) / (view + shown).sum(axis=2)
    # Beside the whole, the eye catches the one area that is most wrong.
    worst = np.abs(view - shown).max(axis=2)
    n_given = (shown > 0.05).sum(axis=2)
    fancy = rng.normal(0.0, 0.006, len(shown))[:, np.newaxis]
    blend = eye.overlap_weight * overlap + (1 - eye.overlap_weight) * (1 - worst)
    worth: FloatArray = blend - eye.brevity * n_given + fancy
    return worth


def _verdicts(
    worth: FloatArray, plan: ComparisonPlan, turns: NDArray[np.int64], eye: Eye, rng: np.random.Generator
) -> tuple[list[str], list[int | None]]:
    left, right = worth[plan.left[turns], plan.item[turns]], worth[plan.right[turns], plan.item[turns]]
    advantage = left - right + eye.side_bias + rng.normal(0.0, eye.noise, len(turns))
    cannot = rng.random(len(turns)) < 0.04
    tie = np.abs(advantage) < eye.tie_width
    good = (left + right) / 2 > np.median(worth)
    sure = np.clip(
        np.rint(1.6 + 14 * np.abs(advantage) + rng.normal(0.0, 0.7, len(turns))), 1, _CONFIDENCE_LEVELS
    )
    verdicts = np.select(
        [cannot, tie & good, tie, advantage > 0], ["cannot", "both", "neither", "left"], default="right"
    )
    confidences = [None if none else int(level) for none, level in zip(cannot, sure, strict=True)]
    return verdicts.tolist(), confidences


def _judging_times(n_turns: int, eye: Eye, rng: np.random.Generator) -> NDArray[np.int64]:
    """Milliseconds of each turn; judges grow quicker over their first comparisons."""
    practice = 1 + 0.8 * np.exp(-np.arange(n_turns) / 40)
    seconds = eye.seconds * practice * rng.lognormal(0.0, 0.4, n_turns)
    active_ms: NDArray[np.int64] = (1000 * np.minimum(seconds, 150)).astype(np.int64)
    return active_ms
