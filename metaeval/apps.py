"""Start-up: the jobs of this app become known."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetaevalConfig(AppConfig):
    name = "metaeval"
    verbose_name = "Meta-evaluation"

    def ready(self) -> None:
        from annotations.jobs import register

        register("ranking", "metaeval.services.ranking.run_ranking", title=_("Ranking"))
        register("scoring", "metaeval.services.scoring.run_scoring", title=_("Scores"))
        register(
            "metaeval",
            "metaeval.services.metric_agreement.run_metric_agreement",
            title=_("Ranking and metric agreement"),
        )
