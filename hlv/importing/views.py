"""The pages of an import: bring a file, look at it, read its faults, take an import back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.formats.import_options import ImportRefusedError
from annotations.import_ledger import NamedFile
from annotations.jobs import wake
from annotations.models import Import, Job, Study, Upload, User
from annotations.policy import Action, require, study_for
from annotations.services.imports import reinstate_import, withdraw_import
from annotations.services.uploads import (
    UploadRefusedError,
    begin_import,
    discard_upload,
    keep_reading,
    keep_together,
    receive_uploads,
    stored_path,
    too_large,
)
from hlv.core.tabular import Preview
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.writing import csv_text
from hlv.importing.column_choice import ColumnsToChoose, columns_to_choose
from hlv.importing.file_groups import MOST_FILES, sort_files
from hlv.importing.forms import FileForm, ReadingForm, ReinstateForm, WithdrawForm, entries
from hlv.importing.preview import has_preview, preview_file, sample_rows
from hlv.importing.upload_limit import number_of_files, take_files, was_too_large

LOOK, TRY = "look", "try"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_file(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Files are taken from who may import; only then is the form read, and its token checked."""
    study = study_for(request.user, study_uuid, Action.IMPORT)
    take_files(request)
    return _import_file(request, study)


@csrf_protect
def _import_file(request: HttpRequest, study: Study) -> HttpResponse:
    if request.method != "POST":
        return _file_page(request, study, FileForm(initial=_wanted(request, study)))
    form = FileForm(request.POST, request.FILES)
    files = form.cleaned_data.get("file") if form.is_valid() or "file" not in form.errors else None
    n_files = number_of_files(request)
    if n_files > MOST_FILES or was_too_large(request):
        form.errors.pop("file", None)
        form.add_error("file", _too_many(n_files) if n_files > MOST_FILES else too_large(n_files=n_files))
    elif files and "kind" in form.cleaned_data:
        return _received(request, study, form, files)
    return _file_page(request, study, form)


def _too_many(n_files: int) -> str:
    return _(
        "These are %(n)s files, and one import takes %(most)s at most: bring those that belong together, and others by "
        "themselves."
    ) % {"n": n_files, "most": MOST_FILES}


def _received(
    request: HttpRequest, study: Study, form: FileForm, files: list[UploadedFile[Any]]
) -> HttpResponse:
    """The files are kept even where something else in the form is wrong: they need not be sent again."""
    kind = form.cleaned_data["kind"]
    options = dict(form.given()) if form.is_valid() else {}
    try:
        uploads = receive_uploads(
            study=study,
            kind=kind,
            files=((file.name or "", file.chunks()) for file in files),
            options=options,
            by=cast(User, request.user),
        )
    except UploadRefusedError as refused:
        form.add_error("file", str(refused))
        return _file_page(request, study, form)
    try:
        upload = keep_together([uploads[place] for place in _order(uploads, kind, options)])
        if form.is_valid():
            for one in upload.files:
                sample_rows(preview_file(one, options))
    except FormatError as fault:
        for one in uploads:
            discard_upload(one)
        form.add_error("file", fault.sentence)
        return _file_page(request, study, form)
    if not form.is_valid():
        return _upload_page(request, upload, ReadingForm(request.POST, choice=_choice(upload)))
    if request.POST.get("do") == LOOK:
        return redirect("upload", upload.uuid)
    return _begun(request, upload, form)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload(request: HttpRequest, upload_uuid: UUID) -> HttpResponse:
    """A file that waits: its first rows, and the form that says how to read it."""
    shown = Upload.objects.select_related("study", "job").filter(uuid=upload_uuid).first()
    if shown is None:
        raise Http404("No such file.")
    require(request.user, shown.study, Action.IMPORT)
    if request.method != "POST":
        form = ReadingForm(initial=entries(shown.kind, shown.options), choice=_choice(shown))
        return _upload_page(request, shown, form)
    form = ReadingForm(request.POST, choice=_choice(shown))
    if form.is_valid() and shown.forgotten_at is None:
        try:
            # Of another kind, or read otherwise, other files belong together.
            _order(shown.files, form.cleaned_data["kind"], dict(form.given()))
        except FormatError as fault:
            form.add_error(None, fault.sentence)
    if not form.is_valid():
        return _upload_page(request, shown, form)
    return (
        _looked_again(request, shown, form)
        if request.POST.get("do") == LOOK
        else _begun(request, shown, form)
    )


def _order(uploads: Sequence[Upload], kind: str, options: dict[str, Any]) -> list[int]:
    """Places of the files of one import, the one that gives its rows first. Raises `FormatError` as `order_of_files`."""
    if len(uploads) == 1 and not has_preview(uploads[0]):
        return [0]
    files = [NamedFile(stored_path(upload), upload.name) for upload in uploads]
    return sort_files(kind, options, files)


def _looked_again(request: HttpRequest, shown: Upload, form: ReadingForm) -> HttpResponse:
    try:
        keep_reading(shown, kind=form.cleaned_data["kind"], options=dict(form.given()))
    except UploadRefusedError as refused:
        return _not_read(request, shown, form, refused)
    return redirect("upload", shown.uuid)


