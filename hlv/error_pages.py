"""Pages that say no, and what a script is told instead. They read nothing of the request's form.

Django's own ask for a token first, and so read the form, which may be what was refused: a file where none is
taken, or more than is taken. Refused a second time within the page, it would end as a fault of ours.
"""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _bad_request_of_script(exception)
    return render(request, "400.html", status=400)


def _bad_request_of_script(exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1e6
        said = _("This is more than is taken at once: send at most %(most).1f MB.") % {"most": most}
        return JsonResponse({"sentence": said}, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return JsonResponse({"sentence": _("This request is not one that this program takes.")}, status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"exception": str(exception)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)
