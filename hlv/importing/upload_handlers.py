"""Files that come with a request: refused everywhere but where a file may be imported, and limited in size there."""

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

from hlv.importing.file_sets import MOST_FILES

_TOO_LARGE, _N_FILES = "hlv.file_too_large", "hlv.number_of_files"


class NoFiles(FileUploadHandler):
    """Answers 400 to a form with a file in it, before a byte of the file is kept.

    It is used at every address: Django reads a form, files and all, before the view is asked who sent it.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise MultiPartParserError("No file is taken at this address.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Nothing is kept."""

    def file_complete(self, file_size: int) -> None:
        """No file is made."""


class SizeLimit(FileUploadHandler):
    """Passes over what exceeds the limits of a request as it arrives; the other fields of the form are read."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._n_bytes = 0
        self._n_files = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self._n_files += 1
        if self.request is not None:
            self.request.META[_N_FILES] = self._n_files
        if self._n_files > MOST_FILES:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        # Of all files together: each for itself could be as large as the limit.
        self._n_bytes += len(raw_data)
        if self._n_bytes > settings.UPLOAD_LIMIT_BYTES:
            if self.request is not None:
                self.request.META[_TOO_LARGE] = True
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
    """Whether a file of this request was passed over because of its size."""
    return _TOO_LARGE in request.META


def number_of_files(request: HttpRequest) -> int:
    """How many this request brought, passed over or not; its form has been read."""
    return int(request.META.get(_N_FILES, 0))
