"""Who may send files at all, and how much at once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    SkipFile,
    TemporaryFileUploadHandler,
)
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

_PASSED_OVER = "hlv.file_passed_over"


class NoFiles(FileUploadHandler):
    """Answers 400 to a form with a file in it, before a byte of the file is kept.

    It stands at every address: Django reads a form, files and all, before the view is asked who sent it.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise MultiPartParserError("No file is taken at this address.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Nothing is kept."""

    def file_complete(self, file_size: int) -> None:
        """No file is made."""


class SizeLimit(FileUploadHandler):
    """Passes over what exceeds the limit of a request as it arrives; the other fields of the form are read."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._n_bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        # Of all files together: each for itself could be as large as the limit.
        self._n_bytes += len(raw_data)
        if self._n_bytes > settings.UPLOAD_LIMIT_BYTES:
            if self.request is not None:
                self.request.META[_PASSED_OVER] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        """The handlers after this one make the file."""
        return None


def take_files(request: HttpRequest) -> None:
    """Let this request bring files; its form must not have been read yet."""
    request.upload_handlers = [
        # First: what is too large is passed over before anything of it is kept.
        SizeLimit(request),
        MemoryFileUploadHandler(request),
        TemporaryFileUploadHandler(request),
    ]


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was passed over."""
    return _PASSED_OVER in request.META
