"""The Celery application: messages only wake workers, the Job rows are the truth."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from celery import Celery
from celery.signals import setup_logging, task_postrun, worker_init
from django.conf import settings
from django.core.management import CommandError
from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

from hlv.core import log_context

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hlv.settings")

TRANSPORT_ALIASES["filesystem"] = "hlv.celery:Transport"
app = Celery("hlv")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def make_broker_folders() -> None:
    """The file broker does not make its own folders."""
    options: Mapping[str, str] = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for key in ("data_folder_in", "data_folder_out", "control_folder"):
        if key in options:
            Path(options[key]).mkdir(mode=0o700, parents=True, exist_ok=True)


@setup_logging.connect
def keep_logging(**_: object) -> None:
    """Workers log as the pages do, at LOG_LEVEL: without a receiver Celery would set level and format itself."""


@task_postrun.connect
def leave_log_context(**_: object) -> None:
    log_context.leave()


@worker_init.connect
def check_before_work(**_: object) -> None:
    # After django.setup().
    from annotations.models import code_version
    from hlv.database import refuse_unless_current

    code_version()

    try:
        refuse_unless_current()
    except CommandError as refusal:
        # Celery logs any other exception and goes on.
        raise SystemExit(str(refusal)) from refusal


if settings.CELERY_BROKER_URL == "filesystem://":
    make_broker_folders()


MOST_SECONDS_DEAF = 0.4


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # as in kombu's own
        # Begins as kombu's names do: they are read in their order.
        name = f"{round(time.monotonic() * 1000)}_{uuid4()}"
        draft = Path(self.data_folder_out) / f"{name}.draft"
        try:
            draft.write_bytes(dumps(payload).encode())
            draft.replace(draft.with_name(f"{name}.{queue}.msg"))
        except OSError as fault:
            raise ChannelError(f"Cannot put a message into {self.data_folder_out}") from fault

    def get_table(self, exchange: str) -> list[Any]:
        try:
            return list(super().get_table(exchange))
        except ValueError:
            # Another process is writing it for the first time: nobody listens yet.
            return []


class Transport(filesystem.Transport):
    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:
        """Return to the worker often: it hears between two calls that it is to stop, and waits two seconds in each."""
        super().drain_events(connection, None if timeout is None else min(timeout, MOST_SECONDS_DEAF))
