"""Start-up: the jobs of this app become known."""

from __future__ import annotations

from typing import Final

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Kinds of work that workers share, and what unpacks them.
WORKS: Final = {
    "resampled board": "board_work.unpacked",
    "simulated boards": "board_fit.unpacked",
    "joint resamples": "joint_bootstrap.unpacked",
    "resampled methods": "method_resampling.unpacked",
    "resampled agreement of judges": "judges.agreement_work.unpacked",
    "resampled means of scores": "mean_work.unpacked",
    "exchanged scores": "metric_swaps.unpacked",
    "halved judges": "noise_ceiling.unpacked",
    "permuted correlations": "permutation_work.unpacked_correlations",
    "permuted shares": "permutation_work.unpacked_shares",
    "permuted groups": "permuted_groups.unpacked",
    "resampled errors": "perspectives.unpacked",
    "resampled scores": "score_work.unpacked",
    "simulated campaigns": "simulated_campaigns.unpacked",
    "resampled verdicts": "verdict_work.unpacked",
}


class MetaevalConfig(AppConfig):
    name = "metaeval"
    verbose_name = "Meta-evaluation"

    def ready(self) -> None:
        from annotations.helping import register_work
        from annotations.jobs import register

        for kind, unpack in WORKS.items():
            register_work(kind, f"metaeval.science.{unpack}")

        register(
            "ranking",
            "metaeval.services.ranking.run_ranking",
            title=_("Ranking"),
            check="metaeval.services.ranking.check_options",
        )
        register(
            "scoring",
            "metaeval.services.scoring_job.run_scoring",
            title=_("Scores"),
            check="metaeval.services.scoring_job.check_options",
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
