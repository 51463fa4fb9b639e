"""How much a person may send at once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

_PASSED_OVER = "hlv.file_passed_over"


class SizeLimit(FileUploadHandler):
    """Passes over a file above the limit as it arrives; the other fields of the form are read."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > settings.UPLOAD_LIMIT_BYTES:
            if self.request is not None:
                self.request.META[_PASSED_OVER] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        """The handlers after this one make the file."""
        return None


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was passed over."""
    return _PASSED_OVER in request.META
