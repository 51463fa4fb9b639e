"""Addresses for scripts: verdicts in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations import policy
from metaeval.models import Exposure, Judgment
from metaeval.selectors.exposures import exposure_of, judgment_named
from metaeval.serializers import VerdictSerializer, stored_verdict
from metaeval.services.judging import InvalidVerdictError, record_judgment


def first_sentence(errors: Any) -> str:
    """One sentence of a nest of errors, with the field it belongs to."""
    if isinstance(errors, dict):
        name, inner = next(iter(errors.items()))
        said = first_sentence(inner)
        return said if name == "non_field_errors" else f"{name}: {said}"
    if isinstance(errors, list):
        return first_sentence(errors[0]) if errors else ""
    return str(errors)


def _revised(exposure: Exposure, uuid: UUID | None) -> Judgment | None:
    named = judgment_named(exposure, uuid) if uuid else None
    if uuid and named is None:
        raise Http404("No such verdict.")
    return named


class Judgments(APIView):
    """One verdict on one exposure, under the submit contract: 201 stored, 200 stored before, 409 another stands."""

    def post(self, request: Request, exposure_uuid: UUID) -> Response:
        exposure = exposure_of(request.user, exposure_uuid)
        if exposure is None:
            raise Http404("No such comparison.")
        campaign = exposure.comparison.campaign
        policy.require(request.user, campaign.study, policy.Action.JUDGE)
        sent = VerdictSerializer(data=request.data)
        if not sent.is_valid():
            return Response(
                {"sentence": first_sentence(sent.errors), "errors": sent.errors},
                status=status.HTTP_400_BAD_REQUEST,
            )
        try:
            outcome = record_judgment(
                exposure=exposure,
                client_key=sent.validated_data["client_key"],
                given=sent.given(),
                replaces=_revised(exposure, sent.validated_data.get("replaces")),
            )
        except InvalidVerdictError as error:
            return Response({"sentence": str(error)}, status=status.HTTP_400_BAD_REQUEST)
        return Response(
            {
                "sentence": outcome.sentence,
                "stored": stored_verdict(outcome.row) if outcome.row else None,
                "next": reverse("judge-next", args=[campaign.uuid]),
                "revise": reverse("exposure", args=[exposure.uuid]),
            },
            status=outcome.status,
        )
