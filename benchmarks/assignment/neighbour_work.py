"""On an empty database: what the next text costs in a small study, alone and then beside a large one."""

from __future__ import annotations

import time
from typing import Any

from django.core.management import call_command
from django.db import connection

from benchmarks.assignment.filling import make_study_at_work
from benchmarks.assignment.next_item_work import N_WARMING, measure


def main(*, n_texts: int, n_texts_beside: int, n_people_beside: int, n_rounds: int) -> dict[str, Any]:
    """Medians in seconds, and queries, of each kind of step; and how long filling took."""
    call_command("migrate", verbosity=0)
    small = {n_texts: make_study_at_work(n_texts, n_answers=5, wanted=6, slug="small")}
    _gather_statistics()
    alone = measure(small, 0, n_rounds)[n_texts]
    begun = time.perf_counter()
    make_study_at_work(n_texts_beside, n_answers=1, wanted=6, slug="large", n_people=n_people_beside)
    _gather_statistics()
    seconds = time.perf_counter() - begun
    beside = measure(small, n_rounds + N_WARMING, n_rounds)[n_texts]
    return {"alone": alone, "beside": beside, "seconds": seconds}


def _gather_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
