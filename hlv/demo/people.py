"""The lawyers who label and the experts who judge: who they are, how they lean, when they work."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from hlv.demo.study import AREA_KEYS, Request
from hlv.stats.arrays import FloatArray

CERTAINTY_LEVELS = 5

# What a careful lawyer gives to an area that a request does not mention: slips of the finger, mostly.
_UNMENTIONED = 0.012
_DAYS = 14
_SLOT_HOURS = (8.0, 13.0, 19.0)
_SLOT_LENGTH_HOURS = 2.5


@dataclass(frozen=True)
class Person:
    """A simulated person: an invented name, an address that cannot exist, a group.

    People of one circle share part of their tastes; where none is named, it is their group.
    """

    key: str
    name: str
    group: str
    languages: tuple[str, ...] = ("en",)
    circle: str = ""

    @property
    def email(self) -> str:
        return f"{self.key}@demonstration.invalid"


_BOTH = ("en", "ar")

LAWYERS: tuple[Person, ...] = (
    Person("lawyer-01", "Odile Marchbanks", "bar"),
    Person("lawyer-02", "Nadim Sarkalian", "bar", _BOTH),
    Person("lawyer-03", "Petra Holloway-Dunn", "bar"),
    Person("lawyer-04", "Yasmin Attarwala", "bar", _BOTH),
    Person("lawyer-05", "Gregor Lindqvale", "bar"),
    Person("lawyer-06", "Salma Benhaddou", "bar", _BOTH),
    Person("lawyer-07", "Tobias Wrenfield", "bar"),
    Person("lawyer-08", "Rania Khalloufi", "academia", _BOTH),
    Person("lawyer-09", "Imogen Carrow", "academia"),
    Person("lawyer-10", "Faris Dabbaghian", "academia", _BOTH),
    Person("lawyer-11", "Hala Mirzayev", "academia", _BOTH),
    Person("lawyer-12", "Casimir Oduya-Blum", "academia", _BOTH),
)

JUDGES: tuple[Person, ...] = (
    Person("judge-1", "Leonie Ashgrove", "bar", _BOTH, "judges"),
    Person("judge-2", "Khalid Merzouki", "bar", _BOTH, "judges"),
    Person("judge-3", "Beatrix Sundqvist", "bar", _BOTH, "judges"),
    Person("judge-4", "Amal Fakhrani", "bar", _BOTH, "judges"),
    Person("judge-5", "Julian Pemberwick", "academia", _BOTH, "judges"),
    Person("judge-6", "Noor Ellisander", "academia", _BOTH, "judges"),
    Person("judge-7", "Marek Tavistock", "academia", _BOTH, "judges"),
    Person("judge-8", "Dalia Shahinova", "academia", _BOTH, "judges"),
)


@dataclass(frozen=True)
class Leaning:
    """How one person departs from the careful lawyer, in natural-log odds.

    Attributes
    ----------
    readiness : float
        Added to every area: above 0 chooses more areas.
    tastes : float array, shape (12,)
        Added to each area.
    unsteadiness : float
        Scale of the logistic noise of a single answer; 1 reproduces the probabilities of the requests.
    boldness : float
        Added to every certainty, in levels of the scale from 1 to 5.
    words_per_minute : float
    """

    readiness: float
    tastes: FloatArray
    unsteadiness: float
    boldness: float
    words_per_minute: float


def draw_leanings(
    people: tuple[Person, ...], rng: np.random.Generator, *, spread: float = 1.0
) -> tuple[Leaning, ...]:
    """One leaning for each person; those of a circle share part of their tastes.

    `spread` scales how far people stand apart in readiness and tastes.
    """
    circles = sorted({person.circle or person.group for person in people})
    shared = {circle: rng.normal(0.0, 0.25 * spread, len(AREA_KEYS)) for circle in circles}
    return tuple(
        Leaning(
            readiness=float(rng.normal(0.0, 0.35 * spread)),
            tastes=shared[person.circle or person.group] + rng.normal(0.0, 0.35 * spread, len(AREA_KEYS)),
            unsteadiness=float(rng.uniform(0.55, 1.15)),
            boldness=float(rng.normal(0.2, 0.6)),
            words_per_minute=float(rng.uniform(150, 260)),
        )
        for person in people
    )


def careful_log_odds(requests: tuple[Request, ...]) -> FloatArray:
    """Log odds that a careful lawyer chooses each area, shape (n_requests, 12)."""
    chances = np.array(
        [[request.areas.get(key, _UNMENTIONED) for key in AREA_KEYS] for request in requests],
        dtype=np.float64,
    )
    log_odds: FloatArray = np.log(chances) - np.log1p(-chances)
    return log_odds


def draw_times(
    active_ms: NDArray[np.int64], *, first_day: datetime, rng: np.random.Generator
) -> list[tuple[datetime, datetime]]:
    """When each task was shown and submitted, in order: sittings spread over two weeks.

    `first_day` is midnight in UTC. Raises ValueError where a sitting does not fit into its hours.
    """
    n_sittings = int(np.clip(round(len(active_ms) / 24), 3, _DAYS * len(_SLOT_HOURS)))
    slots = np.sort(rng.choice(_DAYS * len(_SLOT_HOURS), n_sittings, replace=False))
    times: list[tuple[datetime, datetime]] = []
    for slot, tasks in zip(slots.tolist(), np.array_split(active_ms, n_sittings), strict=True):
        day, part = divmod(slot, len(_SLOT_HOURS))
        hour = _SLOT_HOURS[part] + float(rng.uniform(0, 1.5))
        start = first_day + timedelta(days=day, seconds=round(hour * 3600))
        end = start + timedelta(hours=_SLOT_LENGTH_HOURS)
        for active, pause in zip(tasks.tolist(), rng.integers(0, 15_000, len(tasks)).tolist(), strict=True):
            submitted = start + timedelta(milliseconds=active + pause)
            times.append((start, submitted))
            start = submitted
        if start > end:
            raise ValueError(f"a sitting of {len(tasks)} tasks is longer than {_SLOT_LENGTH_HOURS} hours")
    return times


def midnight(year: int, month: int, day: int) -> datetime:
    """The start of a day in UTC."""
    return datetime(year, month, day, tzinfo=UTC)
