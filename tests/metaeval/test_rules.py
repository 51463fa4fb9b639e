"""What the databases themselves refuse about methods, judging and results, whoever writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from annotations.models import Import, Item, Participant, Study
from metaeval.models import (
    AutomaticJudge,
    Campaign,
    Comparison,
    Exposure,
    Judgment,
    Method,
    Metric,
    MetricAgreement,
    MetricScore,
    Output,
    Ranking,
    Run,
    Scoring,
)
from metaeval.services.judging import SubmittedVerdict, record_judgment
from tests.making import (
    make_campaign,
    make_comparison,
    make_import,
    make_items,
    make_methods,
    make_output,
    make_participant,
    make_study,
)
from tests.metaeval.making import (
    make_agreement_snapshot,
    make_judge_report,
    make_ranking_snapshot,
    make_shown,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SNAPSHOT: dict[str, Any] = {
    "seed": 36,
    "code_version": "hlv 0.1.0",
    "data_fingerprint": "0" * 64,
    "result": {},
}


@dataclass(frozen=True)
class Board:
    """A study with a pair of methods, a pair of items, a judge of each kind and a metric."""

    study: Study
    campaign: Campaign
    items: list[Item]
    methods: list[Method]
    judge: Participant
    program: AutomaticJudge
    metric: Metric

    @property
    def run(self) -> Run:
        return Run.objects.get_or_create(method=self.methods[0], name="1")[0]

    @property
    def batch(self) -> Import:
        return make_import(self.study, Import.Kind.JUDGMENTS)

    def compared(self, item: int = 0) -> Comparison:
        known = Comparison.objects.filter(campaign=self.campaign, item=self.items[item]).first()
        return known or make_comparison(self.campaign, self.items[item], *self.methods)


def make_board() -> Board:
    study = make_study()
    return Board(
        study=study,
        campaign=make_campaign(study),
        items=make_items(study, 2),
        methods=make_methods(study, ["alpha", "beta"]),
        judge=make_participant(study, "judge"),
        program=AutomaticJudge.objects.create(study=study, name="program"),
        metric=Metric.objects.create(study=study, name="bleu", origin=Metric.Origin.UPLOADED),
    )


def make_shown_to(board: Board, **fields: Any) -> Exposure:
    given = {"comparison": board.compared(), "participant": board.judge, "low_is_left": True, "sequence": 1}
    return Exposure.objects.create(**given | fields, lease_until=timezone.now())


def make_judgment(board: Board, **fields: Any) -> Judgment:
    given: dict[str, Any] = {"comparison": board.compared(), "low_is_left": True, "verdict": "left"} | fields
    if "exposure" not in given and "import_batch" not in given:
        given["import_batch"] = board.batch
    return Judgment.objects.create(**given, submitted_at=timezone.now())


def make_score(board: Board, **fields: Any) -> MetricScore:
    given = {"metric": board.metric, "method": board.methods[0], "value": 0.5} | fields
    if "scoring" not in given and "import_batch" not in given:
        given["import_batch"] = board.batch
    return MetricScore.objects.create(**given)


def make_scoring(board: Board) -> Scoring:
    return Scoring.objects.create(study=board.study, as_of=timezone.now(), **SNAPSHOT)


def change(sql: str, *values: object) -> None:
    """As somebody at the database's own prompt."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    "table",
    ["output", "judgment", "ranking", "metricagreement", "judgereport", "scoring", "metricscore", "figure"],
)
def test_outputs_judgments_and_snapshots_are_neither_edited_nor_deleted(table: str) -> None:
    board = make_board()
    make_output(board.methods[0], board.items[0], [0.1, 0.2, 0.3])
    make_judgment(board)
    make_score(board)
    ranking = make_ranking_snapshot(board.campaign)
    make_agreement_snapshot(ranking)
    make_judge_report(board.campaign)
    ranking.figures.create(name="f", media_type="image/svg+xml", content=b"", sha256="0" * 64)
    for sql in ("UPDATE metaeval_{} SET id = id + 1000", "DELETE FROM metaeval_{}"):
        with pytest.raises(IntegrityError, match="never edited"):
            change(sql.format(table))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("method", "study_id"),
        ("run", "method_id"),
        ("campaign", "study_id"),
        ("automaticjudge", "study_id"),
        ("metric", "study_id"),
        ("comparison", "campaign_id"),
        ("comparison", "item_id"),
        ("comparison", "low_id"),
        ("comparison", "high_id"),
        ("exposure", "comparison_id"),
        ("exposure", "participant_id"),
        ("exposure", "low_is_left"),
        ("exposure", "left_hash"),
        ("exposure", "right_hash"),
        ("exposure", "sequence"),
        ("exposure", "repeats_id"),
    ],
)
def test_what_judgments_rest_on_stays_as_it_was(table: str, column: str) -> None:
    board = make_board()
    assert board.run
    shown = make_shown_to(board)
    other: dict[str, object] = {
        "low_is_left": False,
        "left_hash": "other",
        "right_hash": "other",
        "sequence": 9,
        "repeats_id": shown.pk,
    }
    with pytest.raises(IntegrityError, match="never changes"):
        change(f"UPDATE metaeval_{table} SET {column} = %s", other.get(column, 0))


