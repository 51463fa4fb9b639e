"""The request and the job that log lines belong to."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
job_id: ContextVar[str] = ContextVar("job_id", default="")


def enter(*, request: str = "", job: str = "") -> None:
    request_id.set(request)
    job_id.set(job)


def leave() -> None:
    enter()
