"""Files of a request: refused where none is taken, and passed over beyond the limits."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory

from hlv.importing.file_sets import MOST_FILES
from hlv.importing.upload_handlers import NoFiles, number_of_files, take_files, was_too_large


def request_with(*contents: bytes, field: str = "yes") -> HttpRequest:
    files = [SimpleUploadedFile(f"file-{place}.csv", content) for place, content in enumerate(contents)]
    return RequestFactory().post("/", {"files": files, "field": field})


def read(request: HttpRequest) -> list[bytes]:
    take_files(request)
    return [file.read() for file in request.FILES.getlist("files")]


def test_files_and_fields_are_read(settings: Any) -> None:
    settings.UPLOAD_LIMIT_BYTES = 6
    request = request_with(b"abc", b"def")
    assert read(request) == [b"abc", b"def"]
    assert (request.POST["field"], number_of_files(request), was_too_large(request)) == ("yes", 2, False)


def test_the_limit_is_of_all_files_together(settings: Any) -> None:
    settings.UPLOAD_LIMIT_BYTES = 5
    request = request_with(b"abc", b"def")
    assert read(request) == [b"abc"]
    # The other fields are read, so that the page can say which file was too large.
    assert (request.POST["field"], was_too_large(request)) == ("yes", True)


def test_files_beyond_the_most_are_counted_and_passed_over() -> None:
    request = request_with(*[b"x"] * (MOST_FILES + 1))
    take_files(request)
    assert len(request.FILES.getlist("files")) == MOST_FILES
    assert (number_of_files(request), was_too_large(request)) == (MOST_FILES + 1, False)


def test_a_request_without_files_has_none() -> None:
    request = RequestFactory().post("/", {"field": "yes"})
    assert read(request) == []
    assert (number_of_files(request), was_too_large(request)) == (0, False)


def test_no_file_is_taken_elsewhere() -> None:
    request = request_with(b"abc")
    request.upload_handlers = [NoFiles(request)]
    with pytest.raises(MultiPartParserError, match="No file is taken at this address"):
        request.POST  # noqa: B018  # reading it is what parses the form


def test_a_form_without_a_file_is_taken_everywhere() -> None:
    request = RequestFactory().post("/", {"field": "yes"})
    request.upload_handlers = [NoFiles(request)]
    assert request.POST["field"] == "yes"
