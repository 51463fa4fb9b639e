"""Errors of the HTTP API: status and sentence, and none for our own mistakes."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.http import Http404
from rest_framework import exceptions

from annotations.jobs import JobRefusedError
from hlv.api.problems import Problem, problem_response
from hlv.core.tabular.errors import FormatError


def problem(error: Exception) -> tuple[int, str, str]:
    response = problem_response(error, {})
    assert response is not None
    assert response.content_type == "application/problem+json"
    assert response.data["type"] == "about:blank"
    assert response.data["status"] == response.status_code
    return response.status_code, response.data["title"], response.data["detail"]


@pytest.mark.parametrize("refusal", [JobRefusedError, FormatError])
def test_a_refusal_keeps_its_sentence(refusal: type[Exception]) -> None:
    assert problem(refusal("No text has labels.")) == (422, "Unprocessable Entity", "No text has labels.")


def test_what_is_not_there_is_not_found() -> None:
    assert problem(Http404("No such study."))[::2] == (404, "No such study.")
    assert problem(Http404())[::2] == (404, "Not found.")


def test_a_problem_has_its_own_status() -> None:
    assert problem(Problem(HTTPStatus.CONFLICT, "It has changed.")) == (409, "Conflict", "It has changed.")


def test_faults_in_fields_have_the_names_of_their_fields() -> None:
    error = exceptions.ValidationError({"days": ["Too many.", "Not even."], "studies": {"0": ["Unknown."]}})
    assert problem(error) == (400, "Bad Request", "days: Too many. Not even. studies: 0: Unknown.")
    assert problem(exceptions.ValidationError(["One.", "Two."]))[2] == "One. Two."


def test_our_own_mistakes_are_not_answered() -> None:
    assert problem_response(ZeroDivisionError("division by zero"), {}) is None
