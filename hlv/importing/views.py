"""The pages of an import: bring a file, look at it, read its faults, take an import back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

import msgspec
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
from hlv.importing.file_sets import MOST_FILES, ReadingChoices
from hlv.importing.forms import (
    FileForm,
    ReadingForm,
    ReinstateForm,
    WithdrawForm,
    entries,
)
from hlv.importing.job import RefusedRows
from hlv.importing.preview import (
    ColumnsToChoose,
    FileSample,
    columns_to_choose,
    file_sample,
    named_columns,
    upload_previews,
)
from hlv.importing.sandbox import SECONDS_UNTIL_TRIED_AGAIN, ReaderBusyError
from hlv.importing.sandboxed_reader import FilePreview, Previews, UnreadableFile
from hlv.importing.upload_handlers import number_of_files, take_files, was_too_large

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
        return _file_page(request, study, FileForm(initial=_initial(request, study)))
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
    kind = str(form.cleaned_data["kind"])
    choices = form.choices if form.is_valid() else ReadingChoices()
    try:
        uploads = receive_uploads(
            study=study,
            kind=kind,
            files=((file.name or "", file.chunks()) for file in files),
            options=choices.as_json(),
            by=cast(User, request.user),
        )
    except UploadRefusedError as refused:
        form.add_error("file", str(refused))
        return _file_page(request, study, form)
    try:
        previews = _read_previews(request, uploads, kind, choices)
        if sentence := _fault_of(previews, also_rows=form.is_valid()):
            raise FormatError(sentence)
    except (FormatError, ReaderBusyError) as fault:
        for one in uploads:
            discard_upload(one)
        form.add_error("file", _sentence_of(fault))
        return _unless_busy(_file_page(request, study, form), fault)
    upload = keep_together([uploads[place] for place in previews.order])
    known = KnownFiles([previews.files[place] for place in previews.order])
    if not form.is_valid():
        reading = ReadingForm(request.POST, choice=_column_choice(upload, known.previews))
        return _upload_page(request, upload, reading, known)
    if request.POST.get("do") == LOOK:
        return redirect("upload", upload.uuid)
    return _start_import(request, upload, form, known)


def _fault_of(previews: Previews, *, also_rows: bool) -> str:
    """Why the files cannot be of one import, or one of them cannot be read."""
    if previews.order_fault or not also_rows:
        return previews.order_fault
    return next((one.sentence for one in previews.files if isinstance(one, UnreadableFile)), "")


def _read_previews(
    request: HttpRequest, files: Sequence[Upload], kind: str, choices: ReadingChoices
) -> Previews:
    return upload_previews(files, kind=kind, choices=choices, by=cast(User, request.user))


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
    """An uploaded file: its first rows, and the form that says how to read it."""
    shown = Upload.objects.select_related("study", "job").filter(uuid=upload_uuid).first()
    if shown is None:
        raise Http404("No such file.")
    require(request.user, shown.study, Action.IMPORT)
    stored = ReadingChoices.stored(shown.options)
    known = _known_files(request, shown, shown.kind, stored)
    choice = _column_choice(shown, known.previews)
    if request.method != "POST":
        return _upload_page(
            request, shown, ReadingForm(initial=entries(shown.kind, stored), choice=choice), known
        )
    form = ReadingForm(request.POST, choice=choice)
    if form.is_valid():
        kind, choices = str(form.cleaned_data["kind"]), form.choices
        if known.fault is None and (kind, choices) != (shown.kind, stored):
            # Of another kind, or read otherwise, other files belong together.
            order = _known_files(request, shown, kind, choices)
            known = replace(known, order_fault=order.order_fault, fault=order.fault)
        if known.order_fault or known.fault is not None:
            form.add_error(None, known.order_fault or _sentence_of(known.fault))
    if not form.is_valid():
        return _upload_page(request, shown, form, known)
    return (
        _check_again(request, shown, form, known)
        if request.POST.get("do") == LOOK
        else _start_import(request, shown, form, known)
    )


@dataclass(frozen=True)
class KnownFiles:
    """Previews of the files of an upload, in their order, or why there are none."""

    previews: Sequence[FilePreview | None] = ()
    order_fault: str = ""
    fault: FormatError | ReaderBusyError | None = None


def _known_files(request: HttpRequest, shown: Upload, kind: str, choices: ReadingChoices) -> KnownFiles:
    if shown.forgotten_at is not None:
        return KnownFiles()
    try:
        previews = _read_previews(request, shown.files, kind, choices)
    except (FormatError, ReaderBusyError) as fault:
        return KnownFiles(fault=fault)
    return KnownFiles(previews.files, previews.order_fault)


def _check_again(request: HttpRequest, shown: Upload, form: ReadingForm, known: KnownFiles) -> HttpResponse:
    try:
        keep_reading(shown, kind=form.cleaned_data["kind"], options=form.choices.as_json())
    except UploadRefusedError as refused:
        return _refused_upload(request, shown, form, refused, known)
    return redirect("upload", shown.uuid)


def _start_import(request: HttpRequest, shown: Upload, form: ReadingForm, known: KnownFiles) -> HttpResponse:
    try:
        with transaction.atomic():
            job, is_new = begin_import(
                shown,
                kind=form.cleaned_data["kind"],
                options=form.choices.as_json(),
                dry_run=request.POST.get("do") == TRY,
                by=cast(User, request.user),
            )
            if is_new:
                wake(job)
    except UploadRefusedError as refused:
        return _refused_upload(request, shown, form, refused, known)
    return redirect("job", job.uuid)


def _refused_upload(
    request: HttpRequest, shown: Upload, form: ReadingForm, refused: UploadRefusedError, known: KnownFiles
) -> HttpResponse:
    form.add_error(None, str(refused))
    shown.refresh_from_db()
    return _upload_page(request, shown, form, known)


@require_safe
@login_required
def import_errors(request: HttpRequest, job_uuid: UUID) -> HttpResponse:
    """All rows at fault, for a spreadsheet."""
    job = Job.objects.select_related("study").filter(uuid=job_uuid).first()
    if job is None:
        raise Http404("No such job.")
    require(request.user, job.study, Action.IMPORT)
    errors = msgspec.convert(job.result or {}, RefusedRows).errors if job.kind == "import" else []
    if not errors:
        raise Http404("No row was at fault.")
    heads = ["file", "row", "column", "sentence"]
    rows = ((one.source, one.row, one.column, one.sentence) for one in errors)
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


def _initial(request: HttpRequest, study: Study) -> Mapping[str, str | list[str] | bool]:
    """The kind that a link asks for, or the choices of an earlier file."""
    kind, like = request.GET.get("kind", ""), request.GET.get("like", "")
    if kind in Import.Kind.values:
        return {"kind": kind}
    try:
        earlier = Upload.objects.filter(study=study, uuid=UUID(like)).first()
    except ValueError:
        earlier = None
    if earlier is not None:
        return entries(earlier.kind, ReadingChoices.stored(earlier.options))
    return {} if study.items.exists() else {"kind": Import.Kind.ITEMS}


def _file_page(request: HttpRequest, study: Study, form: FileForm) -> HttpResponse:
    context = {"study": study, "form": form, "limit": f"{settings.UPLOAD_LIMIT_BYTES / 1_000_000:g}"}
    return render(request, "importing/file.html", context, status=400 if form.errors else 200)


def _upload_page(request: HttpRequest, shown: Upload, form: ReadingForm, known: KnownFiles) -> HttpResponse:
    files = shown.files
    context = {
        "study": shown.study,
        "upload": shown,
        "files": [] if shown.forgotten_at else _samples(files, known),
        "names": [one.name for one in files],
        "size": sum(one.size for one in files),
        "form": form,
    }
    page = render(request, "importing/upload.html", context, status=400 if form.errors else 200)
    return _unless_busy(page, known.fault)


def _samples(files: Sequence[Upload], known: KnownFiles) -> list[FileSample]:
    if known.fault is not None:
        return [FileSample(", ".join(file.name for file in files), fault=_sentence_of(known.fault))]
    return [file_sample(file.name, one) for file, one in zip(files, known.previews, strict=True)]


def _column_choice(shown: Upload, previews: Sequence[FilePreview | None]) -> ColumnsToChoose:
    """The columns as they were shown: those of what is kept, not of what is being asked for now."""
    # A format of several files has columns of its own.
    columns = named_columns(previews[0]) if len(previews) == 1 else []
    return columns_to_choose(shown.kind, ReadingChoices.stored(shown.options).format, columns)
