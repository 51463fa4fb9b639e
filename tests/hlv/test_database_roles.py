"""The role that serves pages: it does all that the program does, and nothing to the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from annotations.history.sealing import seal_studies
from annotations.services.annotating import Answer, record_annotation
from annotations.services.closing import close_account, erase_person
from annotations.tasks import tidy_up
from tests.hlv.commands import refusal, run
from tests.hlv.logged_study import make_logged_study
from tests.hlv.test_check_log_command import checked
from tests.hlv.test_sessions import PASSWORD, make_owner
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = pytest.mark.django_db

ROLE = "hlv_role_of_a_test"


@contextmanager
def as_role() -> Iterator[None]:
    """What follows runs with the rights of the role; a test is one transaction, which takes the role away again."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}")
        run("database-roles", ROLE, "--apply")
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        yield
        cursor.execute("RESET ROLE")


def test_the_role_does_all_that_pages_and_workers_do() -> None:
    owner, study = make_owner()
    annotator = make_participant(study)
    make_items(study, 2)
    with as_role():
        client = Client()
        client.post("/sign-in/", {"username": owner.email, "password": PASSWORD})
        assert client.get(f"/studies/{study.uuid}/people/").status_code == 200
        given = Answer(chosen={"housing": 0.8}, comment="Lin")
        record_annotation(assignment=make_seat(annotator), client_key=uuid4(), answer=given)
        make_logged_study()
        assert annotator.user is not None
        erase_person(close_account(annotator.user))
        tidy_up()
        seal_studies()
        assert checked()[0] == 0
        client.post("/sign-out/")


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE annotations_annotation CASCADE",
        "ALTER TABLE annotations_annotation DISABLE TRIGGER ALL",
        "DROP TRIGGER metaeval_judgment_not_edited ON metaeval_judgment",
        "CREATE OR REPLACE FUNCTION metaeval_judgment_not_edited() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "CREATE TABLE elsewhere (id int)",
        "DELETE FROM annotations_historylink",
        "DELETE FROM metaeval_judgment",
        "UPDATE django_migrations SET name = 'another'",
        "DROP TABLE annotations_studychange CASCADE",
    ],
)
def test_the_role_changes_no_rule_and_empties_no_table(statement: str) -> None:
    make_study()
    with (
        as_role(),
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_statements_are_printed_for_who_runs_them_elsewhere() -> None:
    printed = run("database-roles", "hlv_app")
    assert 'GRANT USAGE ON SCHEMA "public" TO "hlv_app";' in printed
    assert "TRUNCATE" not in printed
    assert "The rights were not changed" in refusal("database-roles", "nobody_has_this_role", "--apply")
