"""API of judging: verdicts, and labels before them."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations import policy
from annotations.submit_responses import reply_to_script, revised
from metaeval.models import Exposure
from metaeval.pair_pages import next_pair_in_reply
from metaeval.selectors.exposures import exposure_for, judgment_named
from metaeval.serializers import LabelsSerializer, VerdictSerializer, stored_labelling, stored_verdict
from metaeval.services.judging import record_judgment, record_labelling

# In the address of a verdict: the page that sends it shows the next pair at once.
WITH_PAIR = "pair"


def _exposure_to_judge(request: Request, exposure_uuid: UUID) -> Exposure:
    exposure = exposure_for(request.user, exposure_uuid)
    if exposure is None:
        raise Http404("No such comparison.")
    policy.require(request.user, exposure.comparison.campaign.study, policy.Action.JUDGE)
    return exposure


class Judgments(APIView):
    """One verdict under the submit contract: 201 stored, 200 stored before, 409 another verdict is stored.

    With `?pair` the reply to a stored verdict has the next pair, which then counts as shown.
    """

    def post(self, request: Request, exposure_uuid: UUID) -> Response:
        exposure = _exposure_to_judge(request, exposure_uuid)
        sent = VerdictSerializer(data=request.data)
        response = reply_to_script(
            sent,
            record=lambda: record_judgment(
                exposure=exposure,
                client_key=sent.validated_data["client_key"],
                submitted=sent.given(),
                replaces=revised(sent.validated_data.get("replaces"), partial(judgment_named, exposure)),
            ),
            stored=stored_verdict,
            onward=reverse("judge-next", args=[exposure.comparison.campaign.uuid]),
            revise=reverse("exposure", args=[exposure.uuid]),
        )
        if WITH_PAIR in request.query_params and status.is_success(response.status_code):
            response.data["pair"] = next_pair_in_reply(request._request, exposure)
        return response


class Labels(APIView):
    """A judge's labels of a text before its outputs are shown, under the same contract; they are never revised."""

    def post(self, request: Request, exposure_uuid: UUID) -> Response:
        exposure = _exposure_to_judge(request, exposure_uuid)
        sent = LabelsSerializer(data=request.data)
        shown = reverse("exposure", args=[exposure.uuid])
        return reply_to_script(
            sent,
            record=lambda: record_labelling(
                exposure=exposure, client_key=sent.validated_data["client_key"], submitted=sent.given()
            ),
            stored=stored_labelling,
            onward=shown,
            revise=shown,
        )
