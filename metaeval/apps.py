"""Start-up: the jobs of this app become known."""

from __future__ import annotations

from django.apps import AppConfig


class MetaevalConfig(AppConfig):
    name = "metaeval"
    verbose_name = "Meta-evaluation"

    def ready(self) -> None:
        from metaeval import services  # noqa: F401  registers the jobs of this app
