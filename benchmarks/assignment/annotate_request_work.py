"""On an empty database: what an annotator's page asks of the server between two texts."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Participant, Study
from annotations.services.studies import publish_guideline
from benchmarks.assignment.filling import TEXT, make_study_at_work
from benchmarks.assignment.next_item_work import BOUNDS

N_WARMING = 3
TICKS = os.sysconf("SC_CLK_TCK")


def main(*, sizes: list[int], n_answers: int, n_rounds: int) -> list[dict[str, Any]]:
    """For each size: requests, statements (the most), CPU in ms (means), bytes (medians)."""
    call_command("migrate", verbosity=0)
    studies = {
        size: make_study_at_work(size, n_answers=n_answers, wanted=n_answers + 1, slug=f"texts-{size}")
        for size in sizes
    }
    for study in studies.values():
        publish_guideline(study, text="Read all of it.")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return [{"size": size, **measure(study, n_rounds)} for size, study in studies.items()]


def measure(study: Study, n_rounds: int) -> dict[str, Any]:
    """One person answers text after text: first counted, then timed without counting."""
    person = study.participants.select_related("study", "user").order_by("number")[0]
    page = Page(person)
    statements, sizes, requests = [], [], []
    for _ in range(N_WARMING):
        page.answer_one()
    for _ in range(n_rounds // 4):
        with CaptureQueriesContext(connection) as asked:
            page.answer_one()
        statements.append(sum(not one["sql"].startswith(BOUNDS) for one in asked))
        sizes.append(page.n_bytes - len(TEXT))
        requests.append(page.n_requests)
    python, database = time.process_time(), database_seconds()
    for _ in range(n_rounds):
        page.answer_one()
    return {
        "requests": median(requests),
        "statements": max(statements),
        "python": 1000 * (time.process_time() - python) / n_rounds,
        "database": 1000 * (database_seconds() - database) / n_rounds,
        "bytes": round(median(sizes)),
    }


def database_seconds() -> float:
    """CPU of PostgreSQL's process of this connection; SQLite computes in this process."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Page:
    """What static/js/annotate.js asks, with ten texts fetched ahead."""

    def __init__(self, person: Participant) -> None:
        assert person.user is not None
        self.client = Client()
        self.client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
        self.address = self.client.get(f"/studies/{person.study.uuid}/annotate/")["Location"]
        self.client.get(self.address)
        self.ahead: list[str] = []
        # Of the newest text that came with one.
        self.form = ""
        self.n_bytes = self.n_requests = 0
        self._look()

    def answer_one(self) -> None:
        self.n_bytes = self.n_requests = 0
        answer = {
            "guideline_version": 1,
            "client_key": str(uuid4()),
            "chosen": {"area 3": 0.8},
            "submitted_at": timezone.now().isoformat(),
            "active_ms": 20_000,
        }
        shown = self.ahead.pop(0)
        wanted = urlencode({"shown": shown, "form": self.form, "have": ",".join(self.ahead)})
        reply = self._post(f"/api{self.address}answers/?{wanted}", answer, 201)["next_texts"]
        self.address = f"/seats/{shown}/"
        if reply is None or reply["more"]:
            self._look()
        else:
            self._take(reply)

    def _look(self) -> None:
        more = True
        while more:
            reply = self._post(f"{self.address}following/", {"have": self.ahead}, 200)
            self._take(reply)
            more = reply["more"]

    def _take(self, reply: dict[str, Any]) -> None:
        self.ahead = [one["place"] for one in reply["order"]]
        for text in reply["texts"]:
            self.form = text.get("form", self.form)

    def _post(self, address: str, payload: dict[str, Any], status: int) -> Any:
        response = self.client.post(address, payload, content_type="application/json")
        if response.status_code != status:
            raise SystemExit(f"{address} answered {response.status_code}: {response.content[:500]!r}")
        self.n_requests += 1
        self.n_bytes += len(response.content)
        return response.json()
