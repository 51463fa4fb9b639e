"""Rounds of several sizes on one database, and what each page of watching costs there: a process of its own.

Prints one line of JSON. The database is the one that the environment names, and should be empty.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from statistics import median
from typing import Any
from uuid import uuid4

import django

SIZES = (1_000, 10_000, 100_000)
ANSWERS_PER_ITEM = 5
N_PEOPLE = 40
ANSWERS_PER_HOUR = 25
# One answer of fifty says something to the researcher.
REMARK_EACH = 50
N_RESAMPLES = 50
N_ROUNDS = 9
CHUNK = 2_000


def in_chunks(rows: Iterator[Any]) -> None:
    while chunk := list(islice(rows, CHUNK)):
        type(chunk[0])._default_manager.bulk_create(chunk)


def make_round(n_answers: int) -> Any:
    from django.utils import timezone

    from annotations.models import Annotation, AnnotationLabel, Assignment, Item, ItemText, Participant
    from annotations.services.people import create_person
    from annotations.services.studies import NewLabel, add_participant, create_study

    keys = ("housing", "contract", "family", "debt")
    study = create_study(
        slug=f"round-{n_answers}",
        task="single",
        labels=[NewLabel(key) for key in keys],
        answers_wanted=ANSWERS_PER_ITEM + 1,
    )
    person = create_person(email=f"owner{n_answers}@example.org", name="Owner")
    add_participant(study, user=person, role="owner")
    n_items = n_answers // ANSWERS_PER_ITEM
    in_chunks(
        Item(
            study=study,
            key=str(n),
            position=n,
            seats_taken=ANSWERS_PER_ITEM,
            evidence=Item.Evidence.ANNOTATIONS,
        )
        for n in range(n_items)
    )
    items = list(study.items.order_by("position").values_list("pk", flat=True))
    in_chunks(
        ItemText(item_id=pk, position=0, name="text", text="The landlord keeps my deposit.") for pk in items
    )
    people = [
        add_participant(
            study,
            user=create_person(email=f"a{n}of{n_answers}@example.org", name=f"A {n}"),
            role=Participant.Role.ANNOTATOR,
            group="bar" if n % 2 else "academia",
        ).pk
        for n in range(N_PEOPLE)
    ]
    now = timezone.now()
    pairs = [
        (item, people[(place + step * 7) % N_PEOPLE])
        for step in range(ANSWERS_PER_ITEM)
        for place, item in enumerate(items)
    ]
    order = dict.fromkeys(people, 0)

    def answers() -> Iterator[Annotation]:
        for number, (item, person) in enumerate(pairs):
            order[person] += 1
            # Eight hours a day, back from yesterday.
            hours = order[person] // ANSWERS_PER_HOUR
            when = now - timedelta(days=1 + hours // 8, hours=hours % 8)
            unclear = number % REMARK_EACH == 0
            yield Annotation(
                item_id=item,
                participant_id=person,
                client_key=uuid4(),
                gives_labels=True,
                guideline_unclear=unclear,
                comment="Which version holds?" if unclear else "",
                submitted_at=when,
                active_ms=20_000 + number % 40_000,
            )

    in_chunks(
        Assignment(item_id=item, participant_id=person, lease_until=now, done_at=now)
        for item, person in pairs
    )
    in_chunks(answers())
    labels = list(study.labels.order_by("position").values_list("pk", flat=True))
    given = (
        Annotation.objects.filter(item__study=study).values_list("pk", "item_id").iterator(chunk_size=CHUNK)
    )
    in_chunks(
        AnnotationLabel(
            annotation_id=pk, label_id=labels[(item + (pk % 3 == 0)) % len(labels)], certainty=0.8
        )
        for pk, item in given
    )
    return study


def measure() -> dict[str, Any]:
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from annotations.services.rounds import compute_round

    call_command("migrate", verbosity=0)
    rounds = {size: make_round(size) for size in SIZES}
    with connection.cursor() as cursor:
        # As both databases do by themselves sooner or later.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    report_seconds = {}
    for size, study in rounds.items():
        begun = time.perf_counter()
        compute_round(study, n_resamples=N_RESAMPLES).keep([])
        report_seconds[size] = time.perf_counter() - begun
    clients, addresses = {}, {}
    for size, study in rounds.items():
        clients[size] = Client()
        clients[size].force_login(
            study.participants.get(role="owner").user, backend="django.contrib.auth.backends.ModelBackend"
        )
        addresses[size] = {
            "progress": reverse("progress", args=[study.uuid]),
            "remarks": reverse("remarks", args=[study.uuid]),
            "texts": reverse("watched-texts", args=[study.uuid]),
            "one text": reverse("watched-item", args=[study.items.all()[0].uuid]),
        }
    pages: dict[str, Any] = {}
    for page in addresses[SIZES[0]]:
        seconds: dict[int, list[float]] = {size: [] for size in SIZES}
        queries = {}
        for size in SIZES:
            with CaptureQueriesContext(connection) as asked:
                response = clients[size].get(addresses[size][page])
            if response.status_code != 200:
                raise SystemExit(f"{page} answered {response.status_code}")
            queries[size] = len(asked)
        # In turn, so that other work on the machine slows all sizes alike.
        for _ in range(N_ROUNDS):
            for size in SIZES:
                begun = time.perf_counter()
                clients[size].get(addresses[size][page])
                seconds[size].append(time.perf_counter() - begun)
        pages[page] = {
            "seconds": {size: median(times) for size, times in seconds.items()},
            "queries": queries,
        }
    return {"pages": pages, "report": report_seconds}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hlv.settings")
    django.setup()
    print(json.dumps(measure()))
    sys.exit(0)
