"""Start-up: the jobs of this app become known."""

from __future__ import annotations

from typing import Final

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Kinds of work that workers share, and what unpacks them.
WORKS: Final = {
    "resampled comparisons": "pairwise.ranking_models.ComparisonBootstrap",
    "simulated comparisons": "pairwise.goodness_of_fit.SimulatedComparisons",
    "joint resamples": "meta_evaluation.joint_bootstrap.JointResampling",
    "resampled methods": "meta_evaluation.method_resampling.MethodResampling",
    "resampled agreement of judges": "raters.rater_agreement_interval.SharesResampling",
    "resampled means of scores": "metrics.bootstrap_scores.ScoreMeansResampling",
    "exchanged scores": "meta_evaluation.exchanged_scores.ExchangedScores",
    "halved judges": "raters.noise_ceiling.HalvedJudges",
    "permuted correlations": "meta_evaluation.permutation_chunks.PermutedCorrelations",
    "permuted shares": "meta_evaluation.permutation_chunks.PermutedShares",
    "permuted groups": "meta_evaluation.permutation_chunks.PermutedGroups",
    "resampled errors": "metrics.perspectives.ErrorsResampling",
    "resampled scores": "metrics.bootstrap_scores.ScoreResampling",
    "simulated campaigns": "power.simulated_campaigns.SimulatedCampaigns",
    "trained runs": "training.work.TrainedRuns",
    "resampled verdicts": "meta_evaluation.bootstrap_judgments.JudgmentBootstrap",
}


class MetaevalConfig(AppConfig):
    name = "metaeval"
    verbose_name = "Meta-evaluation"

    def ready(self) -> None:
        from annotations.history.erasing import register as register_free_text
        from annotations.history.kinds import register as register_in_log
        from annotations.jobs import register
        from annotations.work_sharing import register_work

        register_in_log("metaeval.services.history.IN_THE_LOG")
        register_free_text("metaeval.services.history.VERDICTS")

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
        register(
            "training",
            "metaeval.services.training.run_training",
            title=_("Training"),
            check="metaeval.services.training.check_options",
        )
        for kind, run, title in (
            ("segment-agreement", "segment_agreement.run_segments", _("Agreement per text")),
            ("annotator-numbers", "annotator_numbers.run_annotator_numbers", _("Number of annotators")),
            ("noise-ceiling", "noise_ceiling.run_ceiling", _("Noise ceiling")),
        ):
            module = run.partition(".")[0]
            register(
                kind,
                f"metaeval.services.{run}",
                title=title,
                check=f"metaeval.services.{module}.check_options",
            )
        register("texts", "metaeval.services.text_orders.run_texts", title=_("Texts by disagreement"))
