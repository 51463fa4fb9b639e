"""Addresses for scripts: answers in, the state of jobs out."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.urls import reverse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations import policy
from annotations.next_texts import next_texts_in_reply
from annotations.selectors.open_items import answer_named
from annotations.serializers import AnswerSerializer, DraftSerializer, job_state, stored_answer
from annotations.services.annotating import keep_draft, record_annotation
from annotations.submit_responses import invalid_input, reply_to_script, revised
from annotations.workers import no_worker_running


class Answers(APIView):
    """One answer to one assignment, under the submit contract: 201 stored, 200 stored before, 409 another stands."""

    def post(self, request: Request, assignment_uuid: UUID) -> Response:
        assignment = policy.assignment_for(request.user, assignment_uuid)
        study = assignment.item.study
        sent = AnswerSerializer(data=request.data)
        response = reply_to_script(
            sent,
            record=lambda: record_annotation(
                assignment=assignment,
                client_key=sent.validated_data["client_key"],
                answer=sent.answer(),
                replaces=revised(sent.validated_data.get("replaces"), partial(answer_named, assignment)),
            ),
            stored=stored_answer,
            onward=reverse("annotate", args=[study.uuid]),
            revise=reverse("annotate-item", args=[assignment.uuid]),
            # The text that the page shows by now may be the last: nobody gets one of a study that was stopped.
            more={"state": study.state},
        )
        # The answer is committed: whatever follows, it is stored.
        if status.is_success(response.status_code):
            response.data["next_texts"] = next_texts_in_reply(
                request._request, assignment, request.query_params.dict()
            )
        return response


class Drafts(APIView):
    """Choices and words of an answer that is not submitted yet: 200 with their version, 409 where they would overwrite others."""

    def put(self, request: Request, assignment_uuid: UUID) -> Response:
        assignment = policy.assignment_for(request.user, assignment_uuid)
        sent = DraftSerializer(data=request.data)
        if not sent.is_valid():
            return invalid_input(sent)
        draft = dict(sent.validated_data)
        replaces = revised(draft.pop("replaces", None), partial(answer_named, assignment))
        kept = keep_draft(assignment, replaces=replaces, **draft)
        reply = {"version": kept.version, "sentence": kept.sentence}
        return Response(reply, status=status.HTTP_409_CONFLICT if kept.sentence else status.HTTP_200_OK)


class JobState(APIView):
    def get(self, request: Request, job_uuid: UUID) -> Response:
        job = policy.job_for(request.user, job_uuid)
        return Response({**job_state(job), "no_worker_running": not job.is_over and no_worker_running()})
