"""Studies that many have worked at, written by the database itself: a hundred thousand texts take seconds."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from annotations.models import Participant, Study, User
from annotations.services.studies import NewLabel, create_study

# Numbered people who answer in turn: of n people, person k answers the texts t with (t + k) % n < answers.
N_PEOPLE = 200
TEXT = "The landlord keeps my deposit and does not answer my letters. What can I do? " * 8

# What a trigger counts otherwise.
TALLIES = """
    INSERT INTO annotations_answertally (participant_id, hour, n_answers, n_skips, n_revisions, active_ms)
    SELECT a.participant_id, date_trunc('hour', a.submitted_at, 'UTC'), count(*), 0, 0, 0
    FROM annotations_annotation a JOIN annotations_item i ON i.id = a.item_id WHERE i.study_id = %s GROUP BY 1, 2
"""


def make_study_at_work(
    n_items: int, *, n_answers: int, wanted: int, slug: str, n_people: int = N_PEOPLE, **fields: Any
) -> Study:
    """A study of so many texts, each with so many answers."""
    study = create_study(
        slug=slug,
        task=Study.Task.MULTILABEL,
        labels=[NewLabel(f"area {n}") for n in range(12)],
        answers_wanted=wanted,
        **fields,
    )
    people = User.objects.bulk_create(
        User(email=f"{slug}-{number}@example.org", password="!") for number in range(n_people)
    )
    Participant.objects.bulk_create(
        Participant(
            study=study, user=person, role="annotator", number=number, group="bar" if number % 2 else "bench"
        )
        for number, person in enumerate(people, start=1)
    )
    on_postgresql = connection.vendor == "postgresql"
    with transaction.atomic(), connection.cursor() as cursor:
        if on_postgresql:
            # The rows obey the rules; to check and tally a million of them one by one would take minutes.
            cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in _statements(study, n_items, n_answers, n_people):
            cursor.execute(statement)
        if on_postgresql:
            cursor.execute(TALLIES, [study.pk])
    return study


def _statements(study: Study, n_items: int, n_answers: int, n_people: int) -> list[str]:
    on_sqlite = connection.vendor == "sqlite"
    uuid = "lower(hex(randomblob(16)))" if on_sqlite else "gen_random_uuid()"
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if on_sqlite else "now()"
    yes, no, nothing = ("1", "0", "'{}'") if on_sqlite else ("true", "false", "'{}'::jsonb")
    numbers = (
        f"WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {n_items - 1})"
        if on_sqlite
        else f"WITH numbers AS (SELECT generate_series(0, {n_items - 1}) AS n)"
    )
    turn = f"(i.position + p.number) % {n_people} < {n_answers}"
    pairs = (
        f"FROM annotations_item i JOIN annotations_participant p ON p.study_id = i.study_id WHERE i.study_id = {study.pk} "
        f"AND {turn}"
    )
    label = study.labels.values_list("pk", flat=True)[0]
    return [
        f"{numbers} INSERT INTO annotations_item (uuid, study_id, key, position, lang, metadata, evidence, seats_taken, "
        f"row_key, created_at) SELECT {uuid}, {study.pk}, 'item-' || n, n, 'en', {nothing}, 'annotations', {n_answers}, "
        f"'', {now} FROM numbers",
        f"INSERT INTO annotations_itemtext (item_id, position, name, text) SELECT id, 0, 'text', '{TEXT}' "
        f"FROM annotations_item WHERE study_id = {study.pk}",
        f"INSERT INTO annotations_assignment (uuid, item_id, participant_id, reserved_at, lease_until, shown_at, done_at) "
        f"SELECT {uuid}, i.id, p.id, {now}, {now}, {now}, {now} {pairs}",
        "INSERT INTO annotations_annotation (uuid, client_key, payload_hash, item_id, participant_id, assignment_id, "
        "gives_labels, facts_insufficient, guideline_unclear, skipped, reason, comment, surplus, submitted_at, received_at, "
        f"row_key, metadata) SELECT {uuid}, {uuid}, '', a.item_id, a.participant_id, a.id, {yes}, {no}, {no}, {no}, '', '', "
        f"{no}, {now}, {now}, '', {nothing} FROM annotations_assignment a JOIN annotations_item i ON i.id = a.item_id "
        f"WHERE i.study_id = {study.pk}",
        f"INSERT INTO annotations_annotationlabel (annotation_id, label_id, chosen, certainty) SELECT a.id, {label}, {yes}, "
        f"0.8 FROM annotations_annotation a JOIN annotations_item i ON i.id = a.item_id WHERE i.study_id = {study.pk}",
    ]
