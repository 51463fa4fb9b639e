"""Addresses for scripts: answers in, the state of jobs out."""

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
from annotations.models import Job
from annotations.selectors.open_items import answer_named, assignment_for
from annotations.serializers import AnswerSerializer, DraftSerializer, job_state, stored_answer
from annotations.services.annotating import keep_draft, record_annotation
from annotations.submit_responses import first_sentence, reply_to_script, revised
from annotations.workers import no_worker_running


class Answers(APIView):
    """One answer to one assignment, under the submit contract: 201 stored, 200 stored before, 409 another stands."""

    def post(self, request: Request, seat_uuid: UUID) -> Response:
        assignment = assignment_for(request.user, seat_uuid)
        if assignment is None:
            raise Http404("No such assignment.")
        study = assignment.item.study
        policy.require(request.user, study, policy.Action.ANNOTATE)
        sent = AnswerSerializer(data=request.data)
        return reply_to_script(
            sent,
            record=lambda: record_annotation(
                assignment=assignment,
                client_key=sent.validated_data["client_key"],
                answer=sent.answer(),
                replaces=revised(sent.validated_data.get("replaces"), partial(answer_named, assignment)),
            ),
            stored=stored_answer,
            onward=reverse("annotate", args=[study.uuid]),
            revise=reverse("seat", args=[assignment.uuid]),
            # The text that the page shows by now may be the last: nobody gets one of a study that was stopped.
            more={"state": study.state},
        )


class Drafts(APIView):
    """Words of an answer that is not given yet: 200 with their version, 409 where they would overwrite others."""

    def put(self, request: Request, seat_uuid: UUID) -> Response:
        assignment = assignment_for(request.user, seat_uuid)
        if assignment is None:
            raise Http404("No such assignment.")
        policy.require(request.user, assignment.item.study, policy.Action.ANNOTATE)
        sent = DraftSerializer(data=request.data)
        if not sent.is_valid():
            said = {"sentence": first_sentence(sent.errors), "errors": sent.errors}
            return Response(said, status=status.HTTP_400_BAD_REQUEST)
        given = sent.validated_data
        kept = keep_draft(
            assignment,
            reason=given["reason"],
            comment=given["comment"],
            replaces=revised(given.get("replaces"), partial(answer_named, assignment)),
            seen=given["seen"],
            key=given.get("key", ""),
            mine=given.get("mine", []),
        )
        reply = {"version": kept.version, "sentence": kept.sentence}
        return Response(reply, status=status.HTTP_409_CONFLICT if kept.sentence else status.HTTP_200_OK)


class JobState(APIView):
    def get(self, request: Request, job_uuid: UUID) -> Response:
        job = Job.objects.select_related("study").filter(uuid=job_uuid).first()
        if job is None:
            raise Http404("No such job.")
        policy.require(request.user, job.study, policy.Action.RUN_JOBS, of="job")
        return Response({**job_state(job), "no_worker_running": not job.is_over and no_worker_running()})
