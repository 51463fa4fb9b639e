"""Start-up: registers the jobs of this app, and starts the heartbeat of a Celery worker."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = "Annotations"

    def ready(self) -> None:
        from celery.signals import worker_ready, worker_shutdown

        from annotations.jobs import register
        from annotations.work_sharing import register_work
        from annotations.workers import WorkerHeart

        register_work("resampled agreement", "hlv.stats.agreement.bootstrap_agreement.AgreementResampling")
        register_work("resampled means", "hlv.stats.agreement.bootstrap_agreement.MeansResampling")

        register(
            "agreement",
            "annotations.services.agreement.run_agreement",
            title=_("Agreement of annotators"),
            check="annotations.services.agreement.check_options",
        )
        register("copy_items", "annotations.services.study_settings.run_copying", title=_("Copying of texts"))

        register(
            "round",
            "annotations.services.rounds.run_round",
            title=_("Report on the round"),
            check="annotations.services.rounds.check_options",
        )

        heart = WorkerHeart()
        worker_ready.connect(lambda **_: heart.start(), weak=False)
        worker_shutdown.connect(lambda **_: heart.stop(), weak=False)
