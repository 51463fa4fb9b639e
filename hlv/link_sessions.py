"""Sessions that began with a link which an owner of a study made."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from annotations.models import User
from annotations.views.people import ONLY_STUDY
from hlv.middleware import type_of_view


def stay_in_the_study_of_a_link(get_response: type_of_view) -> type_of_view:
    """Who came by a link that an owner of a study made sees that study alone: the owner may have opened it too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        only = request.session.get(ONLY_STUDY)
        if only is not None and isinstance(request.user, User):
            request.user.only_study_id = only
        return get_response(request)

    return middleware
