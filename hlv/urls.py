"""All addresses; a test generated from this list asks for a row of the access matrix for each."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from hlv import views
from hlv.bundle import views as taking
from hlv.importing import views as importing
from hlv.texts import views as behind

handler400 = "hlv.views.bad_request"
handler403 = "hlv.views.permission_denied"
handler404 = "hlv.views.page_not_found"
handler500 = "hlv.outages.handle_server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("language/", views.choose_language, name="language"),
    path("look/", views.set_appearance, name="look"),
    path("studies/", views.studies, name="studies"),
    path("studies/<uuid:study_uuid>/", views.study, name="study"),
    path("studies/<uuid:study_uuid>/import/", importing.import_file, name="import-file"),
    path("uploads/<uuid:upload_uuid>/", importing.upload, name="upload"),
    path("jobs/<uuid:job_uuid>/errors.csv", importing.import_errors, name="import-errors"),
    path("imports/<uuid:import_uuid>/withdraw/", importing.import_withdraw, name="import-withdraw"),
    path("imports/<uuid:import_uuid>/reinstate/", importing.import_reinstate, name="import-reinstate"),
    path("studies/<uuid:study_uuid>/bundle/", taking.bundle, name="bundle"),
    path("studies/<uuid:study_uuid>/texts/", behind.texts, name="texts"),
    path("studies/<uuid:study_uuid>/texts/compute/", behind.recompute_texts, name="texts-recompute"),
    path("items/<uuid:item_uuid>/", behind.item, name="item"),
    path("bundles/<uuid:job_uuid>/", taking.bundle_file, name="bundle-file"),
    path("api/v1/", include("hlv.api.urls")),
    path("", include("annotations.urls")),
    path("", include("metaeval.urls")),
]
