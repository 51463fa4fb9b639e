"""The resources of the API: each asks the policy, then a selector or a service that the pages use too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from django.http import Http404
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations import jobs
from annotations.models import ApiToken, Import, Job, User
from annotations.policy import Action
from annotations.serializers import job_state
from annotations.services.uploads import begin_import, discard_upload, receive_upload
from hlv import __version__
from hlv.api import schema_extensions as _schema_extensions  # noqa: F401 - registers itself
from hlv.api import schemas
from hlv.api.access import job_for, study_for
from hlv.api.pages import PAGE, page_of, snapshots_page
from hlv.api.problems import Problem
from hlv.api.replies import accepted, answer_once
from hlv.api.resources import KEY, PROBLEMS, WRITE_PROBLEMS, ApiView, problems, valid, write_once
from hlv.core.addresses import full_address
from hlv.core.tabular.writing import iso
from hlv.importing.file_sets import ReadingChoices
from metaeval.exporters.results import snapshot_json
from metaeval.models import SupplementaryAnalysis
from metaeval.selectors import exports

# Asked for by name; imports and bundles have addresses of their own checks.
JOB_KINDS: Final = (
    "agreement",
    "annotator-numbers",
    "judges",
    "metaeval",
    "noise-ceiling",
    "ranking",
    "scoring",
    "segment-agreement",
    "sensitivity",
    "texts",
)
_BLOCK: Final = 1 << 16

RESULTS: Final[Mapping[str, Callable[..., Any]]] = {
    "rankings": exports.exported_rankings,
    "metric-agreements": exports.exported_agreements,
    "judge-reports": exports.exported_judge_reports,
    "sensitivities": exports.exported_sensitivities,
    "label-agreements": exports.exported_label_agreements,
    "segment-agreements": partial(exports.exported_analyses, kind=SupplementaryAnalysis.Kind.SEGMENTS),
    "annotator-numbers": partial(exports.exported_analyses, kind=SupplementaryAnalysis.Kind.ANNOTATORS),
    "noise-ceilings": partial(exports.exported_analyses, kind=SupplementaryAnalysis.Kind.CEILING),
}


class OpenApi(APIView):
    """The schema of this API; it is public, as the program is."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(openapi_schema())


def openapi_schema() -> dict[str, Any]:
    """OpenAPI 3.1 of all resources."""
    generator: Any = SchemaGenerator
    patterns = [path("api/v1/", include("hlv.api.urls"))]
    schema: dict[str, Any] = generator(patterns=patterns).get_schema(request=None, public=True)
    return schema


class Root(ApiView):
    @extend_schema(responses={200: schemas.TokenSchema, **problems(401, 429)})
    def get(self, request: Request) -> Response:
        """The token that is used, and the version of HLV."""
        token = cast(ApiToken, request.auth)
        named = {"name": token.name, "scopes": token.scopes, "expires_at": token.expires_at}
        return Response(named | {"version": __version__})


class Results(ApiView):
    @extend_schema(
        operation_id="studies_results_list",
        parameters=[*PAGE, OpenApiParameter("kind", enum=list(RESULTS))],
        responses={200: page_of(schemas.ResultSchema), **problems(400), **PROBLEMS},
    )
    def get(self, request: Request, study_uuid: UUID) -> Response:
        """The stored results of a study, the newest first."""
        study = study_for(request, study_uuid, Action.SEE_RESULTS)
        wanted, now = request.query_params.get("kind"), timezone.now()
        if wanted is not None and wanted not in RESULTS:
            raise Problem(
                HTTPStatus.BAD_REQUEST,
                _("There is no kind of result “%(kind)s”; known are %(known)s.")
                % {"kind": wanted, "known": ", ".join(RESULTS)},
            )
        kinds = {
            kind: snapshots(study, as_of=now) for kind, snapshots in RESULTS.items() if wanted in (None, kind)
        }
        found, following = snapshots_page(request, kinds)
        rows = [
            {
                "uuid": str(snapshot.uuid),
                "kind": kind,
                "as_of": iso(snapshot.as_of),
                "computed_at": iso(snapshot.created_at),
            }
            for kind, snapshot in found
        ]
        return Response({"next": following, "previous": None, "results": rows})


class OneResult(ApiView):
    @extend_schema(responses={200: OpenApiTypes.OBJECT, 304: None, **PROBLEMS})
    def get(self, request: Request, study_uuid: UUID, kind: str, result_uuid: UUID) -> Response:
        """A stored result with parameters, seed and fingerprint; it never changes, so its ETag is its identifier."""
        study = study_for(request, study_uuid, Action.SEE_RESULTS)
        snapshots = RESULTS[kind](study, as_of=timezone.now()) if kind in RESULTS else None
        snapshot = None if snapshots is None else snapshots.filter(uuid=result_uuid).first()
        if snapshot is None:
            raise Http404("No such result.")
        tag = f'"{snapshot.uuid}"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
        return Response(
            snapshot_json(snapshot), headers={"ETag": tag, "Cache-Control": "private, max-age=86400"}
        )


