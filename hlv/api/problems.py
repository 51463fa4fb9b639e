"""Errors as RFC 9457 has them, with the sentence that a page would show."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from annotations.jobs import JobRefusedError
from annotations.services.invitations import InvitationRefusedError
from annotations.services.studies import StudyRefusedError
from annotations.services.uploads import UploadRefusedError
from annotations.submissions import InvalidSubmissionError
from hlv.bundle.folder import ExportRefusedError
from hlv.core.tabular.errors import FormatError
from metaeval.services.campaigns import CampaignRefusedError

# The data, or what is there already, do not allow it; the sentence says why.
REFUSALS: Final = (
    CampaignRefusedError,
    ExportRefusedError,
    FormatError,
    InvalidSubmissionError,
    InvitationRefusedError,
    JobRefusedError,
    StudyRefusedError,
    UploadRefusedError,
)
MEDIA_TYPE = "application/problem+json"


class Problem(exceptions.APIException):
    """A refusal with its status and sentence."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status_code = status


def problem_response(error: Exception, context: dict[str, object]) -> Response | None:
    """The response to an error; None for a mistake of ours, which is logged as one."""
    if isinstance(error, REFUSALS):
        error = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    elif isinstance(error, Http404):
        error = exceptions.NotFound(str(error) or None)
    response = exception_handler(error, context)
    if response is None:
        return None
    status = HTTPStatus(response.status_code)
    response.data = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": _sentence(response.data),
    }
    response.content_type = MEDIA_TYPE
    return response


def _sentence(found: object) -> str:
    """What DRF has to say, in one line; of faults in fields, each with the name of its field."""
    if isinstance(found, dict):
        if "detail" in found:
            return str(found["detail"])
        return " ".join(f"{name}: {_sentence(faults)}" for name, faults in found.items())
    if isinstance(found, list):
        return " ".join(_sentence(fault) for fault in found)
    return str(found)
