"""The Celery application: messages only wake workers, the Job rows are the truth."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.conf import settings
from django.core.management import CommandError
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hlv.settings")

TRANSPORT_ALIASES["filesystem"] = "hlv.file_broker:Transport"
app = Celery("hlv")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def make_broker_folders() -> None:
    """The file broker does not make its own folders."""
    options: dict[str, Any] = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for key in ("data_folder_in", "data_folder_out", "control_folder"):
        if key in options:
            Path(options[key]).mkdir(mode=0o700, parents=True, exist_ok=True)


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
