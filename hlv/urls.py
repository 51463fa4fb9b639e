"""All addresses; a test generated from this list asks for a row of the access matrix for each."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from hlv import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("language/", require_POST(set_language), name="language"),
    path("studies/", views.studies, name="studies"),
    path("studies/<uuid:study_uuid>/", views.study, name="study"),
    path("", include("annotations.urls")),
    path("", include("metaeval.urls")),
]
