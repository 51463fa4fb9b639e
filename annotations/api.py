"""Addresses for scripts: answers in, the state of jobs out."""

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
from annotations.jobs import no_worker_running
from annotations.models import Annotation, Assignment, Job
from annotations.selectors.seats import answer_named, seat_of
from annotations.serializers import AnswerSerializer, job_state, stored_answer
from annotations.services.annotating import InvalidAnswerError, record_annotation


def first_sentence(errors: Any) -> str:
    """One sentence of a nest of errors, with the field it belongs to."""
    if isinstance(errors, dict):
        name, inner = next(iter(errors.items()))
        said = first_sentence(inner)
        return said if name == "non_field_errors" else f"{name}: {said}"
    if isinstance(errors, list):
        return first_sentence(errors[0]) if errors else ""
    return str(errors)


def _revised(seat: Assignment, uuid: UUID | None) -> Annotation | None:
    named = answer_named(seat, uuid) if uuid else None
    if uuid and named is None:
        raise Http404("No such answer.")
    return named


class Answers(APIView):
    """One answer to one seat, under the submit contract: 201 stored, 200 stored before, 409 another stands."""

    def post(self, request: Request, seat_uuid: UUID) -> Response:
        seat = seat_of(request.user, seat_uuid)
        if seat is None:
            raise Http404("No such seat.")
        study = seat.item.study
        policy.require(request.user, study, policy.Action.ANNOTATE)
        sent = AnswerSerializer(data=request.data)
        if not sent.is_valid():
            return Response(
                {"sentence": first_sentence(sent.errors), "errors": sent.errors},
                status=status.HTTP_400_BAD_REQUEST,
            )
        try:
            outcome = record_annotation(
                assignment=seat,
                client_key=sent.validated_data["client_key"],
                answer=sent.answer(),
                replaces=_revised(seat, sent.validated_data.get("replaces")),
            )
        except InvalidAnswerError as error:
            return Response({"sentence": str(error)}, status=status.HTTP_400_BAD_REQUEST)
        return Response(
            {
                "sentence": outcome.sentence,
                "stored": stored_answer(outcome.row) if outcome.row else None,
                "next": reverse("annotate", args=[study.uuid]),
                "revise": reverse("seat", args=[seat.uuid]),
            },
            status=outcome.status,
        )


class JobState(APIView):
    def get(self, request: Request, job_uuid: UUID) -> Response:
        job = Job.objects.select_related("study").filter(uuid=job_uuid).first()
        if job is None:
            raise Http404("No such job.")
        policy.require(request.user, job.study, policy.Action.RUN_JOBS)
        return Response({**job_state(job), "no_worker_running": not job.is_over and no_worker_running()})
