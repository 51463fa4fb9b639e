"""What an import of annotations costs: a bounded number of statements and bytes for each thousand rows."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from annotations.formats.import_options import CHUNK_ROWS
from annotations.importers.annotations import ANSWER_FIELDS, LABEL_FIELDS
from annotations.models import Annotation, AnnotationLabel
from annotations.services.imports import import_annotations
from benchmarks.assignment.annotation_import_work import make_study, write_file

pytestmark = pytest.mark.django_db

BYTES_PER_ROW = 600


@pytest.mark.parametrize(("model", "fields"), [(Annotation, ANSWER_FIELDS), (AnnotationLabel, LABEL_FIELDS)])
def test_rows_without_model_objects_have_every_field_that_needs_a_value(
    model: type[Model], fields: tuple[str, ...]
) -> None:
    left_out = [field for field in model._meta.concrete_fields if field.name not in fields]
    assert all(field.null or field.primary_key for field in left_out), left_out


@pytest.mark.both_databases
def test_a_chunk_of_rows_costs_a_few_statements(tmp_path: Path) -> None:
    n_statements = []
    for n_chunks in (1, 3):
        study = make_study(f"chunks-{n_chunks}", n_chunks * CHUNK_ROWS)
        file = write_file(tmp_path / f"{n_chunks}.csv", n_chunks * CHUNK_ROWS)
        with CaptureQueriesContext(connection) as asked:
            import_annotations(study, [file])
        n_statements.append(len(asked))
        assert Annotation.objects.filter(item__study=study).count() == n_chunks * CHUNK_ROWS
    assert (n_statements[1] - n_statements[0]) / 2 <= 6


@pytest.mark.both_databases
def test_memory_grows_by_few_bytes_for_each_row(tmp_path: Path) -> None:
    """Of each row the import remembers its key and where it was, and nothing else."""

    def peak(slug: str, n_rows: int) -> int:
        study, file = make_study(slug, n_rows), write_file(tmp_path / f"{slug}.csv", n_rows)
        tracemalloc.start()
        try:
            import_annotations(study, [file])
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak("first", CHUNK_ROWS)
    smaller, larger = peak("smaller", 2 * CHUNK_ROWS), peak("larger", 6 * CHUNK_ROWS)
    assert (larger - smaller) / (4 * CHUNK_ROWS) < BYTES_PER_ROW
