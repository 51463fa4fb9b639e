"""Campaigns that many have judged at, written by the database itself."""

from __future__ import annotations

import numpy as np
from django.db import connection, transaction

from annotations.models import Item, Participant, Study, User
from annotations.services.studies import NewLabel, create_study
from metaeval.models import Campaign, Method, Output, Run
from metaeval.selectors.outputs import stored_vector

# The paper's: all pairs of 13 methods within each of two base models.
N_METHODS, BASES = 13, ("bert", "llama")
N_PAIRS = len(BASES) * N_METHODS * (N_METHODS - 1) // 2
# As many comparisons for each judge whatever the size: only the campaign grows.
COMPARISONS_OF_A_JUDGE = 62
N_LABELS = 12
TEXT = "The landlord keeps my deposit and does not answer my letters. What can I do? " * 8


def make_campaign_at_work(n_comparisons: int, *, n_judges: int | None = None) -> Campaign:
    """So many comparisons, each judged by one judge and wanting two more."""
    n_judges = n_judges or n_comparisons // COMPARISONS_OF_A_JUDGE
    study = create_study(
        slug=f"campaign-{n_comparisons}",
        task=Study.Task.MULTILABEL,
        labels=[NewLabel(f"area {n}") for n in range(N_LABELS)],
    )
    _add_outputs(study, n_comparisons // N_PAIRS)
    people = User.objects.bulk_create(
        User(email=f"{study.slug}-{number}@example.org", password="!") for number in range(n_judges)
    )
    Participant.objects.bulk_create(
        Participant(study=study, user=person, role="judge", number=number)
        for number, person in enumerate(people, start=1)
    )
    campaign = Campaign.objects.create(study=study, name="accuracy", judges_per_comparison=3)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _statements(campaign, n_judges):
            cursor.execute(statement)
    if connection.vendor == "postgresql":
        # As it does by itself after a while; SQLite never does.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return campaign


def _add_outputs(study: Study, n_items: int) -> None:
    items = Item.objects.bulk_create(
        Item(study=study, key=f"item-{number}", position=number, lang="en") for number in range(n_items)
    )
    rng = np.random.default_rng(36)
    for base in BASES:
        for number in range(N_METHODS):
            method = Method.objects.create(
                study=study, name=f"method {number}", base_model=base, position=study.methods.count()
            )
            run = Run.objects.create(method=method)
            Output.objects.bulk_create(
                Output(run=run, item=item, probabilities=stored_vector(rng.uniform(size=N_LABELS)))
                for item in items
            )


def _statements(campaign: Campaign, n_judges: int) -> list[str]:
    on_sqlite = connection.vendor == "sqlite"
    uuid = "lower(hex(randomblob(16)))" if on_sqlite else "gen_random_uuid()"
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if on_sqlite else "now()"
    yes, no, nothing = ("1", "0", "'{}'") if on_sqlite else ("true", "false", "'{}'::jsonb")
    study, of = campaign.study_id, f"c.campaign_id = {campaign.pk}"
    who = f"p.study_id = {study} AND p.number = 1 + c.position % {n_judges}"
    return [
        f"INSERT INTO annotations_itemtext (item_id, position, name, text) SELECT id, 0, 'text', '{TEXT}' "
        f"FROM annotations_item WHERE study_id = {study}",
        "INSERT INTO metaeval_comparison (campaign_id, item_id, low_id, high_id, mode, is_asked, position, seats_taken) "
        f"SELECT {campaign.pk}, i.id, a.id, b.id, 'all-pairs', {yes}, row_number() OVER (ORDER BY random()) - 1, 1 "
        "FROM annotations_item i JOIN metaeval_method a ON a.study_id = i.study_id JOIN metaeval_method b "
        f"ON b.study_id = i.study_id AND b.base_model = a.base_model AND b.id > a.id WHERE i.study_id = {study}",
        "INSERT INTO metaeval_exposure (uuid, comparison_id, participant_id, low_is_left, sequence, left_hash, right_hash, "
        f"shown_at, done_at, lease_until, created_at) SELECT {uuid}, c.id, p.id, {yes}, 1 + c.position / {n_judges}, "
        f"'{'0' * 64}', '{'1' * 64}', {now}, {now}, {now}, {now} FROM metaeval_comparison c JOIN annotations_participant p "
        f"ON {who} WHERE {of}",
        "INSERT INTO metaeval_judgment (uuid, client_key, payload_hash, comparison_id, exposure_id, participant_id, verdict, "
        f"low_is_left, reason, surplus, submitted_at, received_at, active_ms, row_key, metadata) SELECT {uuid}, {uuid}, '', c.id, e.id, "
        f"e.participant_id, 'left', {yes}, '', {no}, {now}, {now}, 20000 + c.position, '', {nothing} FROM metaeval_exposure e "
        f"JOIN metaeval_comparison c ON c.id = e.comparison_id WHERE {of}",
    ]
