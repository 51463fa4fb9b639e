"""Addresses of version 1."""

from __future__ import annotations

from django.urls import path

from hlv.api import answering, bundles, setup, streams, views

STUDY = "studies/<uuid:study_uuid>/"

urlpatterns = [
    path("", views.Root.as_view(), name="v1"),
    path("openapi.json", views.OpenApi.as_view(), name="v1-openapi"),
    path("studies/", setup.Studies.as_view(), name="v1-studies"),
    path(STUDY, setup.OneStudy.as_view(), name="v1-study"),
    path(f"{STUDY}guidelines/", setup.Guidelines.as_view(), name="v1-guidelines"),
    path(f"{STUDY}participants/", setup.Participants.as_view(), name="v1-participants"),
    path(f"{STUDY}invitations/", setup.Invitations.as_view(), name="v1-invitations"),
    path(f"{STUDY}next-text/", answering.NextText.as_view(), name="v1-next-text"),
    path("assignments/<uuid:assignment_uuid>/answers/", answering.Answers.as_view(), name="v1-answers"),
    path(f"{STUDY}items/", streams.Items.as_view(), name="v1-items"),
    path(f"{STUDY}annotations/", streams.Annotations.as_view(), name="v1-annotations"),
    path(f"{STUDY}distributions/", streams.Distributions.as_view(), name="v1-distributions"),
    path(f"{STUDY}methods/", streams.Methods.as_view(), name="v1-methods"),
    path(f"{STUDY}outputs/", streams.Outputs.as_view(), name="v1-outputs"),
    path(f"{STUDY}campaigns/", setup.Campaigns.as_view(), name="v1-campaigns"),
    path("campaigns/<uuid:campaign_uuid>/", setup.OneCampaign.as_view(), name="v1-campaign"),
    path("campaigns/<uuid:campaign_uuid>/next-pair/", answering.NextPair.as_view(), name="v1-next-pair"),
    path("exposures/<uuid:exposure_uuid>/verdicts/", answering.Verdicts.as_view(), name="v1-verdicts"),
    path("campaigns/<uuid:campaign_uuid>/judgments/", streams.Judgments.as_view(), name="v1-judgments"),
    path(f"{STUDY}scores/", streams.Scores.as_view(), name="v1-scores"),
    path(f"{STUDY}results/", views.Results.as_view(), name="v1-results"),
    path(f"{STUDY}results/<str:kind>/<uuid:result_uuid>/", views.OneResult.as_view(), name="v1-result"),
    path(f"{STUDY}jobs/", views.Jobs.as_view(), name="v1-jobs"),
    path(f"{STUDY}imports/", views.Imports.as_view(), name="v1-imports"),
    path(f"{STUDY}bundles/", bundles.Bundles.as_view(), name="v1-bundles"),
    path("jobs/<uuid:job_uuid>/bundle/", bundles.BundleFile.as_view(), name="v1-bundle-file"),
    path("jobs/<uuid:job_uuid>/", views.OneJob.as_view(), name="v1-job"),
]