@pytest.mark.parametrize(
    "sql", ["UPDATE annotations_itemtext SET text = 'other'", "DELETE FROM annotations_itemtext"]
)
def test_a_text_stays_once_its_item_is_judged(sql: str) -> None:
    exposure = make_shown()
    change("UPDATE annotations_itemtext SET text = 'still free'")
    record_judgment(exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("left"))
    with pytest.raises(IntegrityError, match="judged never changes"):
        change(sql)


STRANGERS: dict[str, Callable[[Board, Board], object]] = {
    "a method compared": lambda here, other: make_comparison(
        here.campaign, here.items[0], here.methods[0], other.methods[1]
    ),
    "an item compared on": lambda here, other: make_comparison(here.campaign, other.items[0], *here.methods),
    "a judge shown a pair": lambda here, other: make_shown_to(here, participant=other.judge),
    "a judge": lambda here, other: make_judgment(here, participant=other.judge),
    "an automatic judge": lambda here, other: make_judgment(here, automatic_judge=other.program),
    "a judgment's import": lambda here, other: make_judgment(here, import_batch=other.batch),
    "an output's item": lambda here, other: make_output(here.methods[0], other.items[0], [0.1, 0.2, 0.3]),
    "an output's import": lambda here, other: Output.objects.create(
        run=here.run, item=here.items[0], text="t", import_batch=other.batch
    ),
    "a scored method": lambda here, other: make_score(here, method=other.methods[0]),
    "a scored item": lambda here, other: make_score(here, item=other.items[0]),
    "a score's import": lambda here, other: make_score(here, import_batch=other.batch),
    "a score's computation": lambda here, other: make_score(here, scoring=make_scoring(other)),
    "a ranking's campaign": lambda here, other: Ranking.objects.create(
        study=here.study, campaign=other.campaign, as_of=timezone.now(), **SNAPSHOT
    ),
    "a campaign reported on": lambda here, other: make_judge_report(other.campaign, study=here.study),
    "a human score": lambda here, other: MetricAgreement.objects.create(
        study=here.study, against=other.metric, as_of=timezone.now(), **SNAPSHOT
    ),
    "a ranking compared with": lambda here, other: MetricAgreement.objects.create(
        study=here.study, ranking=make_ranking_snapshot(other.campaign), as_of=timezone.now(), **SNAPSHOT
    ),
}


@pytest.mark.parametrize("make_stranger", STRANGERS.values(), ids=STRANGERS)
def test_nothing_is_joined_across_studies(make_stranger: Callable[[Board, Board], object]) -> None:
    here, other = make_board(), make_board()
    with pytest.raises(IntegrityError, match="belong to one study"), transaction.atomic():
        make_stranger(here, other)


def test_a_score_is_of_a_run_of_its_method() -> None:
    board = make_board()
    with pytest.raises(IntegrityError, match="run of its method"), transaction.atomic():
        make_score(board, method=board.methods[1], run=board.run)
    make_score(board, run=board.run)


DIFFERENT: dict[str, Callable[[Board], dict[str, Any]]] = {
    "comparison": lambda board: {"comparison": board.compared(1)},
    "participant": lambda board: {"participant": make_participant(board.study, "judge")},
    "side": lambda board: {"low_is_left": False},
}


@pytest.mark.parametrize("differs", DIFFERENT.values(), ids=DIFFERENT)
def test_a_judgment_has_what_its_exposure_showed(differs: Callable[[Board], dict[str, Any]]) -> None:
    board = make_board()
    given = {"exposure": make_shown_to(board), "participant": board.judge}
    with pytest.raises(IntegrityError, match="of its exposure"), transaction.atomic():
        make_judgment(board, **given | differs(board))
    make_judgment(board, **given)


