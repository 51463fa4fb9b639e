"""A study to take away: its bundle, made by a job and then downloaded."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast
from uuid import UUID

import msgspec
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import jobs, policy
from annotations.models import ApiToken, Job, Study
from annotations.policy import Action
from hlv.api import schemas
from hlv.api.access import require_scope, require_study_of_token, study_for
from hlv.api.problems import Problem
from hlv.api.resources import KEY, PROBLEMS, WRITE_PROBLEMS, ApiView, problems, valid, write_once
from hlv.api.views import accepted_job
from hlv.bundle import BundleParams, bundle_path, parse_as_of

NAMES_SCOPE = "people"


class ZipRenderer(JSONRenderer):
    """Only problems are rendered; the file is streamed."""

    media_type = "application/zip"
    format = "zip"


def _require_names(request: Request, study: Study) -> None:
    policy.require(request.user, study, Action.SEE_NAMES, of="bundle")
    require_scope(cast(ApiToken, request.auth), NAMES_SCOPE)


class Bundles(ApiView):
    @extend_schema(
        request=schemas.NewBundleSchema,
        parameters=[KEY],
        responses={202: schemas.JobSchema, **WRITE_PROBLEMS},
    )
    def post(self, request: Request, study_uuid: UUID) -> Response:
        """Ask for the bundle of `hlv export`; when its job is done, download it."""
        study = study_for(request, study_uuid, Action.EXPORT)
        sent = valid(schemas.NewBundleSchema(data=request.data)).validated_data
        if sent["names"]:
            _require_names(request, study)
        params = BundleParams(
            parse_as_of(sent["as_of"], study),
            now=not sent["as_of"],
            names=sent["names"],
            round_times=sent["round_times"],
            without_words=sent["without_free_text"],
        )
        return write_once(request, lambda: accepted_job(request, _asked(request, study, params)))


def _asked(request: Request, study: Study, params: BundleParams) -> Job:
    return jobs.request_job(
        study=study,
        kind="bundle",
        params=msgspec.to_builtins(params),
        by=request.user,
        same=lambda job: params.is_same(job.read_params(BundleParams)),
    )


class BundleFile(ApiView):
    renderer_classes = (ZipRenderer,)

    @extend_schema(
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **problems(409, 410), **PROBLEMS}
    )
    def get(self, request: Request, job_uuid: UUID) -> FileResponse:
        """The zip of a job that is done; it is kept for a day."""
        job = Job.objects.select_related("study").filter(uuid=job_uuid, kind="bundle").first()
        if job is None:
            raise Http404("No such bundle.")
        require_study_of_token(request, job.study.uuid, of="bundle")
        policy.require(request.user, job.study, Action.EXPORT, of="bundle")
        require_scope(cast(ApiToken, request.auth), "read")
        if job.read_params(BundleParams).names:
            _require_names(request, job.study)
        if job.state != Job.State.DONE:
            raise Problem(HTTPStatus.CONFLICT, _("This bundle is not there: its job is not done."))
        if not bundle_path(job).is_file():
            raise Problem(HTTPStatus.GONE, _("A bundle is kept for a day: have it made again."))
        response = FileResponse(
            bundle_path(job).open("rb"),
            as_attachment=True,
            filename=f"{job.study.slug}.zip",
            content_type="application/zip",
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
