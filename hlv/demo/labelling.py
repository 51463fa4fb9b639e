"""What the simulated lawyers answered: areas with certainty, empty sets, flags and times."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from hlv.demo.study import (
    ANSWERS_PER_REQUEST,
    AREA_KEYS,
    CERTAINTY_LEVELS,
    GUIDELINE_2_SINCE,
    LAWYERS,
    Leaning,
    Person,
    Request,
    careful_log_odds,
    draw_leanings,
    draw_times,
    midnight,
)
from hlv.stats.arrays import FloatArray

_FIRST_DAY = midnight(2026, 10, 12)
_CONTRACT = AREA_KEYS.index("contract")
_NEIGHBOURS_OF_CONTRACT = [AREA_KEYS.index("housing"), AREA_KEYS.index("consumer")]


@dataclass(frozen=True)
class AnnotationDraw:
    """One answer of one lawyer to one request.

    `certainty` holds the chosen areas, 0.2 a guess ... 1.0 certain; empty is the empty set, an answer,
    unless `gives_labels` is false. `rejected` are areas marked "surely not".
    """

    person: str
    request: str
    gives_labels: bool
    certainty: dict[str, float]
    rejected: tuple[str, ...]
    facts_insufficient: bool
    guideline_unclear: bool
    guideline_version: int
    shown_at: datetime
    submitted_at: datetime
    active_ms: int


def draw_annotations(requests: tuple[Request, ...], rng: np.random.Generator) -> tuple[AnnotationDraw, ...]:
    """Five answers to each request, ordered by the time of submission."""
    log_odds = careful_log_odds(requests)
    leanings = draw_leanings(LAWYERS, rng)
    seats = assign_readers(requests, LAWYERS, rng)
    draws: list[AnnotationDraw] = []
    for person, leaning, own in zip(LAWYERS, leanings, seats, strict=True):
        active_ms = _reading_times([requests[n] for n in own], leaning, rng)
        times = draw_times(active_ms, first_day=_FIRST_DAY, rng=rng)
        for n, active, (shown_at, submitted_at) in zip(own, active_ms.tolist(), times, strict=True):
            version = 2 if shown_at >= GUIDELINE_2_SINCE else 1
            latent = _latent(log_odds[n], leaning, version, rng)
            draws.append(
                _answer(
                    person.key,
                    requests[n].id,
                    latent,
                    log_odds[n],
                    leaning,
                    version=version,
                    shown_at=shown_at,
                    submitted_at=submitted_at,
                    active_ms=active,
                    rng=rng,
                )
            )
    return tuple(sorted(draws, key=lambda draw: (draw.submitted_at, draw.person)))


def assign_readers(
    requests: tuple[Request, ...], people: tuple[Person, ...], rng: np.random.Generator
) -> list[list[int]]:
    """Requests of each person, in the person's own order; nobody gets a language they do not read."""
    burden = np.zeros(len(people), dtype=np.int64)
    own: list[list[int]] = [[] for _ in people]
    # The rarer language first: its few readers are then spared where everybody can read.
    order = sorted(range(len(requests)), key=lambda n: requests[n].lang == "en")
    for n in order:
        readers = np.array([i for i, person in enumerate(people) if requests[n].lang in person.languages])
        ranked = readers[np.lexsort((rng.random(len(readers)), burden[readers]))]
        for i in ranked[:ANSWERS_PER_REQUEST].tolist():
            own[i].append(n)
            burden[i] += 1
    return [[tasks[at] for at in rng.permutation(len(tasks)).tolist()] for tasks in own]


def _reading_times(requests: list[Request], leaning: Leaning, rng: np.random.Generator) -> NDArray[np.int64]:
    words = np.array([len(request.text.split()) for request in requests])
    reading_ms = words / leaning.words_per_minute * 60_000
    answering_ms = rng.lognormal(np.log(11_000), 0.5, len(requests))
    active_ms: NDArray[np.int64] = np.minimum(reading_ms + answering_ms, 180_000).astype(np.int64)
    return active_ms


def _latent(log_odds: FloatArray, leaning: Leaning, version: int, rng: np.random.Generator) -> FloatArray:
    """How far each area stands above (or below) this lawyer's threshold on this request."""
    latent: FloatArray = log_odds + leaning.readiness + leaning.tastes
    latent = latent + rng.logistic(0.0, leaning.unsteadiness, len(AREA_KEYS))
    # Version 2 says that contract is not chosen where tenancy or consumer law alone decides.
    if version == 2 and log_odds[_NEIGHBOURS_OF_CONTRACT].max() > 0 and log_odds[_CONTRACT] < 1:
        latent[_CONTRACT] -= 0.8
    return latent


def _answer(
    person: str,
    request: str,
    latent: FloatArray,
    log_odds: FloatArray,
    leaning: Leaning,
    *,
    version: int,
    shown_at: datetime,
    submitted_at: datetime,
    active_ms: int,
    rng: np.random.Generator,
) -> AnnotationDraw:
    facts_insufficient, guideline_unclear = _flags(log_odds, version, rng)
    gives_labels = not (facts_insufficient or guideline_unclear) or bool(rng.random() < 0.7)
    levels = np.clip(np.rint(1.4 + 0.9 * latent + leaning.boldness), 1, CERTAINTY_LEVELS)
    certainty = {key: float(levels[k]) / CERTAINTY_LEVELS for k, key in enumerate(AREA_KEYS) if latent[k] > 0}
    # Only what suggests itself is rejected expressly.
    tempting = (latent < -1.5) & (log_odds > -2.2) & (rng.random(len(AREA_KEYS)) < 0.6)
    rejected = tuple(key for k, key in enumerate(AREA_KEYS) if tempting[k])
    return AnnotationDraw(
        person=person,
        request=request,
        gives_labels=gives_labels,
        certainty=certainty if gives_labels else {},
        rejected=rejected if gives_labels else (),
        facts_insufficient=facts_insufficient,
        guideline_unclear=guideline_unclear,
        guideline_version=version,
        shown_at=shown_at,
        submitted_at=submitted_at,
        active_ms=active_ms,
    )


def _flags(log_odds: FloatArray, version: int, rng: np.random.Generator) -> tuple[bool, bool]:
    divided = bool(log_odds.max() < 1.4)
    contract_divided = bool(abs(log_odds[_CONTRACT]) < 1)
    facts = rng.random() < (0.10 if divided else 0.02)
    guideline = rng.random() < (0.07 if contract_divided and version == 1 else 0.01)
    return bool(facts), bool(guideline)
