"""Start-up: the jobs of this app become known."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetaevalConfig(AppConfig):
    name = "metaeval"
    verbose_name = "Meta-evaluation"

    def ready(self) -> None:
        from annotations.helping import register_work
        from annotations.jobs import register

        register_work("resampled board", "metaeval.science.board_work.unpacked")
        register_work("resampled agreement of judges", "metaeval.science.judges.agreement_work.unpacked")
        register_work("resampled scores", "metaeval.science.score_work.unpacked")
        register_work("simulated campaigns", "metaeval.science.simulated_campaigns.unpacked")
        register_work("resampled verdicts", "metaeval.science.verdict_work.unpacked")

        register(
            "ranking",
            "metaeval.services.ranking.run_ranking",
            title=_("Ranking"),
            check="metaeval.services.ranking.check_options",
        )
        register(
            "scoring",
            "metaeval.services.scoring.run_scoring",
            title=_("Scores"),
            check="metaeval.services.scoring.check_options",
        )
        register(
            "forecast",
            "metaeval.services.planning.run_forecast",
            title=_("Forecast of a campaign"),
            check="metaeval.services.planning.check_options",
        )
        register(
            "metaeval",
            "metaeval.services.metric_agreement.run_metric_agreement",
            title=_("Ranking and metric agreement"),
            check="metaeval.services.metric_agreement.check_options",
        )
        register(
            "judges",
            "metaeval.services.judges.run_judges",
            title=_("Judges"),
            check="metaeval.services.judges.check_options",
        )
        register(
            "sensitivity",
            "metaeval.services.sensitivity.run_sensitivity",
            title=_("Sensitivity"),
            check="metaeval.services.sensitivity.check_options",
        )
        register("texts", "metaeval.services.text_orders.run_texts", title=_("Texts by disagreement"))
