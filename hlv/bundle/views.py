"""Taking a study away in the browser: ask for the bundle, watch it being made, download it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
from django import forms
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from annotations import policy
from annotations.models import Job, Study
from annotations.submit_responses import reply_with_job
from annotations.views.people import ask_again
from hlv.bundle import BundleParams, ExportRefusedError, bundle_path, parse_as_of
from metaeval.models import Campaign

SHOWN = 10


class BundleForm(forms.Form):
    """Of which moment, and whether people are named: that only who may see names."""

    as_of = forms.CharField(
        label=gettext_lazy("As it stood at"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Such as 2026-03-01T14:20. Empty: now."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    names = forms.BooleanField(
        label=gettext_lazy("Names of people and sources, not pseudonyms"),
        required=False,
        help_text=gettext_lazy("Such a bundle is confidential."),
    )
    round_times = forms.BooleanField(
        label=gettext_lazy("Times rounded to the hour"),
        required=False,
        help_text=gettext_lazy("Exact times can show who worked when."),
    )
    without_words = forms.BooleanField(
        label=gettext_lazy("Without reasons and comments"),
        required=False,
        help_text=gettext_lazy("What people wrote in their own words may identify them or others."),
    )

    def __init__(self, *args: Any, study: Study, sees_names: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self._study = study
        if not sees_names:
            del self.fields["names"]

    def clean_as_of(self) -> dt.datetime:
        try:
            return parse_as_of(self.cleaned_data["as_of"], self._study)
        except ExportRefusedError as refused:
            raise forms.ValidationError(str(refused)) from refused

    @property
    def params(self) -> BundleParams:
        """Of the job that a valid form asks for."""
        entered = self.cleaned_data
        return BundleParams(
            entered["as_of"],
            now=not self["as_of"].value(),
            names=entered.get("names", False),
            round_times=entered["round_times"],
            without_words=entered["without_words"],
        )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def bundle(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Ask for a bundle, and find those that were made."""
    study = policy.study_for(request.user, study_uuid, policy.Action.EXPORT)
    sees_names = policy.may(request.user, study, policy.Action.SEE_NAMES)
    form = BundleForm(request.POST or None, study=study, sees_names=sees_names)
    if request.method == "POST":
        form = BundleForm(request.POST, study=study, sees_names=sees_names)
        if form.is_valid():
            params = form.params
            asked = ask_again(request, request.path) if params.names else None
            if asked is not None:
                return asked
            return reply_with_job(
                request,
                study,
                "bundle",
                msgspec.to_builtins(params),
                same=lambda job: params.is_same(job.read_params(BundleParams)),
            )
    made = study.jobs.filter(kind="bundle").select_related("created_by").order_by("-pk")[:SHOWN]
    context = {
        "study": study,
        "form": form,
        "may_see_names": sees_names,
        "made": [
            {
                "job": job,
                "is_there": _is_available(job),
                "may_download": sees_names or not msgspec.convert(job.params, BundleParams).names,
            }
            for job in made
        ],
        "campaigns": Campaign.objects.filter(study=study, rankings__isnull=False).distinct(),
    }
    return render(request, "report/bundle.html", context, status=400 if form.errors else 200)


def _is_available(job: Job) -> bool:
    return job.state == Job.State.DONE and bundle_path(job).is_file()


@require_safe
@login_required
def bundle_file(request: HttpRequest, job_uuid: UUID) -> HttpResponseBase:
    """The zip, streamed from where the worker left it."""
    job = Job.objects.select_related("study").filter(uuid=job_uuid, kind="bundle").first()
    if job is None:
        raise Http404("No such bundle.")
    policy.require(request.user, job.study, policy.Action.EXPORT, of="bundle")
    if msgspec.convert(job.params, BundleParams).names:
        policy.require(request.user, job.study, policy.Action.SEE_NAMES, of="bundle")
    if job.state != Job.State.DONE:
        return redirect("job", job.uuid)
    if not _is_available(job):
        context = {"study": job.study, "reason": _("A bundle is kept for a day: have it made again.")}
        return render(request, "report/bundle_expired.html", context, status=410)
    response = FileResponse(
        bundle_path(job).open("rb"),
        as_attachment=True,
        filename=f"{job.study.slug}.zip",
        content_type="application/zip",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
