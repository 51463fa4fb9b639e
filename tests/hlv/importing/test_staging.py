"""A large file on SQLite: whoever answers meanwhile waits for nothing, and all of it counts or none."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, models

from annotations import import_ledger, jobs
from annotations.formats.import_options import ImportOptions, ImportRefusedError
from annotations.models import (
    Annotation,
    AnnotationLabel,
    Import,
    Item,
    ItemText,
    Job,
    LabelCount,
    Participant,
    Study,
)
from annotations.selectors.imports import not_withdrawn, study_imports
from annotations.services.history import check_history as history_of_answers
from annotations.services.imports import withdraw_import
from hlv.core.tabular.mapping import Mapping
from hlv.importing import staging
from hlv.importing.job import IMPORTS
from hlv.importing.staging import import_staged
from metaeval.formats.evaluation_options import EvaluationOptions
from metaeval.models import Judgment, MetricScore, Output
from metaeval.selectors.snapshots import since
from metaeval.services.history import check_history as history_of_judging
from tests.annotations.making import Place, make_answer
from tests.costs import forget_statistics, rows_known
from tests.files import write_rows
from tests.hlv.importing.bringing import bring, make_ready_study, run_job_of, signed_in
from tests.making import make_items, make_participant, make_study
from tests.metaeval.making import make_ranking_snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]

N_ITEMS = 7
Meanwhile = Callable[..., None]


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "READ_AT_ONCE_BYTES", 0)
    monkeypatch.setattr(staging, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(staging, "SECONDS_FOR_OTHERS", 0)


def nothing(*_: Any) -> None:
    """Nobody is told."""


def take(
    study: Study,
    kind: str,
    path: Path,
    *,
    options: ImportOptions | None = None,
    while_read: Meanwhile = nothing,
    while_stored: Meanwhile = nothing,
) -> Any:
    def work() -> Any:
        return IMPORTS[kind](
            study, [path], options=options or EvaluationOptions(campaign="accuracy"), progress=while_read
        )

    return import_staged(study, [path], work, on_stored=while_stored)


def write_items(folder: Path, n_items: int = N_ITEMS) -> Path:
    return write_rows(
        folder / "items.csv", ("id", "text"), *((f"item-{n}", f"Text {n}") for n in range(n_items))
    )


def write_all(folder: Path) -> dict[str, Path]:
    """A file of each kind; judgments name an item and methods that are not there."""
    items = [f"item-{n}" for n in range(N_ITEMS)]
    rows: dict[str, list[tuple[str, ...]]] = {
        "items": [("id", "text", "source"), *((item, f"Text of {item}", "hotline") for item in items)],
        "annotations": [
            ("item", "annotator", "label", "certainty"),
            *((item, who, "yes" if who == "w" else "no", "0.5") for item in items for who in "wv"),
        ],
        "outputs": [
            ("item", "method", "yes", "no"),
            *((item, method, "0.3", "0.7") for item in items for method in ("m1", "m2")),
        ],
        "judgments": [
            ("item", "judge", "left", "right", "winner"),
            *((item, judge, "m1", "m3", "left") for item in (*items, "new") for judge in ("j", "k")),
        ],
        "scores": [("method", "metric", "value"), ("m1", "loss", "0.1"), ("m2", "loss", "0.2")],
    }
    return {kind: write_rows(folder / f"{kind}.csv", *rows[kind]) for kind in rows}


def labelled(name: str) -> Study:
    return make_study(task=Study.Task.SINGLE, labels=("yes", "no"), slug=name)


def holds(study: Study) -> dict[str, list[Any]]:
    """What a study has that counts, without keys of the database."""

    def rows(
        model: type[models.Model], of_study: str, *columns: str, batch: str = "import_batch"
    ) -> list[Any]:
        found = model._default_manager.filter(not_withdrawn(path=batch), **{of_study: study})
        return sorted(map(str, found.values_list(*columns)))

    answers = "annotation__item__study"
    return {
        "items": rows(Item, "study", "key", "position", "evidence", "metadata", "row_key"),
        "texts": rows(ItemText, "item__study", "item__key", "text", batch="item__import_batch"),
        "answers": rows(
            AnnotationLabel, answers, "annotation__item__key", "annotation__participant__source",
            "label__key", "certainty", "chosen", batch="annotation__import_batch",
        ),
        "outputs": rows(Output, "item__study", "item__key", "run__method__name", "probabilities"),
        "judgments": rows(
            Judgment, "comparison__campaign__study",
            "comparison__item__key", "participant__source", "verdict", "row_key",
        ),
        "scores": rows(MetricScore, "method__study", "method__name", "metric__name", "value"),
    }  # fmt: skip


def nothing_is_amiss(study: Study) -> bool:
    """As `hlv check-log` looks."""
    return not any(checked.faults for checked in (*history_of_answers([study]), *history_of_judging([study])))


def test_statistics_know_of_what_came(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(import_ledger, "ROWS_THAT_CHANGE_PLANS", N_ITEMS + 1)
    study, files = labelled("counted"), write_all(tmp_path)
    take(study, "items", files["items"])
    assert rows_known(Item._meta.db_table) == 0, "few rows, which may become many, are not taken down"
    take(study, "annotations", files["annotations"])
    assert rows_known(Annotation._meta.db_table) == 2 * N_ITEMS
    forget_statistics()


def test_all_kinds_come_over_as_if_they_were_read_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write_all(tmp_path)
    over, in_place = labelled("over"), labelled("in-place")
    for kind, path in files.items():
        take(over, kind, path)
    monkeypatch.setattr(staging, "READ_AT_ONCE_BYTES", 1 << 30)
    for kind, path in files.items():
        take(in_place, kind, path)
    assert holds(over) == holds(in_place)
    assert [len(rows) for rows in holds(over).values()] == [8, 7, 14, 14, 16, 2]
    assert [(batch.is_withdrawn, batch.n_added) for batch in study_imports(over)] == [
        (False, n) for n in (2, 16, 14, 14, 7)
    ]
    assert "Nothing new" in take(over, "annotations", files["annotations"]).sentence
    assert nothing_is_amiss(over)


def test_an_import_counts_once_among_what_came_since_a_ranking(tmp_path: Path) -> None:
    study, files = labelled("since"), write_all(tmp_path)
    for kind in ("items", "judgments"):
        take(study, kind, files[kind])
    campaign = study.campaigns.get()
    ranking = make_ranking_snapshot(campaign)
    take(study, "annotations", files["annotations"])
    assert since(campaign, [ranking])[ranking.pk].n_imports == 1


def test_others_write_while_a_file_is_read_and_stored_and_no_row_counts_before_all_do(tmp_path: Path) -> None:
    study = make_study()
    heard: list[int] = []
    database = str(connection.settings_dict["NAME"])

    def nobody_is_kept_out(*_: Any) -> None:
        with closing(sqlite3.connect(database, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.rollback()

    def none_counts(done: int, total: int) -> None:
        nobody_is_kept_out()
        heard.append(done)
        assert total >= 2 * N_ITEMS
        assert not study.items.filter(not_withdrawn()).exists()

    take(study, "items", write_items(tmp_path), while_read=nobody_is_kept_out, while_stored=none_counts)
    assert len(heard) > 3
    assert study.items.filter(not_withdrawn()).count() == N_ITEMS


def test_an_import_killed_in_the_middle_counts_for_nothing_and_is_completed_by_the_same_file(
    tmp_path: Path,
) -> None:
    study = make_study()
    path = write_items(tmp_path)

    def killed(done: int, total: int) -> None:
        if done >= 4:
            raise SystemExit

    with pytest.raises(SystemExit):
        take(study, "items", path, while_stored=killed)
    assert 0 < study.items.count() < N_ITEMS
    assert not study.items.filter(not_withdrawn()).exists()
    assert not list(Path(str(connection.settings_dict["NAME"])).parent.glob("*.import-*[0-9]"))
    assert nothing_is_amiss(study)
    take(study, "items", path)
    keys = [f"item-{n}" for n in range(N_ITEMS)]
    assert (
        list(study.items.filter(not_withdrawn()).order_by("position").values_list("key", flat=True)) == keys
    )
    assert ItemText.objects.filter(item__study=study).count() == N_ITEMS


def test_texts_that_were_withdrawn_come_again_with_a_better_file(tmp_path: Path) -> None:
    study = make_study()
    heads = ("id", "half", "text")
    path = write_rows(tmp_path / "items.csv", heads, *((f"i{n}", f"half {n}", f"All {n}") for n in range(5)))
    two_texts = ImportOptions(mapping=Mapping.parse(["text=half+text"]))
    take(study, "items", path, options=two_texts)
    withdraw_import(study.imports.get(), by=None, reason="too much")
    take(study, "items", path)
    assert holds(study)["texts"] == [f"('i{n}', 'All {n}')" for n in range(5)]
    assert ItemText.objects.filter(item__study=study).count() == 5


def test_who_joins_while_a_file_is_read_keeps_their_number_and_sources_come_after(tmp_path: Path) -> None:
    study = make_ready_study()
    joined: list[Participant] = []

    def somebody_joins(*_: Any) -> None:
        if not joined:
            beside(lambda: joined.append(make_participant(study)))

    rows = [(f"item-{n % 3}", f"w{n}", "yes") for n in range(9)]
    path = write_rows(tmp_path / "labels.csv", ("item", "annotator", "label"), *rows)
    take(study, "annotations", path, while_read=somebody_joins)
    numbers = study.participants.filter(role="annotator").order_by("number").values_list("number", "source")
    assert [number for number, _source in numbers] == list(range(1, 11))
    assert (numbers[0][1], {source for _number, source in numbers[1:]}) == ("", {f"w{n}" for n in range(9)})


def test_an_answer_that_rules_the_file_out_meanwhile_wins_and_the_file_is_refused(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "no"))
    place = Place(study, make_items(study, 3), [make_participant(study)])

    def somebody_answers(*_: Any) -> None:
        if not Annotation.objects.exists():
            beside(lambda: make_answer(place))

    path = write_rows(
        tmp_path / "counts.csv", ("item", "yes", "no"), *((item.key, "3", "4") for item in place.items)
    )
    counts = EvaluationOptions(format_name="label-counts")
    with pytest.raises(ImportRefusedError, match="The study changed while the file was read"):
        take(study, "annotations", path, options=counts, while_read=somebody_answers)
    assert not LabelCount.objects.filter(not_withdrawn()).exists()
    assert Annotation.objects.count() == 1


def test_what_is_only_tried_or_refused_leaves_neither_rows_nor_a_copy(tmp_path: Path) -> None:
    study = make_study()
    path = write_items(tmp_path)
    assert "would be added" in take(study, "items", path, options=ImportOptions(dry_run=True)).sentence
    path.write_text(path.read_text() + "item-1,Another text\n", encoding="utf-8")
    with pytest.raises(ImportRefusedError, match="has other texts here than in row 3"):
        take(study, "items", path)
    assert not study.items.exists()
    assert not Import.objects.exists()
    assert not list(Path(str(connection.settings_dict["NAME"])).parent.glob("*.import-*[0-9]"))


def test_a_job_ends_in_the_transaction_that_lets_its_rows_count() -> None:
    study = make_ready_study()
    job = run_job_of(bring(signed_in(study), study, "item,annotator,label\nitem-1,w,yes\n"))
    assert (job.state, (job.result or {})["n_added"]) == (Job.State.DONE, 1)
    taken = run_job_of(bring(signed_in(study), study, "item,annotator,label\nitem-2,w,yes\n", do="try"))
    Job.objects.filter(pk=taken.pk).update(state="queued", params=taken.params | {"dry_run": False})
    claimed = jobs.claim(taken.pk)
    assert claimed is not None
    Job.objects.filter(pk=taken.pk).update(token=uuid4())
    jobs.run(claimed)
    assert Annotation.objects.filter(not_withdrawn()).count() == 1


def beside(act: Callable[[], object]) -> None:
    """By somebody else, on a connection of their own."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
