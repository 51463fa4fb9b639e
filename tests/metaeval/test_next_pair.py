"""What the next pair costs: as many queries, each by an index, however many comparisons a campaign has."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metaeval.models import Campaign, Comparison, Exposure, Method, Output, Run
from metaeval.selectors.outputs import stored_vector
from metaeval.services.presentation import next_exposure
from tests.making import make_campaign, make_items, make_participant, make_study
from tests.metaeval.making import signed_in

# Of imports and their withdrawals there are few.
FEW = {"annotations_import", "annotations_importreversal"}

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_large(n_methods: int) -> Campaign:
    """All pairs of so many methods on six texts; every other comparison has one of two judges."""
    study = make_study()
    items = make_items(study, 6)
    methods = Method.objects.bulk_create(
        Method(study=study, name=f"method {number}", position=number) for number in range(n_methods)
    )
    runs = Run.objects.bulk_create(Run(method=method) for method in methods)
    values = stored_vector([0.5] * study.labels.count())
    Output.objects.bulk_create(
        Output(run=run, item=item, probabilities=values) for run in runs for item in items
    )
    campaign = make_campaign(study, judges_per_comparison=2)
    pairs = [(item, *pair) for pair in combinations(methods, 2) for item in items]
    Comparison.objects.bulk_create(
        Comparison(
            campaign=campaign,
            item=item,
            low=low,
            high=high,
            mode="all-pairs",
            is_asked=True,
            position=position,
            seats_taken=position % 2,
        )
        for position, (item, low, high) in enumerate(pairs)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE metaeval_comparison, metaeval_output, metaeval_exposure, metaeval_run")
    return campaign


def asked(what: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert what()
    return [one["sql"] for one in queries if one["sql"].startswith("SELECT")]


def plan_of(sql: str) -> list[str]:
    how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {sql}")
        return [row[-1].strip() for row in cursor.fetchall()]


def tables_read_whole(sql: str) -> set[str]:
    """On SQLite, whose plan names a table by its alias."""
    names = [line.split()[1] for line in plan_of(sql) if line.startswith("SCAN")]
    aliases = {alias: table for table, alias in re.findall(r'"(\w+)" ([A-Z]\d+)\b', sql)}
    return {aliases.get(name, name) for name in names}


def test_the_next_pair_is_found_by_an_index_however_many_there_are() -> None:
    costs = []
    for n_methods in (4, 28):
        campaign = make_large(n_methods)
        judge = make_participant(campaign.study, "judge")
        next_exposure(judge, campaign)
        Exposure.objects.update(done_at="2026-11-25T12:00Z")
        giving = asked(
            lambda judge=judge, campaign=campaign: isinstance(next_exposure(judge, campaign), Exposure)
        )
        address = f"/exposures/{Exposure.objects.latest('pk').uuid}/"
        client = signed_in(judge)
        # What is remembered of a large campaign is counted by the first page.
        client.get(address)
        page = asked(lambda client=client, address=address: client.get(address))
        costs.append((len(giving), len(page)))
    assert costs[1][0] == costs[0][0] <= 12
    assert costs[1][1] <= costs[0][1] <= 17
    (leading,) = (sql for sql in giving if "comparison_next" in str(plan_of(sql)))
    plan = plan_of(leading)
    sorts = [line for line in plan if "TEMP B-TREE" in line or "Sort Key" in line]
    # Withdrawals are sorted, of which there are few, by their keys.
    assert not [line for line in sorts if not line.endswith(".id DESC")], plan
    for sql in [*giving, *page]:
        assert tables_read_whole(sql) <= FEW, (sql, plan_of(sql))


def test_judges_walk_in_orders_of_their_own_and_breadth_first() -> None:
    campaign = make_large(4)
    judges = [make_participant(campaign.study, "judge") for _ in range(2)]
    orders = []
    for judge in judges:
        shown = []
        for _ in range(9):
            exposure = next_exposure(judge, campaign)
            assert isinstance(exposure, Exposure)
            shown.append(exposure.comparison.position)
            Exposure.objects.filter(pk=exposure.pk).update(done_at="2026-11-25T12:00Z")
        orders.append(shown)
    assert {*orders[0], *orders[1]} == set(range(0, 36, 2)), "first those that nobody has judged, each once"
    assert all(order != sorted(order) for order in orders)