class Jobs(ApiView):
    @extend_schema(
        request=schemas.NewJobSchema,
        parameters=[KEY],
        responses={202: schemas.JobSchema, **WRITE_PROBLEMS},
    )
    def post(self, request: Request, study_uuid: UUID) -> Response:
        """Ask for a job; its state is at the address of `Location`."""
        study = study_for(request, study_uuid, Action.RUN_JOBS)
        sent = valid(schemas.NewJobSchema(data=request.data))
        kind, params = sent.validated_data["kind"], sent.validated_data.get("params", {})
        if kind not in JOB_KINDS:
            raise Problem(
                HTTPStatus.BAD_REQUEST,
                _("There is no job “%(kind)s”; known are %(known)s.")
                % {"kind": kind, "known": ", ".join(JOB_KINDS)},
            )
        return write_once(
            request,
            lambda: accepted_job(
                request, jobs.request_job(study=study, kind=kind, params=params, by=request.user)
            ),
        )


class OneJob(ApiView):
    @extend_schema(responses={200: schemas.JobSchema, **PROBLEMS})
    def get(self, request: Request, job_uuid: UUID) -> Response:
        """The state of a job, and its result when it is over."""
        return Response(_job(job_for(request, job_uuid)))

    @extend_schema(responses={202: schemas.JobSchema, **PROBLEMS})
    def delete(self, request: Request, job_uuid: UUID) -> Response:
        """Cancel a job: a waiting one ends at once, a running one at its next report."""
        job = job_for(request, job_uuid)
        jobs.request_cancel(job)
        job.refresh_from_db()
        return accepted_job(request, job)


class Imports(ApiView):
    # The body is the file itself, read as it comes.
    parser_classes = ()

    @extend_schema(
        parameters=[
            KEY,
            OpenApiParameter("kind", enum=Import.Kind.values, required=True),
            OpenApiParameter("name", required=True, description="Name of the file, with its ending."),
            OpenApiParameter("dry_run", bool, description="Check the file and store nothing."),
            *(
                OpenApiParameter(name, bool if isinstance(value, bool) else str, many=isinstance(value, list))
                for name, value in msgspec.structs.asdict(ReadingChoices()).items()
                if name != "names"
            ),
        ],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={202: schemas.JobSchema, **WRITE_PROBLEMS},
    )
    def post(self, request: Request, study_uuid: UUID) -> Response:
        """Import a file, whole or not at all, by a job; the body is the file, and parameters say how to read it."""
        study = study_for(request, study_uuid, Action.IMPORT)
        kind, name = request.query_params.get("kind", ""), request.query_params.get("name", "")
        if kind not in Import.Kind.values or not name:
            raise Problem(
                HTTPStatus.BAD_REQUEST,
                _("Give kind, one of %(known)s, and name, that of the file.")
                % {"known": ", ".join(Import.Kind.values)},
            )
        by = cast(User, request.user)
        options = _choices(request).as_json()
        upload = receive_upload(
            study=study, kind=kind, name=name, chunks=_body(request), options=options, by=by
        )
        is_used = False

        def begin() -> Response:
            nonlocal is_used
            dry_run = request.query_params.get("dry_run") in ("true", "1")
            job, _is_new = begin_import(upload, kind=kind, options=options, dry_run=dry_run, by=by)
            jobs.wake(job)
            is_used = True
            return accepted_job(request, job)

        try:
            return answer_once(request, upload.sha256.encode(), begin)
        finally:
            if not is_used:
                discard_upload(upload)


def _choices(request: Request) -> ReadingChoices:
    known = msgspec.structs.asdict(ReadingChoices())
    query = request.query_params
    given = {
        name: query.getlist(name) if isinstance(default, list) else query[name]
        for name, default in known.items()
        if name in query and name != "name"
    }
    try:
        # All values of a query are texts, “true” too.
        return msgspec.convert(given, ReadingChoices, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(
            HTTPStatus.BAD_REQUEST, _("A parameter cannot be read: %(why)s.") % {"why": error}
        ) from error


def _body(request: Request) -> Iterator[bytes]:
    """The body in blocks; `receive_upload` stops reading at the limit of a file."""
    while block := request._request.read(_BLOCK):
        yield block


def _job(job: Job) -> dict[str, object]:
    return {**job_state(job), "result": job.result if job.is_over else None}


def accepted_job(request: Request, job: Job) -> Response:
    return accepted(_job(job), full_address(request, reverse("v1-job", args=[job.uuid])))
