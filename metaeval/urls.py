"""Addresses of judging and results; UUIDs only."""

from __future__ import annotations

from django.urls import path

from metaeval import api
from metaeval.views import (
    agreement_over_campaigns,
    campaigns,
    judging,
    metrics,
    power_analysis,
    report,
    result_files,
    results,
    snapshots,
    supplementary,
    training,
)

urlpatterns = [
    path("studies/<uuid:study_uuid>/judge/", judging.judge, name="judge"),
    path("campaigns/<uuid:campaign_uuid>/judge/", judging.judge_next, name="judge-next"),
    path("exposures/<uuid:exposure_uuid>/", judging.exposure, name="exposure"),
    path("exposures/<uuid:exposure_uuid>/next/", judging.next_pair, name="next-pair"),
    path("exposures/<uuid:exposure_uuid>/labels/", judging.exposure_labels, name="exposure-labels"),
    path("metrics/<uuid:metric_uuid>/direction/", metrics.metric_direction, name="metric-direction"),
    path("studies/<uuid:study_uuid>/results/", results.results, name="results"),
    path(
        "studies/<uuid:study_uuid>/results/over-campaigns/",
        agreement_over_campaigns.over_campaigns,
        name="over-campaigns",
    ),
    path(
        "studies/<uuid:study_uuid>/results/over-campaigns.<slug:ending>",
        agreement_over_campaigns.over_campaigns_file,
        name="over-campaigns-file",
    ),
    path("studies/<uuid:study_uuid>/compute/", snapshots.compute, name="compute"),
    path("campaigns/<uuid:campaign_uuid>/results/", results.campaign_results, name="campaign-results"),
    path(
        "campaigns/<uuid:campaign_uuid>/results/<slug:table>.csv",
        result_files.campaign_table,
        name="campaign-table",
    ),
    path("studies/<uuid:study_uuid>/methods/", training.methods, name="methods"),
    path("studies/<uuid:study_uuid>/methods/train/", training.new_training, name="training-new"),
    path("trainings/<uuid:training_uuid>/", training.training, name="training"),
    path("trainings/<uuid:training_uuid>/<str:name>", training.training_file, name="training-file"),
    path("studies/<uuid:study_uuid>/campaigns/", campaigns.campaigns, name="campaigns"),
    path("studies/<uuid:study_uuid>/campaigns/new/", campaigns.new_campaign, name="campaign-new"),
    path("campaigns/<uuid:campaign_uuid>/", campaigns.campaign, name="campaign"),
    path("campaigns/<uuid:campaign_uuid>/state/", campaigns.campaign_state, name="campaign-state"),
    path("campaigns/<uuid:campaign_uuid>/forecast/", campaigns.campaign_forecast, name="campaign-forecast"),
    path("campaigns/<uuid:campaign_uuid>/preview/", campaigns.campaign_preview, name="campaign-preview"),
    path("campaigns/<uuid:campaign_uuid>/comparisons/", campaigns.comparisons, name="comparisons"),
    path(
        "campaigns/<uuid:campaign_uuid>/comparisons.csv",
        campaigns.comparisons_file,
        name="comparisons-file",
    ),
    path("campaigns/<uuid:campaign_uuid>/audit/", campaigns.campaign_audit, name="campaign-audit"),
    path("campaigns/<uuid:campaign_uuid>/audit/allow/", campaigns.allow_judging, name="allow-judging"),
    path(
        "campaigns/<uuid:campaign_uuid>/audit.csv", campaigns.campaign_audit_file, name="campaign-audit-file"
    ),
    path("campaigns/<uuid:campaign_uuid>/feedback/", judging.judge_feedback, name="judge-feedback"),
    path("campaigns/<uuid:campaign_uuid>/judgments/", judging.my_judgments, name="my-judgments"),
    path("campaigns/<uuid:campaign_uuid>/plan/", report.preregistration, name="preregistration"),
    path("campaigns/<uuid:campaign_uuid>/runs/", snapshots.campaign_runs, name="campaign-runs"),
    path("studies/<uuid:study_uuid>/analyses/", supplementary.analyse, name="analyse"),
    path("analyses/<uuid:analysis_uuid>/", supplementary.analysis, name="analysis"),
    path("analyses/<uuid:analysis_uuid>/<str:name>", supplementary.analysis_file, name="analysis-file"),
    path("rankings/<uuid:ranking_uuid>/", results.ranking, name="ranking"),
    path("campaigns/<uuid:campaign_uuid>/results/<slug:table>/", results.campaign_data, name="campaign-data"),
    path("campaigns/<uuid:campaign_uuid>/report/", report.campaign_report, name="campaign-report"),
    path(
        "campaigns/<uuid:campaign_uuid>/report/<str:name>/",
        report.report_file,
        name="report-file",
    ),
    path("studies/<uuid:study_uuid>/planning/", power_analysis.power_analyses, name="power-analysis"),
    path("forecasts/<uuid:job_uuid>/", power_analysis.power_analysis_result, name="power-analysis-result"),
    path("figures/<uuid:figure_uuid>/", result_files.figure, name="figure"),
    path("api/exposures/<uuid:exposure_uuid>/judgments/", api.Judgments.as_view(), name="api-judgment"),
    path("api/exposures/<uuid:exposure_uuid>/labels/", api.Labels.as_view(), name="api-labels"),
]
