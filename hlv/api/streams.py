"""Large reads: rows as they come from the database, as NDJSON or CSV, in flat memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import chain
from typing import Any, Final, TypeVar
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from annotations.exporters.answers import (
    answer_jsonl,
    answer_table,
    distribution_jsonl,
    distribution_table,
    item_table,
    items_jsonl,
)
from annotations.models import Label, Study
from annotations.policy import Action
from annotations.selectors.distributions import LabelTable, label_table
from annotations.selectors.exports import exported_answers, exported_items, item_columns, participant_names
from hlv.api.access import campaign_for, study_for
from hlv.api.problems import Problem
from hlv.api.replies import stream
from hlv.api.resources import PROBLEMS, ApiView, problems
from hlv.bundle.annotations_export import answered_items
from hlv.core.tabular.writing import csv_text, jsonl_rows
from metaeval.exporters.judgments import JudgmentColumns
from metaeval.exporters.results import (
    METHOD_HEADER,
    SCORE_HEADER,
    method_rows,
    output_table,
    outputs_jsonl,
    score_rows,
)
from metaeval.selectors import exports
from metaeval.selectors.exports import Known
from metaeval.selectors.scores import method_names

CHUNK_ROWS: Final = 5000
Get = TypeVar("Get", bound=Callable[..., StreamingHttpResponse])
# What writes the rows in each format.
Writers = Mapping[str, Callable[[], Iterator[str]]]


class NdjsonRenderer(JSONRenderer):
    """Only problems are rendered; rows are streamed."""

    media_type = "application/x-ndjson"
    format = "ndjson"


class CsvRenderer(JSONRenderer):
    media_type = "text/csv"
    format = "csv"


class Stream(ApiView):
    """Rows in the format that `format`, or else the header Accept, names; NDJSON where neither does."""

    renderer_classes: Sequence[type[BaseRenderer]] = (NdjsonRenderer, CsvRenderer)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        asked = request.query_params.get("format")
        if asked is None:
            return super().perform_content_negotiation(request, force)
        for renderer in self.get_renderers():
            if renderer.format == asked:
                return renderer, renderer.media_type
        if force:
            return super().perform_content_negotiation(request, force)
        raise Problem(HTTPStatus.BAD_REQUEST, _("A format is ndjson or csv."))


def _streams(about: str) -> Callable[[Get], Get]:
    text = {(200, one.media_type): OpenApiTypes.STR for one in (NdjsonRenderer, CsvRenderer)}
    schema: Callable[[Get], Get] = extend_schema(
        parameters=[
            OpenApiParameter("format", enum=["ndjson", "csv"], description="Else as Accept says; ndjson.")
        ],
        responses={**text, **problems(400), **PROBLEMS},
        description=about,
    )
    return schema


def _written(request: Request, writers: Writers) -> StreamingHttpResponse:
    chosen = request.accepted_renderer
    media_type = f"{chosen.media_type}; charset=utf-8" if chosen.format == "csv" else chosen.media_type
    return stream(writers[chosen.format](), media_type)


class Items(Stream):
    @_streams("Items with all their texts; they import again.")
    def get(self, request: Request, study_uuid: UUID) -> StreamingHttpResponse:
        study, now = study_for(request, study_uuid, Action.EXPORT), timezone.now()
        return _written(
            request,
            {
                "ndjson": lambda: items_jsonl(exported_items(study, as_of=now)),
                "csv": lambda: item_table(exported_items(study, as_of=now), item_columns(study, as_of=now)),
            },
        )


class Annotations(Stream):
    @_streams("The newest answer of each annotator to each item, by pseudonym; they import again.")
    def get(self, request: Request, study_uuid: UUID) -> StreamingHttpResponse:
        study = study_for(request, study_uuid, Action.EXPORT)
        answers = exported_answers(
            study,
            as_of=timezone.now(),
            names=participant_names(study, with_names=False),
            only_current=True,
        )
        shape = {"one_label_only": study.one_label_only, "with_spans": study.asks_spans}
        return _written(
            request,
            {"ndjson": lambda: answer_jsonl(answers, **shape), "csv": lambda: answer_table(answers, **shape)},
        )


class Distributions(Stream):
    @_streams("Human label distributions of items.")
    def get(self, request: Request, study_uuid: UUID) -> StreamingHttpResponse:
        study, now = study_for(request, study_uuid, Action.EXPORT), timezone.now()
        table = label_table(study, as_of=now)
        table = answered_items(table) if study.one_label_only else table
        if not len(table.item_ids):
            return _written(request, {"ndjson": lambda: iter(()), "csv": lambda: iter(())})
        keys = {item.pk: item.key for item in exported_items(study, as_of=now)}
        return _written(request, _distributions(table, [keys[int(pk)] for pk in table.item_ids], study))


def _distributions(table: LabelTable, keys: Sequence[str], study: Study) -> Writers:
    one = study.one_label_only
    return {
        "ndjson": lambda: distribution_jsonl(table, keys, one_label_only=one),
        "csv": lambda: distribution_table(table, keys, one_label_only=one),
    }


def _table(header: Sequence[str], rows: Iterator[Any]) -> Writers:
    return {"ndjson": lambda: jsonl_rows(header, rows), "csv": lambda: csv_text(header, rows)}


class Methods(Stream):
    @_streams("Methods and their base models.")
    def get(self, request: Request, study_uuid: UUID) -> StreamingHttpResponse:
        study = study_for(request, study_uuid, Action.EXPORT)
        rows = method_rows(exports.exported_methods(study, as_of=timezone.now()))
        return _written(request, _table(METHOD_HEADER, rows))


class Outputs(Stream):
    @_streams("What each run of each method gave for each item; they import again.")
    def get(self, request: Request, study_uuid: UUID) -> StreamingHttpResponse:
        study = study_for(request, study_uuid, Action.EXPORT)
        labels = list(Label.objects.filter(study=study).order_by("position").values_list("key", flat=True))
        found = exports.exported_outputs(study, as_of=timezone.now())
        kinds = exports.kinds_of_outputs(study)
        return _written(
            request,
            {
                "ndjson": lambda: outputs_jsonl(found, labels),
                "csv": lambda: output_table(found, labels, kinds=kinds),
            },
        )


class Scores(Stream):
    @_streams("Scores that files gave, then those of the newest scoring by built-in metrics.")
    def get(self, request: Request, study_uuid: UUID) -> StreamingHttpResponse:
        study, now = study_for(request, study_uuid, Action.EXPORT), timezone.now()
        uploaded = exports.uploaded_metric_scores(study, as_of=now)
        found = chain(
            uploaded.select_related("run").iterator(chunk_size=CHUNK_ROWS),
            exports.computed_metric_scores(study, as_of=now).iterator(chunk_size=CHUNK_ROWS),
        )
        rows = score_rows(found)
        if uploaded.filter(item__isnull=False).exists():
            return _written(request, _table(SCORE_HEADER, rows))
        # An import takes a column of items only where each row names one.
        place = SCORE_HEADER.index("item")
        header = SCORE_HEADER[:place] + SCORE_HEADER[place + 1 :]
        return _written(request, _table(header, (row[:place] + row[place + 1 :] for row in rows)))


class Judgments(Stream):
    @_streams("The newest judgment of each person of each pair, by pseudonym; they import again.")
    def get(self, request: Request, campaign_uuid: UUID) -> StreamingHttpResponse:
        campaign, now = campaign_for(request, campaign_uuid, Action.EXPORT), timezone.now()
        kinds = exports.judgment_context(campaign, automatic_judge=None, as_of=now)
        columns = JudgmentColumns(kinds[0] if kinds else Known(item=True, judge=True))
        rows = exports.exported_judgments(
            campaign,
            automatic_judge=None,
            as_of=now,
            methods=method_names(campaign.study, as_of=now),
            judges=participant_names(campaign.study, with_names=False),
        )
        return _written(request, _table(columns.header, columns.rows(rows)))
