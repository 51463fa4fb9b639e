"""The pages of an import: bring a file, look at it, read its faults, take an import back."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.formats.errors import FormatError
from annotations.formats.intake import ImportRefusedError
from annotations.formats.tables import Preview, preview
from annotations.formats.tables.structure import TableKind
from annotations.formats.writing import csv_text
from annotations.jobs import wake
from annotations.models import Import, Job, Study, Upload, User
from annotations.policy import Action, require, study_for
from annotations.services.imports import reinstate_import, withdraw_import
from annotations.services.uploads import (
    UploadRefusedError,
    begin_import,
    discard_upload,
    keep_reading,
    receive_upload,
    stored_path,
    too_large,
)
from hlv.importing.columns import ColumnsToChoose, columns_to_choose
from hlv.importing.forms import DELIMITERS, FileForm, ReadingForm, ReinstateForm, WithdrawForm, entries
from hlv.importing.limit import take_files, was_too_large

# Above this, looking would keep the person waiting: a worker says what is in the file.
LOOKED_AT_BYTES = 20_000_000
ROWS_SHOWN = 8
COLUMNS_SHOWN = 24
TABLE_KINDS: dict[TableKind, str | Promise] = {
    TableKind.DELIMITED: _lazy("Delimited text"),
    TableKind.JSON_LINES: _lazy("JSON, a row on each line"),
    TableKind.JSON_ARRAY: _lazy("JSON, a list of rows"),
    TableKind.JSON_OBJECT: _lazy("JSON, rows by their keys"),
    TableKind.WORKBOOK: _lazy("XLSX workbook"),
}
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
    file = form.cleaned_data.get("file") if form.is_valid() or "file" not in form.errors else None
    if was_too_large(request):
        form.errors.pop("file", None)
        form.add_error("file", too_large())
    elif file is not None and "kind" in form.cleaned_data:
        return _received(request, study, form, file)
    return _file_page(request, study, form)


def _received(request: HttpRequest, study: Study, form: FileForm, file: UploadedFile[Any]) -> HttpResponse:
    """The file is kept even where something else in the form is wrong: it need not be sent again."""
    kind = form.cleaned_data["kind"]
    options = dict(form.given()) if form.is_valid() else {}
    try:
        upload = receive_upload(
            study=study,
            kind=kind,
            name=file.name or "",
            chunks=file.chunks(),
            options=options,
            by=cast(User, request.user),
        )
    except UploadRefusedError as refused:
        form.add_error("file", str(refused))
        return _file_page(request, study, form)
    if not form.is_valid():
        return _upload_page(request, upload, ReadingForm(request.POST, choice=_choice(upload)))
    try:
        _look(upload)
    except FormatError as fault:
        discard_upload(upload)
        form.add_error("file", fault.sentence)
        return _file_page(request, study, form)
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
    if not form.is_valid():
        return _upload_page(request, shown, form)
    return (
        _looked_again(request, shown, form)
        if request.POST.get("do") == LOOK
        else _begun(request, shown, form)
    )


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
    context: dict[str, Any] = {"study": shown.study, "upload": shown, "form": form}
    try:
        context["seen"] = _shown(_look(shown))
    except FormatError as fault:
        context["fault"] = fault.sentence
    status = 400 if form.errors else 200
    return render(request, "importing/upload.html", context, status=status)


def _choice(shown: Upload) -> ColumnsToChoose:
    """The columns as they were shown: those of what is kept, not of what is being asked for now."""
    try:
        seen = _look(shown)
    except FormatError:
        seen = None
    return columns_to_choose(shown.kind, shown.options.get("format", ""), seen.columns if seen else ())


def _shown(seen: Preview | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    columns = seen.columns[:COLUMNS_SHOWN]
    return {
        "kind": TABLE_KINDS[seen.kind],
        "encoding": seen.encoding if seen.kind is not TableKind.WORKBOOK else "",
        "delimiter": dict(DELIMITERS).get(seen.delimiter or "", ""),
        "columns": columns,
        "n_more_columns": len(seen.columns) - len(columns),
        "rows": [(row.number, [row.cells.get(column, "") for column in columns]) for row in seen.rows],
        "errors": seen.errors,
        "how_many": _how_many(seen),
    }


def _how_many(seen: Preview) -> str:
    """That these are the first rows and not all, for whoever looks whether a file is whole."""
    n = len(seen.rows) + len(seen.errors)
    if not seen.all_counted:
        return _("The first %(n)s rows of more than %(of)s.") % {"n": n, "of": f"{seen.n_rows:,}"}
    if n < seen.n_rows:
        return _("The first %(n)s of %(of)s rows.") % {"n": n, "of": f"{seen.n_rows:,}"}
    return ngettext("All of it: %(n)s row.", "All of it: %(n)s rows.", n) % {"n": n}


def _look(shown: Upload) -> Preview | None:
    """The first rows, or None for what is not looked at here. Raises `FormatError` for what is no table."""
    path = stored_path(shown)
    if shown.size > LOOKED_AT_BYTES or shown.forgotten_at is not None or not path.is_file():
        return None
    with path.open("rb") as stream:
        if shown.kind == Import.Kind.OUTPUTS and stream.read(6) == b"\x93NUMPY":
            return None
    options = shown.options
    return preview(
        path,
        n=ROWS_SHOWN,
        encoding=options.get("encoding"),
        delimiter=options.get("delimiter"),
        name=shown.name,
    )
