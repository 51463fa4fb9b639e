"""All addresses; a test generated from this list asks for a row of the access matrix for each."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
