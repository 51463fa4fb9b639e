"""Start-up: the jobs of this app become known."""

from __future__ import annotations

from typing import Final

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Kinds of work that workers share, and what unpacks them.
WORKS: Final = {
    "resampled board": "pairwise.bootstrap_comparisons.unpacked",
    "simulated boards": "pairwise.goodness_of_fit.unpacked",
    "joint resamples": "meta_evaluation.joint_bootstrap.unpacked",
    "resampled methods": "meta_evaluation.method_resampling.unpacked",
    "resampled agreement of judges": "raters.rater_agreement_interval.unpacked",
    "resampled means of scores": "metrics.bootstrap_means.unpacked",
    "exchanged scores": "meta_evaluation.exchanged_scores.unpacked",
    "halved judges": "raters.noise_ceiling.unpacked",
    "permuted correlations": "meta_evaluation.permutation_chunks.unpacked_correlations",
    "permuted shares": "meta_evaluation.permutation_chunks.unpacked_shares",
    "permuted groups": "meta_evaluation.permutation_chunks.unpacked_groups",
    "resampled errors": "metrics.perspectives.unpacked",
    "resampled scores": "metrics.bootstrap_scores.unpacked",
    "simulated campaigns": "power.simulated_campaigns.unpacked",
    "resampled verdicts": "meta_evaluation.bootstrap_judgments.unpacked",
}


class MetaevalConfig(AppConfig):
    name = "metaeval"
    verbose_name = "Meta-evaluation"

    def ready(self) -> None:
        from annotations.jobs import register
        from annotations.work_sharing import register_work

        for kind, unpack in WORKS.items():
            register_work(kind, f"hlv.stats.{unpack}")

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
            "metaeval.services.power_analysis.run_forecast",
            title=_("Forecast of a campaign"),
            check="metaeval.services.power_analysis.check_options",
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
