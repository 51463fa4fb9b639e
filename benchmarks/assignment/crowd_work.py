"""On an empty database: two hundred people at work at once, as their pages ask the server."""

from __future__ import annotations

import queue
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from typing import Any, ClassVar
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from annotations.models import Annotation, Participant
from benchmarks.assignment.filling import make_study_at_work

WANTED = 5
# Pages are opened before the clock runs, a few at once.
N_OPENING = 3
# Seconds until the page sends again what failed.
PAUSE = 5.0


def main(*, n_items: int, n_each: int, n_threads: int) -> dict[str, Any]:
    """So many answers of each person of a fresh study, given by so many threads of one process."""
    call_command("migrate", verbosity=0)
    study = make_study_at_work(n_items, n_answers=0, wanted=WANTED, slug="crowd")
    people = list(study.participants.select_related("study", "user").order_by("number"))
    at_desks: queue.SimpleQueue[AtDesk] = queue.SimpleQueue()

    def work(_thread: int) -> list[float]:
        seconds = []
        try:
            while True:
                at_desk = at_desks.get_nowait()
                begun = time.perf_counter()
                at_desk.answer_one()
                seconds.append(time.perf_counter() - begun)
                if at_desk.n_left:
                    at_desks.put(at_desk)
        except queue.Empty:
            return seconds
        finally:
            connection.close()

    def open_desk(person: Participant) -> None:
        at_desks.put(AtDesk(person, n_each))
        connection.close()

    with ThreadPoolExecutor(N_OPENING) as pool:
        list(pool.map(open_desk, people))
    begun = time.perf_counter()
    with ThreadPoolExecutor(n_threads) as pool:
        seconds = [one for thread in pool.map(work, range(n_threads)) for one in thread]
    took = time.perf_counter() - begun
    return {
        "n_people": len(people),
        "n_answers": len(seconds),
        "n_stored": Annotation.objects.filter(item__study=study).count(),
        "n_over_assigned": study.items.filter(seats_taken__gt=WANTED).count(),
        "seconds": took,
        "median": median(seconds),
        "n_sent_again": sum(AtDesk.sent_again),
        "p95": quantiles(seconds, n=20)[-1],
    }


class AtDesk:
    """One person and what their page has fetched ahead, as static/js/prefetch.js keeps it."""

    # One for each request that the server failed at, of whomever: a list, as threads add to it.
    sent_again: ClassVar[list[int]] = []

    def __init__(self, person: Participant, n_each: int) -> None:
        assert person.user is not None
        self.client = Client(raise_request_exception=False)
        self.client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
        opened = self.client.get(f"/studies/{person.study.uuid}/annotate/")
        self.address = opened["Location"]
        self.ahead: list[str] = []
        self.n_left = n_each
        self._look()

    def answer_one(self) -> None:
        """What the server does between two texts: it stores one answer, and brings what is missing ahead."""
        self._post(
            f"/api{self.address}answers/",
            {
                "client_key": str(uuid4()),
                "chosen": {"area 3": 0.8},
                "submitted_at": timezone.now().isoformat(),
                "active_ms": 20_000,
            },
            201,
        )
        self.n_left -= 1
        self.address = f"/seats/{self.ahead.pop(0)}/"
        self._look()

    def _look(self) -> None:
        more = True
        while more:
            said = self._post(f"{self.address}following/", {"have": self.ahead}, 200)
            self.ahead, more = [one["place"] for one in said["order"]], said["more"]

    def _post(self, address: str, payload: dict[str, Any], status: int) -> Any:
        response = self.client.post(address, payload, content_type="application/json")
        while response.status_code == 500:
            # As the page does, which keeps what it could not send: SQLite may be held by others for too long.
            self.sent_again.append(1)
            time.sleep(PAUSE)
            response = self.client.post(address, payload, content_type="application/json")
        if response.status_code != status:
            raise SystemExit(f"{address} answered {response.status_code}: {response.content[:500]!r}")
        return response.json()