REVISED: dict[str, Callable[[Board], dict[str, Any]]] = {
    "comparison": lambda board: {"comparison": board.compared(1)},
    "participant": lambda board: {"participant": make_participant(board.study, "judge")},
    "nobody": lambda board: {"participant": None},
    "a program": lambda board: {"participant": None, "automatic_judge": board.program},
    "exposure": lambda board: {"exposure": make_shown_to(board)},
}


@pytest.mark.parametrize("differs", REVISED.values(), ids=REVISED)
def test_a_judgment_replaces_one_of_the_same_judge_on_the_same_comparison(
    differs: Callable[[Board], dict[str, Any]],
) -> None:
    board = make_board()
    first = make_judgment(board, participant=board.judge)
    given = {"participant": board.judge, "replaces": first, "root": first}
    with pytest.raises(IntegrityError, match="same judge on the same comparison"), transaction.atomic():
        make_judgment(board, **given | differs(board))
    second = make_judgment(board, **given)
    with pytest.raises(IntegrityError, match="root of the one"), transaction.atomic():
        make_judgment(board, **given | {"replaces": second, "root": second})
    make_judgment(board, **given | {"replaces": second})


def test_an_exposure_repeats_one_of_the_same_comparison_to_the_same_judge() -> None:
    board = make_board()
    shown = make_shown_to(board)
    with pytest.raises(IntegrityError, match="repeats one of the same"), transaction.atomic():
        make_shown_to(board, repeats=shown, comparison=board.compared(1))
    make_shown_to(board, repeats=shown, low_is_left=False, sequence=2)
    with pytest.raises(IntegrityError, match="repeat"), transaction.atomic():
        make_shown_to(board, repeats=shown, low_is_left=False, sequence=3)


@pytest.mark.parametrize("named", ["nothing", "item", "run", "both"])
def test_a_method_has_one_value_of_a_metric_in_each_place(named: str) -> None:
    board = make_board()
    fields: dict[str, Any] = {"import_batch": board.batch}
    fields |= {"item": board.items[0]} if named in ("item", "both") else {}
    fields |= {"run": board.run} if named in ("run", "both") else {}
    make_score(board, **fields)
    with pytest.raises(IntegrityError, match="metric_score_once"), transaction.atomic():
        make_score(board, **fields)
    make_score(board, **fields, occurrence=1)
    make_score(board, **fields | {"import_batch": board.batch})


OUT_OF_RANGE: list[tuple[type[models.Model], dict[str, object], str]] = [
    (Campaign, {"state": "gone"}, "campaign_state_is_known"),
    (Campaign, {"judges_per_comparison": 0}, "campaign_wants_a_judge"),
    (Campaign, {"threshold": 1.5}, "campaign_threshold_is_a_share"),
    (Comparison, {"mode": "found"}, "comparison_mode_is_known"),
    (Comparison, {"mode": "imported", "is_asked": True}, "comparison_imported_is_not_asked"),
    (Exposure, {"sequence": 0}, "exposure_sequence_begins_at_1"),
    (Judgment, {"verdict": "maybe"}, "judgment_verdict_is_known"),
    (Judgment, {"confidence": 1.5}, "judgment_confidence_is_a_share"),
    (Metric, {"origin": "guessed"}, "metric_origin_is_known"),
    (MetricScore, {"interval_low": 0.1}, "metric_score_interval_has_two_ends_in_order"),
    (MetricScore, {"interval_high": 0.1}, "metric_score_interval_has_two_ends_in_order"),
    (MetricScore, {"interval_low": 0.2, "interval_high": 0.1}, "metric_score_interval_has_two_ends_in_order"),
]


@pytest.mark.parametrize(("model", "values", "constraint"), OUT_OF_RANGE)
def test_choices_are_closed_and_numbers_in_range(
    model: type[models.Model], values: dict[str, object], constraint: str
) -> None:
    board = make_board()
    makers: dict[type[models.Model], Callable[..., object]] = {
        Campaign: lambda **given: make_campaign(board.study, "other", **given),
        Comparison: lambda **given: Comparison.objects.create(
            campaign=board.campaign, low=board.methods[0], high=board.methods[1], **given
        ),
        Exposure: lambda **given: make_shown_to(board, **given),
        Judgment: lambda **given: make_judgment(board, **given),
        Metric: lambda **given: Metric.objects.create(study=board.study, name="other", **given),
        MetricScore: lambda **given: make_score(board, **given),
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        makers[model](**values)
