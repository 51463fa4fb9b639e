"""Setting up by API: studies, guidelines, people and invitations, judging campaigns."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import policy
from annotations.models import ApiToken, User
from annotations.policy import Action
from annotations.selectors.api_tokens import studies_opened_by
from annotations.services.invitations import Terms, invite, renew_invitation
from annotations.services.studies import NewLabel, create_study, publish_guideline
from hlv.api import schemas
from hlv.api.access import campaign_for, require_scope, study_for
from hlv.api.pages import PAGE, list_page, page_of
from hlv.api.resources import KEY, PROBLEMS, WRITE_PROBLEMS, ApiView, problems, valid, write_once
from hlv.core.addresses import full_address
from metaeval.findings.campaign_summary import draft_notes
from metaeval.models import Campaign
from metaeval.selectors.campaigns import CampaignDraft
from metaeval.services.campaigns import (
    CampaignSpec,
    foresee_campaign,
    paper_spec,
    plan_campaign,
    set_campaign_state,
)


class Studies(ApiView):
    @extend_schema(
        operation_id="studies_list",
        parameters=PAGE,
        responses={200: page_of(schemas.StudySchema), **problems(400, 401, 404, 429)},
    )
    def get(self, request: Request) -> Response:
        """The studies of the person that the token is for."""
        token, person = cast(ApiToken, request.auth), cast(User, request.user)
        studies = studies_opened_by(token, person)
        return list_page(request, studies, schemas.StudySchema)

    @extend_schema(
        request=schemas.NewStudySchema,
        parameters=[KEY],
        responses={201: schemas.StudySchema, **WRITE_PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        """Create a study, whose owner is the person of the token."""
        person = policy.require_may_create_studies(request.user)
        token = cast(ApiToken, request.auth)
        require_scope(token, "write")
        if token.is_limited:
            raise PermissionDenied(_("This token is for certain studies only, so it cannot create one."))
        sent = valid(schemas.NewStudySchema(data=request.data))
        given = dict(sent.validated_data)
        labels = [NewLabel(**label) for label in given.pop("labels", [])]

        def respond() -> Response:
            study = create_study(labels=labels, owner=person, **given)
            return Response(schemas.StudySchema(study).data, status=HTTPStatus.CREATED)

        return write_once(request, respond)


class OneStudy(ApiView):
    @extend_schema(responses={200: schemas.StudyDetailSchema, **PROBLEMS})
    def get(self, request: Request, study_uuid: UUID) -> Response:
        """A study with its labels and its newest guideline."""
        study = study_for(request, study_uuid, Action.VIEW)
        newest = study.guidelines.order_by("-version").first()
        found = {
            "labels": schemas.LabelSchema(study.labels.order_by("position"), many=True).data,
            "guideline": None if newest is None else newest.text,
            "actions": sorted(policy.allowed_actions(policy.study_roles(request.user, study))),
        }
        return Response({**schemas.StudySchema(study).data, **found})


class Guidelines(ApiView):
    @extend_schema(
        request=schemas.NewGuidelineSchema,
        parameters=[KEY],
        responses={201: schemas.GuidelineSchema, **WRITE_PROBLEMS},
    )
    def post(self, request: Request, study_uuid: UUID) -> Response:
        """Publish a version of the guideline; the same text is no new version."""
        study = study_for(request, study_uuid, Action.WRITE_GUIDELINE)
        text = valid(schemas.NewGuidelineSchema(data=request.data)).validated_data["text"]

        def respond() -> Response:
            published = publish_guideline(study, text=text, by=cast(User, request.user))
            return Response(schemas.GuidelineSchema(published).data, status=HTTPStatus.CREATED)

        return write_once(request, respond)


class Participants(ApiView):
    @extend_schema(
        operation_id="studies_participants_list",
        parameters=PAGE,
        responses={200: page_of(schemas.ParticipantSchema), **problems(400), **PROBLEMS},
    )
    def get(self, request: Request, study_uuid: UUID) -> Response:
        """The people of a study with roles and pseudonyms, without those named in imported files."""
        study = study_for(request, study_uuid, Action.MANAGE)
        found = study.participants.filter(user__isnull=False).select_related("user")
        if policy.may(request.user, study, Action.SEE_NAMES):
            return list_page(request, found, schemas.ParticipantSchema)
        return list_page(request, found, schemas.ParticipantSchema, email="", name="")


class Invitations(ApiView):
    @extend_schema(
        request=schemas.NewInvitationSchema,
        parameters=[KEY],
        responses={201: schemas.InvitationSchema, **WRITE_PROBLEMS},
    )
    def post(self, request: Request, study_uuid: UUID) -> Response:
        """Invite a person to a role; the link works once. The same request sent again gets a new link."""
        study, by = study_for(request, study_uuid, Action.MANAGE), cast(User, request.user)
        given = dict(valid(schemas.NewInvitationSchema(data=request.data)).validated_data)
        email, note = given.pop("email"), given.pop("note")
        terms, link = Terms(**given), ""

        def respond() -> Response:
            nonlocal link
            made, link = invite(study, terms=terms, by=by, email=email, note=note)
            return Response(schemas.InvitationSchema(made).data, status=HTTPStatus.CREATED)

        # The reply that is kept has no link: who reads the database could use it.
        reply = write_once(request, respond)
        if not link:
            made = study.invitations.get(uuid=reply.data["uuid"])
            link = renew_invitation(made, days=terms.days, by=by)
        reply.data = {**reply.data, "link": full_address(request, link)}
        return reply


class Campaigns(ApiView):
    @extend_schema(
        operation_id="studies_campaigns_list",
        parameters=PAGE,
        responses={200: page_of(schemas.CampaignSchema), **problems(400), **PROBLEMS},
    )
    def get(self, request: Request, study_uuid: UUID) -> Response:
        """The judging campaigns of a study."""
        study = study_for(request, study_uuid, Action.SEE_RESULTS)
        return list_page(request, Campaign.objects.filter(study=study), schemas.CampaignSchema)

    @extend_schema(
        request=schemas.NewCampaignSchema,
        parameters=[KEY],
        responses={200: schemas.PlannedCampaignSchema, 201: schemas.PlannedCampaignSchema, **WRITE_PROBLEMS},
    )
    def post(self, request: Request, study_uuid: UUID) -> Response:
        """Plan a campaign; with `dry_run`, report what it would cost and store nothing (200)."""
        study = study_for(request, study_uuid, Action.RUN_JOBS, scope="write")
        given = dict(valid(schemas.NewCampaignSchema(data=request.data)).validated_data)
        name, opened, dry_run = given.pop("name"), given.pop("open"), given.pop("dry_run")
        start = paper_spec(name=name) if given.pop("preset", None) == "paper" else CampaignSpec(name=name)
        if "methods" in given:
            given["methods"] = tuple(given["methods"])
        spec = replace(start, **given)

        def respond() -> Response:
            if dry_run:
                return Response(_planned(foresee_campaign(study, spec, opened=opened)))
            plan = plan_campaign(study, spec, opened=opened, by=cast(User, request.user))
            return Response(_planned(plan), status=HTTPStatus.CREATED)

        return write_once(request, respond)


def _planned(plan: CampaignDraft) -> dict[str, object]:
    return {
        **schemas.CampaignSchema(plan.campaign).data,
        "n_comparisons": plan.n_comparisons,
        "n_judgments": plan.n_judgments,
        "hours": round(plan.cost.hours, 2),
        "notes": draft_notes(plan),
    }


class OneCampaign(ApiView):
    @extend_schema(
        request=schemas.CampaignStateSchema, responses={200: schemas.CampaignSchema, **WRITE_PROBLEMS}
    )
    def patch(self, request: Request, campaign_uuid: UUID) -> Response:
        """Open, pause or close a campaign."""
        campaign = campaign_for(request, campaign_uuid, Action.RUN_JOBS, scope="write")
        state = valid(schemas.CampaignStateSchema(data=request.data)).validated_data["state"]
        set_campaign_state(campaign, state, by=cast(User, request.user))
        return Response(schemas.CampaignSchema(campaign).data)
