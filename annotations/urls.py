"""Addresses of annotating, people and jobs; UUIDs only."""

from __future__ import annotations

from django.urls import path

from annotations import api
from annotations.views import (
    annotate_item,
    annotating,
    divisive_texts,
    invitations,
    jobs,
    people,
    progress,
    security,
    study_settings,
)

urlpatterns = [
    path("sign-in/", people.SignIn.as_view(), name="sign-in"),
    path("sign-in/<str:token>/", people.sign_in_link, name="sign-in-link"),
    path("sign-out/", people.SignOut.as_view(), name="sign-out"),
    path("account/", people.account, name="account"),
    path("account/confirm/", people.confirm, name="confirm"),
    path("account/sessions/end/", people.end_other_sessions, name="end-sessions"),
    path("studies/<uuid:study_uuid>/guideline/", study_settings.guideline, name="guideline"),
    path("studies/<uuid:study_uuid>/guideline/edit/", study_settings.guideline_edit, name="guideline-edit"),
    path(
        "studies/<uuid:study_uuid>/guideline/difference/",
        study_settings.guideline_difference,
        name="guideline-difference",
    ),
    path("studies/new/", study_settings.new_study, name="new-study"),
    path("studies/<uuid:study_uuid>/settings/", study_settings.settings, name="settings"),
    path("studies/<uuid:study_uuid>/state/", study_settings.study_state, name="study-state"),
    path("studies/<uuid:study_uuid>/security/", security.security_log, name="security-log"),
    path("studies/<uuid:study_uuid>/labels/", study_settings.labels, name="labels"),
    path("studies/<uuid:study_uuid>/clone/", study_settings.clone, name="clone"),
    path("studies/<uuid:study_uuid>/people/", invitations.people, name="people"),
    path("studies/<uuid:study_uuid>/assignment/", invitations.assignment, name="assignment"),
    path("participants/<uuid:participant_uuid>/", invitations.participant, name="participant"),
    path("participants/<uuid:participant_uuid>/link/", invitations.sign_in_link_for, name="participant-link"),
    path("studies/<uuid:study_uuid>/invitations/", invitations.invitations, name="invitations"),
    path(
        "invitations/<uuid:invitation_uuid>/withdraw/",
        invitations.invitation_withdraw,
        name="invitation-withdraw",
    ),
    path("invitations/<uuid:invitation_uuid>/renew/", invitations.invitation_renew, name="invitation-renew"),
    path("join/<str:token>/", invitations.join, name="join"),
    path("studies/<uuid:study_uuid>/annotate/", annotating.annotate, name="annotate"),
    path("studies/<uuid:study_uuid>/answers/", annotating.my_answers, name="my-answers"),
    path("seats/<uuid:assignment_uuid>/", annotate_item.annotate_item, name="annotate-item"),
    path("seats/<uuid:assignment_uuid>/following/", annotate_item.next_items, name="next-items"),
    path("studies/<uuid:study_uuid>/progress/", progress.progress, name="progress"),
    path("studies/<uuid:study_uuid>/progress/report/", progress.recompute_report, name="report-recompute"),
    path("studies/<uuid:study_uuid>/progress/texts/", divisive_texts.texts, name="watched-texts"),
    path("studies/<uuid:study_uuid>/remarks/", divisive_texts.inbox, name="remarks"),
    path("items/<uuid:item_uuid>/answers/", divisive_texts.item, name="watched-item"),
    path("remarks/<uuid:annotation_uuid>/settle/", divisive_texts.settle, name="settle-remark"),
    path("round-figures/<uuid:figure_uuid>/", progress.figure, name="round-figure"),
    path("jobs/<uuid:job_uuid>/", jobs.job, name="job"),
    path("jobs/<uuid:job_uuid>/progress/", jobs.job_progress, name="job-progress"),
    path("jobs/<uuid:job_uuid>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<uuid:job_uuid>/retry/", jobs.job_retry, name="job-retry"),
    path("api/seats/<uuid:assignment_uuid>/answers/", api.Answers.as_view(), name="api-answer"),
    path("api/seats/<uuid:assignment_uuid>/draft/", api.Drafts.as_view(), name="api-draft"),
    path("api/jobs/<uuid:job_uuid>/", api.JobState.as_view(), name="api-job"),
]
