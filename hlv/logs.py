"""Log lines, as text or as JSON. Neither has confidential text.

The message of an exception may quote a text, a label or an address. A line therefore has the type of the exception,
its code and its place in the program. With DEBUG, which serves this machine only, text lines have the message too.
"""

from __future__ import annotations

import errno
import logging
import traceback
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime
from types import TracebackType
from typing import Final
from uuid import UUID

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.urls import ResolverMatch

from hlv.core import log_context
from hlv.outages import outage_of

type_fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# Of what a call adds to its line by `extra`.
EXTRAS: Final = ("method", "view", "status", "status_code", "milliseconds", "cpu_seconds", "peak_bytes")
UNKNOWN_ADDRESS = "an unknown address"


def fault_summary(fault: BaseException) -> str:
    """The type of an exception with its code, without its message."""
    cause = fault.__cause__ or fault
    diagnosis = getattr(cause, "diag", None)
    outage = outage_of(fault)
    details = [
        getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None),
        getattr(diagnosis, "constraint_name", None),
        errno.errorcode.get(fault.errno or 0) if isinstance(fault, OSError) else None,
        outage.sentence if outage is not None else None,
    ]
    known = ", ".join(detail for detail in details if detail)
    return f"{type(fault).__name__} ({known})" if known else type(fault).__name__


def fault_chain(fault: BaseException) -> list[BaseException]:
    """The exception after those that led to it."""
    chain: list[BaseException] = []
    current: BaseException | None = fault
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain[::-1]


def without_confidential_text(record: logging.LogRecord) -> logging.LogRecord:
    """A copy of the record with summaries of exceptions, and with no address that a stranger wrote."""
    clean = copy(record)
    fault = record.exc_info[1] if record.exc_info else None
    if isinstance(clean.args, dict) and "traceback" in clean.args:
        # Celery writes the exception and its traceback into the message.
        clean.msg, clean.args = "Task %s[%s] failed", (clean.args.get("name"), clean.args.get("id"))
    elif fault is not None and record.getMessage() == str(fault):
        clean.msg, clean.args = "%s", (fault_summary(fault),)
    elif isinstance(clean.args, tuple):
        request = getattr(record, "request", None)
        path = request.path if isinstance(request, HttpRequest) else None
        clean.args = tuple(_clean_argument(argument, path, request) for argument in clean.args)
    return clean


def _clean_argument(argument: object, path: str | None, request: HttpRequest | None) -> object:
    if isinstance(argument, BaseException):
        return fault_summary(argument)
    if path is not None and argument == path:
        return _known_address(getattr(request, "resolver_match", None), path)
    return argument


def _known_address(match: ResolverMatch | None, path: str) -> str:
    """The path where only UUIDs vary in it, else its pattern."""
    if match is None:
        return UNKNOWN_ADDRESS
    return path if all(isinstance(part, UUID) for part in match.kwargs.values()) else f"/{match.route}"


def _frames(fault: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(fault.__traceback__):
        yield f"{frame.filename}:{frame.lineno} in {frame.name}"


class PlainLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        clean = without_confidential_text(record)
        # Another formatter may have left the whole traceback.
        clean.exc_text = None
        return super().format(clean)

    def formatException(self, ei: type_fault) -> str:  # noqa: N802  as logging names it
        if settings.DEBUG or ei[1] is None:
            return super().formatException(ei)
        lines = [line for fault in fault_chain(ei[1]) for line in (*_frames(fault), fault_summary(fault))]
        return "\n".join(["Traceback (most recent call last):", *(f"  {line}" for line in lines)])


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        clean = without_confidential_text(record)
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": clean.getMessage(),
            "process": record.process,
            "request_id": log_context.request_id.get() or None,
            "job_id": log_context.job_id.get() or None,
            **{name: getattr(record, name) for name in EXTRAS if hasattr(record, name)},
        }
        fault = record.exc_info[1] if record.exc_info else None
        if fault is not None:
            chain = fault_chain(fault)
            line["fault"] = fault_summary(fault)
            line["traceback"] = [entry for one in chain for entry in (*_frames(one), fault_summary(one))]
        return orjson.dumps(
            {key: value for key, value in line.items() if value is not None}, default=str
        ).decode()
