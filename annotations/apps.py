"""Start-up: this app's jobs become known, and a Celery worker begins to beat."""

from __future__ import annotations

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = "Annotations"

    def ready(self) -> None:
        from celery.signals import worker_ready, worker_shutdown

        from annotations import services  # noqa: F401  registers the jobs of this app
        from annotations.jobs import WorkerHeart

        heart = WorkerHeart()
        worker_ready.connect(lambda **_: heart.start(), weak=False)
        worker_shutdown.connect(lambda **_: heart.stop(), weak=False)
