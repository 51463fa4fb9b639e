"""On an empty database: what the next text costs in studies of several sizes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any, TypeVar
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Assignment, Participant, Study
from annotations.services.annotating import Answer, record_annotation
from annotations.services.assigning import next_assignment
from benchmarks.assignment.filling import make_study_at_work

ANSWER = Answer(chosen={"area 3": 0.8})
# The bounds of a transaction ask nothing of a table.
BOUNDS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
N_WARMING = 2
Found = TypeVar("Found")


def main(
    *, sizes: list[int], ways: list[tuple[str, str]], n_answers: int, n_rounds: int
) -> dict[str, list[dict[str, Any]]]:
    """For each size and way (rule of assignment, order) medians in seconds, and queries; and how long filling took."""
    call_command("migrate", verbosity=0)
    studies, fills = {}, []
    for size in sizes:
        begun = time.perf_counter()
        studies[size] = make_study_at_work(
            size, n_answers=n_answers, wanted=n_answers + 1, slug=f"texts-{size}"
        )
        fills.append({"size": size, "seconds": time.perf_counter() - begun})
    # Once for all: what the planners know of a study should not depend on when another was filled.
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    found = []
    for place, (rule, order) in enumerate(ways):
        Study.objects.update(assignment=rule, order=order)
        first = place * (n_rounds + N_WARMING)
        found += [
            {"rule": rule, "order": order, "size": size, **measured}
            for size, measured in measure(studies, first, n_rounds).items()
        ]
    return {"steps": found, "fills": fills}


class Meter:
    """Seconds and queries of each kind of step."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.queries: defaultdict[str, list[int]] = defaultdict(list)

    def step(self, kind: str, task: Callable[[], Found]) -> Found:
        with CaptureQueriesContext(connection) as asked:
            begun = time.perf_counter()
            found = task()
            self.seconds[kind].append(time.perf_counter() - begun)
        self.queries[kind].append(sum(not one["sql"].startswith(BOUNDS) for one in asked))
        return found


def measure(studies: dict[int, Study], first: int, n_rounds: int) -> dict[int, dict[str, Any]]:
    """People in turn from the first on, each of whom has answered some of the texts.

    Studies take turns too, so that other work on the machine slows all sizes alike.
    """
    meters = {size: Meter() for size in studies}
    for place in range(first, first + n_rounds + N_WARMING):
        for size, study in studies.items():
            _go_on(meters[size], study.participants.select_related("study", "user").order_by("number")[place])
    return {
        size: {
            kind: {
                "seconds": median(meter.seconds[kind][N_WARMING:]),
                "queries": max(meter.queries[kind][N_WARMING:]),
            }
            for kind in meter.seconds
        }
        for size, meter in meters.items()
    }


def _go_on(meter: Meter, person: Participant) -> None:
    assert person.user is not None
    client = Client(raise_request_exception=True)
    client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
    seat = meter.step("seat", lambda: next_assignment(person))
    assert isinstance(seat, Assignment), seat
    address = f"/seats/{seat.uuid}/"
    for kind in ("first page", "page"):
        assert meter.step(kind, lambda: client.get(address)).status_code == 200
    meter.step("answer", lambda: record_annotation(assignment=seat, client_key=uuid4(), answer=ANSWER))
    onward = next_assignment(person)
    assert isinstance(onward, Assignment), onward
    address = f"/seats/{onward.uuid}/following/"
    sent: dict[str, Any] = {"content_type": "application/json"}
    # First all that a page without texts ahead asks for; then, as for every text after it, one.
    ahead = client.post(address, {"have": []}, **sent).json()["order"]
    have = [one["place"] for one in ahead[:-1]]
    assert meter.step("following", lambda: client.post(address, {"have": have}, **sent)).status_code == 200
