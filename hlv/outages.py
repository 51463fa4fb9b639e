"""Outages: the database or the broker away, a full disk, a read-only one.

Pages answer 503 with one sentence, commands end with it, and the log has one line per cause and minute.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.defaults import server_error
from kombu.exceptions import KombuError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

SECONDS_UNTIL_RETRY = 10
SECONDS_BETWEEN_LINES = 60.0


@dataclass(frozen=True)
class Outage:
    """Its sentence is for everybody: it names no host and no person."""

    sentence: str


DATABASE_AWAY = Outage(gettext_noop("The database does not answer."))
DATABASE_BUSY = Outage(gettext_noop("The database is busy."))
DATABASE_SLOW = Outage(gettext_noop("The database took too long to answer."))
DATABASE_READ_ONLY = Outage(gettext_noop("The database is read-only at the moment."))
DISK_FULL = Outage(gettext_noop("The disk is full."))
DISK_READ_ONLY = Outage(gettext_noop("The disk is read-only at the moment."))
BROKER_AWAY = Outage(gettext_noop("The message broker does not answer."))

_OF_FILES = {errno.ENOSPC: DISK_FULL, errno.EDQUOT: DISK_FULL, errno.EROFS: DISK_READ_ONLY}
_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: DATABASE_BUSY,
    sqlite3.SQLITE_LOCKED: DATABASE_BUSY,
    sqlite3.SQLITE_READONLY: DATABASE_READ_ONLY,
    sqlite3.SQLITE_IOERR: DATABASE_AWAY,
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_CANTOPEN: DATABASE_AWAY,
}
_OF_POSTGRESQL = {
    "25006": DATABASE_READ_ONLY,
    "25P03": DATABASE_SLOW,
    "40P01": DATABASE_BUSY,
    "53100": DISK_FULL,
    "53200": DATABASE_BUSY,
    "53300": DATABASE_BUSY,
    "55P03": DATABASE_BUSY,
    "57014": DATABASE_SLOW,
    "57P01": DATABASE_AWAY,
    "57P02": DATABASE_AWAY,
    "57P03": DATABASE_AWAY,
}
_PRIMARY_CODE = 0xFF


def outage_of(fault: BaseException | None) -> Outage | None:
    """The outage that this fault shows; None for a fault of the program."""
    if isinstance(fault, DatabaseError | InterfaceError):
        return _outage_of_database(fault)
    if isinstance(fault, KombuError | RedisConnectionError | RedisTimeoutError):
        return BROKER_AWAY
    if isinstance(fault, OSError):
        return _OF_FILES.get(fault.errno or 0)
    return None


def _outage_of_database(fault: DatabaseError | InterfaceError) -> Outage | None:
    cause = fault.__cause__
    if isinstance(cause, sqlite3.Error):
        # Faults of the module itself, such as a closed connection, have no code.
        return _OF_SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # Nothing came from the server: no connection, or one that broke.
        is_connection = isinstance(fault, OperationalError | InterfaceError) and cause is not None
        return DATABASE_AWAY if is_connection else None
    return DATABASE_AWAY if state.startswith("08") else _OF_POSTGRESQL.get(state)


def handle_server_error(request: HttpRequest) -> HttpResponse:
    """503 for an outage, wherever in the request it struck; 500 for a fault of the program."""
    outage = outage_of(sys.exc_info()[1])
    if outage is None:
        return server_error(request)
    sentence = _(outage.sentence)
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse({"sentence": sentence}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    else:
        # Without the request: its person is in the database.
        page = render_to_string("503.html", {"sentence": sentence})
        response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(SECONDS_UNTIL_RETRY)
    return response


class OneLinePerOutage(logging.Filter):
    """Replaces the tracebacks of an outage by one line per cause and minute."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._logged_at: dict[Outage, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        fault = _fault_of(record)
        outage = outage_of(fault)
        if outage is None:
            return True
        now = time.monotonic()
        with self._lock:
            if now - self._logged_at.get(outage, float("-inf")) < SECONDS_BETWEEN_LINES:
                return False
            self._logged_at[outage] = now
        if record.exc_info:
            # The first line alone: the next ones may quote a row.
            detail = next(iter(str(fault).splitlines()), "")
            record.msg, record.args = "%s %s", (outage.sentence, detail)
            record.exc_info = record.exc_text = None
        return True


def _fault_of(record: logging.LogRecord) -> BaseException | None:
    if record.exc_info:
        return record.exc_info[1]
    arguments = record.args if isinstance(record.args, tuple) else ()
    return next((one for one in arguments if isinstance(one, BaseException)), None)