def _begun(request: HttpRequest, shown: Upload, form: ReadingForm) -> HttpResponse:
    try:
        with transaction.atomic():
            job, is_new = begin_import(
                shown,
                kind=form.cleaned_data["kind"],
                options=dict(form.given()),
                dry_run=request.POST.get("do") == TRY,
                by=cast(User, request.user),
            )
            if is_new:
                wake(job)
    except UploadRefusedError as refused:
        return _not_read(request, shown, form, refused)
    return redirect("job", job.uuid)


def _not_read(
    request: HttpRequest, shown: Upload, form: ReadingForm, refused: UploadRefusedError
) -> HttpResponse:
    form.add_error(None, str(refused))
    shown.refresh_from_db()
    return _upload_page(request, shown, form)


@require_safe
@login_required
def import_errors(request: HttpRequest, job_uuid: UUID) -> HttpResponse:
    """All rows at fault, for a spreadsheet."""
    job = Job.objects.select_related("study").filter(uuid=job_uuid).first()
    if job is None:
        raise Http404("No such job.")
    require(request.user, job.study, Action.IMPORT)
    listed = (job.result or {}).get("errors")
    if job.kind != "import" or not listed:
        raise Http404("No row was at fault.")
    heads = ["file", "row", "column", "sentence"]
    rows = ([one["source"], one["row"], one["column"], one["sentence"]] for one in listed)
    return HttpResponse(
        "".join(csv_text(heads, rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="import-errors.csv"'},
    )


@require_POST
@login_required
def import_withdraw(request: HttpRequest, import_uuid: UUID) -> HttpResponse:
    batch = _import_for(request, import_uuid)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _refused(request, batch, form)
    try:
        withdraw_import(batch, by=cast(User, request.user), reason=form.cleaned_data["reason"])
    except ImportRefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(
            request, _("%(name)s is withdrawn: what it gave no longer counts.") % {"name": batch.source}
        )
    return _imports_of(batch)


@require_POST
@login_required
def import_reinstate(request: HttpRequest, import_uuid: UUID) -> HttpResponse:
    batch = _import_for(request, import_uuid)
    form = ReinstateForm(request.POST)
    if not form.is_valid():
        return _refused(request, batch, form)
    try:
        reinstate_import(batch, by=cast(User, request.user), reason=form.cleaned_data["reason"])
    except ImportRefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("%(name)s counts again.") % {"name": batch.source})
    return _imports_of(batch)


def _import_for(request: HttpRequest, import_uuid: UUID) -> Import:
    batch = Import.objects.select_related("study").filter(uuid=import_uuid).first()
    if batch is None:
        raise Http404("No such import.")
    require(request.user, batch.study, Action.IMPORT)
    return batch


def _refused(request: HttpRequest, batch: Import, form: ReinstateForm) -> HttpResponse:
    for sentence in form.errors["reason"]:
        messages.error(request, str(sentence))
    return _imports_of(batch)


def _imports_of(batch: Import) -> HttpResponse:
    return redirect("study", batch.study.uuid)


def _wanted(request: HttpRequest, study: Study) -> dict[str, Any]:
    """The kind that a link asks for, or all that was said of an earlier file."""
    kind, like = request.GET.get("kind", ""), request.GET.get("like", "")
    if kind in Import.Kind.values:
        return {"kind": kind}
    try:
        earlier = Upload.objects.filter(study=study, uuid=UUID(like)).first()
    except ValueError:
        earlier = None
    if earlier is not None:
        return entries(earlier.kind, earlier.options)
    return {} if study.items.exists() else {"kind": Import.Kind.ITEMS}


def _file_page(request: HttpRequest, study: Study, form: FileForm) -> HttpResponse:
    context = {"study": study, "form": form, "limit": f"{settings.UPLOAD_LIMIT_BYTES / 1_000_000:g}"}
    return render(request, "importing/file.html", context, status=400 if form.errors else 200)


def _upload_page(request: HttpRequest, shown: Upload, form: ReadingForm) -> HttpResponse:
    files = shown.files
    context: dict[str, Any] = {
        "study": shown.study,
        "upload": shown,
        "files": [] if shown.forgotten_at else [_shown(one, shown.options) for one in files],
        "names": [one.name for one in files],
        "size": sum(one.size for one in files),
        "form": form,
    }
    status = 400 if form.errors else 200
    return render(request, "importing/upload.html", context, status=status)


def _choice(shown: Upload) -> ColumnsToChoose:
    """The columns as they were shown: those of what is kept, not of what is being asked for now."""
    if len(shown.files) > 1:
        # A format of several files has columns of its own.
        return ColumnsToChoose()
    try:
        seen = preview_file(shown, shown.options)
    except FormatError:
        seen = None
    columns = seen.columns if isinstance(seen, Preview) else ()
    return columns_to_choose(shown.kind, shown.options.get("format", ""), columns)


def _shown(file: Upload, options: dict[str, Any]) -> dict[str, Any]:
    told = {"name": file.name}
    try:
        return told | {"seen": sample_rows(preview_file(file, options))}
    except FormatError as fault:
        return told | {"fault": fault.sentence}
