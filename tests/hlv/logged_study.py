"""A study whose log has every kind of row, for changes that are made past the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from annotations.history.sealing import Anchor, anchor_of, seal_studies
from annotations.models import (
    Annotation,
    AnnotationLabel,
    Guideline,
    Import,
    Item,
    LabelCount,
    Participant,
    Study,
    StudyChange,
)
from annotations.services.annotating import Answer, record_annotation
from annotations.services.studies import publish_guideline
from metaeval.models import (
    Comparison,
    Judgment,
    Metric,
    MetricAgreement,
    MetricScore,
    Output,
    Ranking,
    Scoring,
    UnaskedTie,
)
from metaeval.services.judging import SubmittedVerdict, record_judgment
from tests.making import (
    make_exposure,
    make_import,
    make_imported_judgment,
    make_items,
    make_participant,
    make_seat,
    make_uploaded_metric,
)
from tests.metaeval.making import make_agreement_snapshot, make_board, make_ranking_snapshot


@dataclass
class Logged:
    """A study with one row of every kind that results depend on, and its anchor."""

    study: Study
    answers: list[Annotation]
    judgments: list[Judgment]
    anchor: Anchor


def make_logged_study() -> Logged:
    campaign = make_board(n_items=2)
    study = campaign.study
    publish_guideline(study, text="Read the whole request.")
    answers = [_answer(make_participant(study), {"housing": 0.8}) for _ in range(2)]
    answers.append(_answer(answers[0].participant, {"family": 1.0}))
    judgments = []
    for _ in range(2):
        judge = make_participant(study, "judge")
        for verdict in ("left", "right"):
            exposure = make_exposure(judge, campaign)
            given = SubmittedVerdict(verdict=verdict, confidence=0.5, reason="clearer")
            judgments.append(record_judgment(exposure=exposure, client_key=uuid4(), submitted=given).row)
    _import_everything(study, campaign)
    agreement = make_agreement_snapshot(make_ranking_snapshot(campaign))
    assert agreement.scoring is not None
    MetricScore.objects.create(
        metric=Metric.objects.create(study=study, name="built-in", origin=Metric.Origin.BUILT_IN),
        method=study.methods.all()[0],
        value=0.5,
        scoring=agreement.scoring,
    )
    Import.objects.filter(study=study).update(n_added=1)
    Import.objects.filter(label_counts__isnull=False).update(n_added=0)
    first = Comparison.objects.filter(campaign=campaign)[0]
    UnaskedTie.objects.create(comparison=first, low_hash="0" * 64, high_hash="0" * 64)
    seal_studies([study])
    anchor = anchor_of(study)
    assert anchor is not None
    return Logged(study, answers, [row for row in judgments if row is not None], anchor)


def _answer(annotator: Participant, chosen: dict[str, float | None]) -> Annotation:
    row = record_annotation(
        assignment=make_seat(annotator), client_key=uuid4(), answer=Answer(chosen=chosen)
    ).row
    assert row is not None
    return row


def _import_everything(study: Study, campaign: Any) -> None:
    labels = list(study.labels.all())
    batch = make_import(study)
    source = Participant.objects.create(study=study, source="expert", role="annotator", number=99)
    item, counted = make_items(study, 2)
    given = Annotation.objects.create(
        item=item, participant=source, gives_labels=True, submitted_at=timezone.now(), import_batch=batch
    )
    AnnotationLabel.objects.create(annotation=given, label=labels[0])
    LabelCount.objects.create(
        item=counted, label=labels[1], n_chosen=2, n_annotators=3, import_batch=make_import(study)
    )
    one, other, *_ = study.methods.all()
    make_imported_judgment(campaign, winner=one, loser=other)
    make_uploaded_metric(study, [one, other], [0.25, 0.75])


@contextmanager
def past_the_guards() -> Iterator[None]:
    """As somebody writes who owns the database: no trigger asks, and all are there again afterwards."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


def facts(logged: Logged) -> dict[str, Any]:
    """What the expected sentences name."""
    study = logged.study
    return {
        **vars(logged),
        "slug": study.slug,
        "at": "@",
        "imports": list(Import.objects.order_by("pk")),
        "guideline": Guideline.objects.get(),
        "scoring": Scoring.objects.get(),
        "ranking": Ranking.objects.get(),
        "agreement": MetricAgreement.objects.get(),
        "change": StudyChange.objects.filter(study=study).order_by("pk")[0],
        "labels": list(study.labels.all()),
        "methods": list(study.methods.all()),
        "output": Output.objects.order_by("pk")[0],
        "metric": Metric.objects.filter(origin=Metric.Origin.UPLOADED).order_by("pk")[0],
        "text": Item.objects.order_by("pk")[0],
    }
