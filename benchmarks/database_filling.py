"""Fills a fresh database with the judgments that `benchmarks.database` counts; prints the keys of the campaigns.

python -m benchmarks.database_filling N_METHODS N_JUDGES N_ITEMS N_JUDGMENTS ...
"""

from __future__ import annotations

import sys
from itertools import combinations

import django


def main(n_methods: int, n_judges: int, n_items: int, sizes: list[int]) -> None:
    django.setup()
    from annotations.models import Import, Item, Participant, Study
    from metaeval.models import Campaign, Comparison, Method

    study = Study.objects.create(slug="bench", name="Benchmark", task="single")
    batch = Import.objects.create(
        study=study, kind="judgments", source="bench.csv", format="long", sha256="0" * 64
    )
    methods = Method.objects.bulk_create(
        Method(study=study, name=f"method {number}", position=number) for number in range(n_methods)
    )
    items = Item.objects.bulk_create(
        Item(study=study, key=f"item-{number}", position=number) for number in range(n_items)
    )
    judges = Participant.objects.bulk_create(
        Participant(study=study, role="judge", source=f"judge-{number}", number=number + 1)
        for number in range(n_judges)
    )
    campaigns = []
    for size in sizes:
        campaign = Campaign.objects.create(study=study, name=f"{size} judgments")
        Comparison.objects.bulk_create(
            (
                Comparison(campaign=campaign, item=item, low=low, high=high, mode="imported")
                for item in items
                for low, high in combinations(methods, 2)
            ),
            batch_size=5000,
        )
        _judge(campaign.pk, batch.pk, judges[0].pk, n_judges=n_judges, n_judgments=size)
        campaigns.append(campaign.pk)
    print(*campaigns)


def _judge(campaign: int, batch: int, first_judge: int, *, n_judges: int, n_judgments: int) -> None:
    """Judgments made where they will lie; the later method tends to win."""
    from django.db import connection

    from metaeval.models import Comparison

    n_comparisons = Comparison.objects.filter(campaign=campaign).count()
    with connection.cursor() as cursor:
        # they obey the rules, and checking a million rows one by one would take minutes
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            """
            WITH there AS (
                SELECT id, low_id, high_id, row_number() OVER (ORDER BY id) - 1 AS place
                FROM metaeval_comparison WHERE campaign_id = %(campaign)s
            ), drawn AS (
                SELECT number, there.*, random() AS luck, random() < 0.5 AS low_is_left
                FROM generate_series(1, %(n_judgments)s) AS number
                JOIN there ON there.place = (number::bigint * 7919) %% %(n_comparisons)s
            )
            INSERT INTO metaeval_judgment (uuid, client_key, payload_hash, comparison_id, participant_id, verdict,
                low_is_left, reason, surplus, submitted_at, received_at, import_batch_id, row_key, metadata)
            SELECT gen_random_uuid(), gen_random_uuid(), '', id, %(judge)s + number %% %(n_judges)s,
                CASE WHEN luck > 0.8 THEN 'tie'
                     WHEN (luck / 0.8 < 1 / (1 + exp((high_id - low_id) / 50.0))) = low_is_left THEN 'left'
                     ELSE 'right' END,
                low_is_left, '', false, now(), now(), %(batch)s, '', '{}'
            FROM drawn
            """,
            {
                "campaign": campaign,
                "n_judgments": n_judgments,
                "n_comparisons": n_comparisons,
                "judge": first_judge,
                "n_judges": n_judges,
                "batch": batch,
            },
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    n_methods, n_judges, n_items, *sizes = (int(argument) for argument in sys.argv[1:])
    main(n_methods, n_judges, n_items, sizes)
