"""Annotating and judging by API, for front ends of a study: the same contract of submits as the pages have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TypeVar, cast
from uuid import UUID

from django.db import models
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import policy
from annotations.assignment_leases import Waiting
from annotations.models import Item, Participant, User
from annotations.policy import Action
from annotations.selectors.open_items import answer_named
from annotations.serializers import AnswerSerializer, stored_answer
from annotations.services.annotating import record_annotation
from annotations.services.assigning import next_assignment, show_assignment
from annotations.submissions import Outcome
from annotations.submit_responses import revised
from hlv.api import schemas
from hlv.api.access import campaign_for, require_study_of_token, study_for
from hlv.api.problems import Problem
from hlv.api.resources import PROBLEMS, WRITE_PROBLEMS, ApiView, problems, valid
from metaeval.findings.judging_page import Bar, sides
from metaeval.models import Exposure
from metaeval.selectors.exposures import closed_by_results, exposure_for, judgment_named
from metaeval.selectors.outputs import ShownOutput, shown_pair
from metaeval.selectors.protocols import asks_labels, campaign_protocol
from metaeval.serializers import VerdictSerializer, stored_verdict
from metaeval.services.campaigns import campaign_question
from metaeval.services.judging import record_judgment
from metaeval.services.presentation import next_exposure, show_exposure

Row = TypeVar("Row", bound=models.Model)
ANSWER_PROBLEMS = WRITE_PROBLEMS | problems(409)


def _stored(outcome: Outcome[Row], stored: Callable[[Row], Mapping[str, object]]) -> Response:
    """201 stored, 200 stored before; 409 where another answer is stored."""
    if outcome.row is None or not outcome.is_stored:
        raise Problem(HTTPStatus(outcome.status), outcome.sentence)
    return Response(stored(outcome.row), status=outcome.status)


def _texts(item: Item | None) -> dict[str, str]:
    return {text.name: text.text for text in item.texts.order_by("position")} if item else {}


class NextText(ApiView):
    @extend_schema(request=None, responses={200: schemas.TextToLabelSchema, **PROBLEMS})
    def post(self, request: Request, study_uuid: UUID) -> Response:
        """The text that this person labels next: reserved, and the same until it is answered."""
        study = study_for(request, study_uuid, Action.ANNOTATE)
        participant = policy.participant_for(request.user, study, Participant.Role.ANNOTATOR)
        found = next_assignment(participant)
        guideline = study.guidelines.order_by("-version").values_list("version", flat=True).first()
        reply: dict[str, object] = {
            "assignment": None,
            "waiting": "",
            "texts": {},
            "lang": "",
            "guideline_version": guideline,
        }
        if isinstance(found, Waiting):
            return Response(reply | {"waiting": found.kind})
        show_assignment(found)
        shown = {"assignment": str(found.uuid), "texts": _texts(found.item), "lang": found.item.lang}
        return Response(reply | shown)


class Answers(ApiView):
    @extend_schema(
        request=AnswerSerializer,
        responses={200: schemas.StoredAnswerSchema, 201: schemas.StoredAnswerSchema, **ANSWER_PROBLEMS},
    )
    def post(self, request: Request, assignment_uuid: UUID) -> Response:
        """Answer a text. The same `client_key` is stored once; `replaces` revises an answer."""
        assignment = policy.assignment_for(request.user, assignment_uuid)
        require_study_of_token(request, assignment.item.study.uuid, of="assignment")
        study_for(request, assignment.item.study.uuid, Action.ANNOTATE)
        sent = valid(AnswerSerializer(data=request.data))
        outcome = record_annotation(
            assignment=assignment,
            client_key=sent.validated_data["client_key"],
            answer=sent.answer(),
            replaces=revised(sent.validated_data.get("replaces"), partial(answer_named, assignment)),
        )
        return _stored(outcome, stored_answer)


class NextPair(ApiView):
    @extend_schema(request=None, responses={200: schemas.PairToJudgeSchema, **PROBLEMS})
    def post(self, request: Request, campaign_uuid: UUID) -> Response:
        """The pair that this person judges next, sides fixed; from now on it counts as shown."""
        campaign = campaign_for(request, campaign_uuid, Action.JUDGE)
        participant = policy.participant_for(request.user, campaign.study, Participant.Role.JUDGE)
        reply: dict[str, object] = dict.fromkeys(("exposure", "left", "right"))
        reply |= {"waiting": "", "question": "", "texts": {}}
        if closed_by_results(cast(User, request.user), campaign).exists():
            return Response(reply | {"waiting": "seen_results"})
        found = next_exposure(participant, campaign)
        if isinstance(found, Waiting):
            return Response(reply | {"waiting": found.kind})
        if asks_labels(found, campaign_protocol(campaign)):
            # Its page asks for labels of the text first, before anything of the outputs is shown.
            return Response(reply | {"waiting": "labels_first"})
        show_exposure(found)
        return Response(reply | _pair(found))


def _pair(shown: Exposure) -> dict[str, object]:
    """Nothing in it tells of methods: the values are those of the page."""
    campaign = shown.comparison.campaign
    left, right = shown_pair(shown)
    both = sides(left, right, threshold=campaign.threshold, protocol=campaign_protocol(campaign))
    return {
        "exposure": str(shown.uuid),
        "question": campaign_question(campaign, of_texts=both.are_texts),
        "texts": _texts(shown.comparison.item),
        "left": _side(left, both.a, [(one.name, one.a) for one in both.folded]),
        "right": _side(right, both.b, [(one.name, one.b) for one in both.folded]),
    }


def _side(output: ShownOutput, bars: list[Bar], folded: list[tuple[str, str]]) -> dict[str, object]:
    labels = {bar.name: bar.percent / 100 for bar in bars} | {name: float(value) for name, value in folded}
    return {"labels": labels, "text": output.text}


class Verdicts(ApiView):
    @extend_schema(
        request=VerdictSerializer,
        responses={200: schemas.StoredVerdictSchema, 201: schemas.StoredVerdictSchema, **ANSWER_PROBLEMS},
    )
    def post(self, request: Request, exposure_uuid: UUID) -> Response:
        """Judge a pair. The same `client_key` is stored once; `replaces` revises a verdict."""
        exposure = exposure_for(request.user, exposure_uuid)
        if exposure is None:
            raise Http404("No such comparison.")
        study = exposure.comparison.campaign.study.uuid
        require_study_of_token(request, study, of="comparison")
        study_for(request, study, Action.JUDGE)
        sent = valid(VerdictSerializer(data=request.data))
        outcome = record_judgment(
            exposure=exposure,
            client_key=sent.validated_data["client_key"],
            submitted=sent.given(),
            replaces=revised(sent.validated_data.get("replaces"), partial(judgment_named, exposure)),
        )
        return _stored(outcome, stored_verdict)
