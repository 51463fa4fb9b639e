"""Start-up: the jobs of this app become known."""

from __future__ import annotations

from django.apps import AppConfig


class MetaevalConfig(AppConfig):
    name = "metaeval"
    verbose_name = "Meta-evaluation"

    def ready(self) -> None:
        from annotations.jobs import register

        register("ranking", "metaeval.services.ranking.run_ranking")
        register("scoring", "metaeval.services.scoring.run_scoring")
        register("metaeval", "metaeval.services.metric_agreement.run_metric_agreement")
