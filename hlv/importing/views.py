"""The pages of an import: bring a file, look at it, read its faults, take an import back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    too_large,
)
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.writing import csv_text
from hlv.importing.column_choice import ColumnsToChoose, columns_to_choose
from hlv.importing.file_sets import MOST_FILES
from hlv.importing.forms import FileForm, ReadingForm, ReinstateForm, WithdrawForm, entries
from hlv.importing.preview import columns_seen, preview_file, sample_rows
from hlv.importing.sandbox import SECONDS_UNTIL_TRIED_AGAIN, ReaderBusyError
from hlv.importing.sandboxed_reader import Look, Seen
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
        look = _look(request, uploads, kind, options)
        if sentence := _fault_of(look, also_rows=form.is_valid()):
            raise FormatError(sentence)
    except (FormatError, ReaderBusyError) as fault:
        for one in uploads:
            discard_upload(one)
        form.add_error("file", _sentence_of(fault))
        return _unless_busy(_file_page(request, study, form), fault)
    upload = keep_together([uploads[place] for place in look["order"]])
    looked = Looked([look["seen"][place] for place in look["order"]])
    if not form.is_valid():
        reading = ReadingForm(request.POST, choice=_choice(upload, looked.seen))
        return _upload_page(request, upload, reading, looked)
    if request.POST.get("do") == LOOK:
        return redirect("upload", upload.uuid)
    return _begun(request, upload, form, looked)


def _fault_of(look: Look, *, also_rows: bool) -> str:
    """Why the files cannot be of one import, or none of them can be read."""
    faults = [look["order_fault"]]
    if also_rows:
        faults += [seen["sentence"] for seen in look["seen"] if seen is not None and seen["what"] == "fault"]
    return next((fault for fault in faults if fault), "")


def _look(request: HttpRequest, files: Sequence[Upload], kind: str, options: dict[str, Any]) -> Look:
    return preview_file(files, kind=kind, options=options, by=cast(User, request.user))


def _sentence_of(fault: FormatError | ReaderBusyError | None) -> str:
    if isinstance(fault, FormatError):
        return fault.sentence
    return _("Other files are being read just now. Try again in a few seconds.")


def _unless_busy(page: HttpResponse, fault: FormatError | ReaderBusyError | None) -> HttpResponse:
    """The page, which a program may ask for again where only others stood in its way."""
    if isinstance(fault, ReaderBusyError):
        page.status_code = 503
        page["Retry-After"] = str(SECONDS_UNTIL_TRIED_AGAIN)
    return page


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload(request: HttpRequest, upload_uuid: UUID) -> HttpResponse:
    """A file that waits: its first rows, and the form that says how to read it."""
    shown = Upload.objects.select_related("study", "job").filter(uuid=upload_uuid).first()
    if shown is None:
        raise Http404("No such file.")
    require(request.user, shown.study, Action.IMPORT)
    looked = _looked_at(request, shown, shown.kind, shown.options)
    choice = _choice(shown, looked.seen)
    if request.method != "POST":
        form = ReadingForm(initial=entries(shown.kind, shown.options), choice=choice)
        return _upload_page(request, shown, form, looked)
    form = ReadingForm(request.POST, choice=choice)
    if form.is_valid():
        kind, options = form.cleaned_data["kind"], dict(form.given())
        if looked.fault is None and (kind, options) != (shown.kind, shown.options):
            # Of another kind, or read otherwise, other files belong together.
            order = _looked_at(request, shown, kind, options)
            looked = replace(looked, order_fault=order.order_fault, fault=order.fault)
        if looked.order_fault or looked.fault is not None:
            form.add_error(None, looked.order_fault or _sentence_of(looked.fault))
    if not form.is_valid():
        return _upload_page(request, shown, form, looked)
    return (
        _looked_again(request, shown, form, looked)
        if request.POST.get("do") == LOOK
        else _begun(request, shown, form, looked)
    )


@dataclass(frozen=True)
class Looked:
    """What is known of the files of an upload, each in its place, or why nothing is."""

    seen: Sequence[Seen | None] = ()
    order_fault: str = ""
    fault: FormatError | ReaderBusyError | None = None


def _looked_at(request: HttpRequest, shown: Upload, kind: str, options: dict[str, Any]) -> Looked:
    if shown.forgotten_at is not None:
        return Looked()
    try:
        look = _look(request, shown.files, kind, options)
    except (FormatError, ReaderBusyError) as fault:
        return Looked(fault=fault)
    return Looked(look["seen"], look["order_fault"])


def _looked_again(request: HttpRequest, shown: Upload, form: ReadingForm, looked: Looked) -> HttpResponse:
    try:
        keep_reading(shown, kind=form.cleaned_data["kind"], options=dict(form.given()))
    except UploadRefusedError as refused:
        return _not_read(request, shown, form, refused, looked)
    return redirect("upload", shown.uuid)


def _begun(request: HttpRequest, shown: Upload, form: ReadingForm, looked: Looked) -> HttpResponse:
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
        return _not_read(request, shown, form, refused, looked)
    return redirect("job", job.uuid)


def _not_read(
    request: HttpRequest, shown: Upload, form: ReadingForm, refused: UploadRefusedError, looked: Looked
) -> HttpResponse:
    form.add_error(None, str(refused))
    shown.refresh_from_db()
    return _upload_page(request, shown, form, looked)


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


def _upload_page(request: HttpRequest, shown: Upload, form: ReadingForm, looked: Looked) -> HttpResponse:
    files = shown.files
    context: dict[str, Any] = {
        "study": shown.study,
        "upload": shown,
        "files": [] if shown.forgotten_at else _samples(files, looked),
        "names": [one.name for one in files],
        "size": sum(one.size for one in files),
        "form": form,
    }
    status = 400 if form.errors else 200
    page = render(request, "importing/upload.html", context, status=status)
    return _unless_busy(page, looked.fault)


def _samples(files: Sequence[Upload], looked: Looked) -> list[dict[str, Any]]:
    if looked.fault is not None:
        return [{"name": ", ".join(file.name for file in files), "fault": _sentence_of(looked.fault)}]
    return [{"name": file.name} | sample_rows(seen) for file, seen in zip(files, looked.seen, strict=True)]


def _choice(shown: Upload, seen: Sequence[Seen | None]) -> ColumnsToChoose:
    """The columns as they were shown: those of what is kept, not of what is being asked for now."""
    # A format of several files has columns of its own.
    columns = columns_seen(seen[0]) if len(seen) == 1 else []
    return columns_to_choose(shown.kind, shown.options.get("format", ""), columns)
