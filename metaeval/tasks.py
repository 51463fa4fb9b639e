"""Celery tasks of results."""

from __future__ import annotations

from celery import shared_task

from metaeval.services import refresh


@shared_task
def refresh_results() -> None:
    refresh.refresh_results()
