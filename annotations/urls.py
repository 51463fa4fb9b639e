"""Addresses of annotating, people and jobs; UUIDs only."""

from __future__ import annotations

from django.urls import path

from annotations import api
from annotations.views import annotating, guidelines, jobs, people

urlpatterns = [
    path("sign-in/", people.SignIn.as_view(), name="sign-in"),
    path("sign-in/<str:token>/", people.sign_in_link, name="sign-in-link"),
    path("sign-out/", people.SignOut.as_view(), name="sign-out"),
    path("account/", people.account, name="account"),
    path("studies/<uuid:study_uuid>/guideline/", guidelines.guideline, name="guideline"),
    path("studies/<uuid:study_uuid>/annotate/", annotating.annotate, name="annotate"),
    path("studies/<uuid:study_uuid>/answers/", annotating.my_answers, name="my-answers"),
    path("seats/<uuid:seat_uuid>/", annotating.seat, name="seat"),
    path("jobs/<uuid:job_uuid>/", jobs.job, name="job"),
    path("jobs/<uuid:job_uuid>/progress/", jobs.job_progress, name="job-progress"),
    path("jobs/<uuid:job_uuid>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<uuid:job_uuid>/retry/", jobs.job_retry, name="job-retry"),
    path("api/seats/<uuid:seat_uuid>/answers/", api.Answers.as_view(), name="api-answer"),
    path("api/jobs/<uuid:job_uuid>/", api.JobState.as_view(), name="api-job"),
]
