"""The database away, read-only or full: 503 and one sentence, one line in the log, and commands that end in words."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from hlv.cli import main
from hlv.outages import BROKER_AWAY, DATABASE_AWAY, DISK_FULL, OneLinePerOutage, outage_of
from tests.annotations.views.test_people import PASSWORD, make_person_with_password
from tests.conftest import OwnPlace
from tests.making import make_person
from tests.servers import free_port

pytestmark = [pytest.mark.both_databases]


@contextmanager
def database_away() -> Iterator[None]:
    before = dict(connection.settings_dict)
    connection.close()
    if connection.vendor == "postgresql":
        connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(free_port())}
    else:
        connection.settings_dict["NAME"] = "/proc/none/hlv.sqlite3"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def database_read_only() -> Iterator[None]:
    on, off = (
        ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
        if connection.vendor == "postgresql"
        else ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
    )
    with connection.cursor() as cursor:
        cursor.execute(on)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(off)


@pytest.mark.django_db(transaction=True)
def test_a_page_without_a_database_is_503_with_one_sentence() -> None:
    client = Client(raise_request_exception=False)
    known = Client(raise_request_exception=False)
    known.force_login(make_person())
    with database_away():
        response = client.get("/sign-in/")
        api = known.get("/api/jobs/00000000-0000-0000-0000-000000000000/")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "The database does not answer." in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert (api.status_code, api.json()) == (503, {"sentence": "The database does not answer."})
    assert client.get("/sign-in/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_read_only_database_still_serves_what_it_can() -> None:
    make_person_with_password()
    client = Client(raise_request_exception=False)
    with database_read_only():
        assert client.get("/sign-in/").status_code == 200
        refused = client.post("/sign-in/", {"username": "amira@example.org", "password": PASSWORD})
    assert refused.status_code == 503
    assert "The database is read-only at the moment." in refused.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
@pytest.mark.embedded
def test_a_full_disk_is_seen_in_what_the_database_raises() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        # No page more than there is: SQLite then fails as on a full disk.
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        with pytest.raises(OperationalError) as failed:
            cursor.execute("CREATE TABLE filling AS SELECT zeroblob(10000000)")
    connection.close()
    assert outage_of(failed.value) == DISK_FULL


def faults(caplog: pytest.LogCaptureFixture) -> list[str]:
    one_line = OneLinePerOutage()
    return [record.getMessage() for record in caplog.records if one_line.filter(record)]


@pytest.mark.django_db(transaction=True)
def test_the_log_has_one_line_per_cause_and_minute(caplog: pytest.LogCaptureFixture) -> None:
    client = Client(raise_request_exception=False)
    with database_away(), caplog.at_level(logging.ERROR, "django.request"):
        for _ in range(20):
            client.get("/sign-in/")
    assert len(caplog.records) >= 20
    lines = faults(caplog)
    # The console's own filter may have rewritten one of the 20 records to the same line before.
    assert len(lines) <= 2
    (line,) = set(lines)
    assert line.startswith("The database does not answer.")
    assert "\n" not in line


def test_a_second_minute_has_a_line_of_its_own_and_other_faults_keep_their_tracebacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from hlv import outages

    now = 1000.0
    monkeypatch.setattr(outages.time, "monotonic", lambda: now)
    one_line = OneLinePerOutage()

    def passes(fault: Exception) -> bool:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed: %s", (fault,), None)
        return bool(one_line.filter(record))

    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert [passes(full), passes(full), passes(RedisConnectionError("refused"))] == [True, False, True]
    now += 61
    assert [passes(full), passes(full)] == [True, False]
    assert [passes(ValueError("ours")), passes(ValueError("ours"))] == [True, True]


def test_the_console_of_every_process_has_the_filter() -> None:
    assert "one_line_per_outage" in settings.LOGGING["handlers"]["console"]["filters"]


def test_faults_of_the_program_are_no_outages() -> None:
    assert outage_of(ValueError()) is None
    assert outage_of(OperationalError("made up here")) is None
    assert outage_of(FileNotFoundError(errno.ENOENT, "gone")) is None
    assert outage_of(OSError(errno.ENOSPC, "full")) == DISK_FULL
    assert outage_of(RedisConnectionError()) == BROKER_AWAY


@pytest.mark.django_db
def test_a_wrong_statement_is_no_outage() -> None:
    with pytest.raises(Exception, match="no_such_table") as failed, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM no_such_table")
    assert outage_of(failed.value) is None


@pytest.mark.django_db(transaction=True)
def test_a_command_ends_in_a_sentence(capsys: pytest.CaptureFixture[str], own_place: OwnPlace) -> None:
    with database_away(), pytest.raises(SystemExit) as ended:
        main(["hlv", "create-person", "lin@example.org"])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith(DATABASE_AWAY.sentence.removesuffix("."))
    assert len(said.splitlines()) == 1
    full = own_place.hlv("export", "none", "/dev/full/x")
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
