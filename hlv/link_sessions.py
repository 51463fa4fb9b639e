"""Sessions that began with a link which an owner of a study made."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from annotations.models import User
from annotations.views.people import ONLY_STUDY
from hlv.middleware import view_type


def restrict_to_link_study(get_response: view_type) -> view_type:
    """Who came by a link that an owner of a study made sees that study alone: the owner may have opened it too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        only = request.session.get(ONLY_STUDY)
        if only is not None and isinstance(request.user, User):
            request.user.only_study_id = only
        return get_response(request)

    return middleware
