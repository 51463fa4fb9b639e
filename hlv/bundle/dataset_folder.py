"""The folder `dataset`: items with their answers as Parquet, a dataset card and Croissant metadata.

It can be uploaded to the Hugging Face Hub as it is. Without pyarrow there is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Min

from annotations.models import ItemText, Study
from annotations.selectors.exports import ExportedAnswer, ExportedItem, exported_languages
from hlv import __version__
from hlv.bundle.folder import Bundle
from hlv.core.tabular.writing import file_sha256, iso, json_text

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetWriter

FOLDER: Final = "dataset"
DATA: Final = "data.parquet"
_ROWS_AT_ONCE: Final = 1_000
# Upper ends of the sizes that the Hub knows.
_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


@dataclass(frozen=True)
class Column:
    """A column of the Parquet file: what it contains, and its type in Croissant."""

    name: str
    about: str
    type: str = "sc:Text"
    is_list: bool = False


@dataclass
class DatasetFolder:
    """A Parquet file, open, with a row for each item."""

    writer: ParquetWriter
    text_names: list[str]
    labels: list[str]
    one_label_only: bool
    rows: list[dict[str, Any]] = field(default_factory=list)
    n_rows: int = 0

    def add(self, item: ExportedItem, answers: Sequence[ExportedAnswer]) -> None:
        """An item and its newest answers; skips and flags without labels are left out."""
        given = [answer for answer in answers if answer.gives_labels]
        if self.one_label_only:
            given = [answer for answer in given if len(answer.chosen) == 1]
        chosen = [list(answer.chosen) for answer in given]
        shares = (
            [sum(label in one for one in chosen) / len(chosen) for label in self.labels] if chosen else None
        )
        texts = dict(item.texts)
        self.rows.append(
            {
                "item": item.key,
                **{_column_of(name): texts.get(name) for name in self.text_names},
                "lang": item.lang or None,
                "annotators": [answer.annotator for answer in given],
                "annotations": [one[0] for one in chosen] if self.one_label_only else chosen,
                "distribution": shares,
            }
        )
        if len(self.rows) == _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        import pyarrow as pa

        if self.rows:
            self.writer.write_table(pa.Table.from_pylist(self.rows, schema=self.writer.schema))
            self.n_rows += len(self.rows)
            self.rows.clear()


def _column_of(name: str) -> str:
    """Texts have columns of their names; `text.` keeps them from the names of other columns."""
    return name if name == "text" else f"text.{name}"


@contextmanager
def open_dataset_folder(
    study: Study, bundle: Bundle, labels: list[str], *, as_of: dt.datetime
) -> Iterator[DatasetFolder | None]:
    """A folder that is complete after the block; None where pyarrow is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        yield None
        return
    texts = ItemText.objects.filter(item__study=study, item__created_at__lte=as_of)
    placed = texts.order_by().values("name").annotate(place=Min("position")).order_by("place", "name")
    text_names = [row["name"] for row in placed]
    one = study.one_label_only
    schema = pa.schema(
        [
            ("item", pa.string()),
            *((_column_of(name), pa.string()) for name in text_names),
            ("lang", pa.string()),
            ("annotators", pa.list_(pa.string())),
            ("annotations", pa.list_(pa.string() if one else pa.list_(pa.string()))),
            ("distribution", pa.list_(pa.float64())),
        ]
    )
    (bundle.folder / FOLDER).mkdir(exist_ok=True)
    path = bundle.folder / FOLDER / DATA
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        made = DatasetFolder(writer, text_names, labels, one)
        yield made
        made.flush()
    if made.n_rows == 0:
        path.unlink()
        return
    bundle.described[f"{FOLDER}/{DATA}"] = (
        "a row for each item with lists of annotators and their labels; imports again"
    )
    columns = _columns(made)
    bundle.write(
        f"{FOLDER}/README.md",
        [_card(study, made, columns, as_of=as_of)],
        about="dataset card for the Hugging Face Hub",
    )
    croissant = _croissant(study, columns, sha256=file_sha256(path), as_of=as_of)
    bundle.write(
        f"{FOLDER}/croissant.json",
        [json_text(croissant, indent=2) + "\n"],
        about="Croissant 1.0 metadata of the dataset",
    )


def _columns(made: DatasetFolder) -> list[Column]:
    sets = "label" if made.one_label_only else "set of labels"
    return [
        Column("item", "identifier of the item"),
        *(Column(_column_of(name), "text shown to annotators") for name in made.text_names),
        Column("lang", "language of the text, where known"),
        Column("annotators", "pseudonyms, in the order of `annotations`", is_list=True),
        Column("annotations", f"the {sets} that each annotator chose", is_list=True),
        Column(
            "distribution",
            "share of annotators who chose each label, in the order: " + ", ".join(made.labels),
            type="sc:Float",
            is_list=True,
        ),
    ]


def _card(study: Study, made: DatasetFolder, columns: Sequence[Column], *, as_of: dt.datetime) -> str:
    languages = sorted(lang for lang in exported_languages(study, as_of=as_of) if lang)
    size = next((name for most, name in _SIZES if made.n_rows < most), "n>1M")
    kind = "multi-class-classification" if made.one_label_only else "multi-label-classification"
    head = [
        f"pretty_name: {json_text(study.name)}",
        *(["language:", *(f"- {json_text(lang)}" for lang in languages)] if languages else []),
        "task_categories:",
        "- text-classification",
        "task_ids:",
        f"- {kind}",
        "size_categories:",
        f"- {size}",
        "tags:",
        "- human-label-variation",
        "configs:",
        "- config_name: default",
        f"  data_files: {DATA}",
    ]
    rows = "\n".join(f"| `{column.name}` | {column.about} |" for column in columns)
    return (
        "---\n" + "\n".join(head) + f"\n---\n\n# {study.name}\n\n{study.description}\n\n"
        f"{made.n_rows:,} items with the answers of each annotator, as of {iso(as_of)}. Skips, and answers without labels, "
        "are left out. See `data-card.md` and `study.json` of the export for guidelines and sources.\n\n"
        f"| column | content |\n|---|---|\n{rows}\n\n"
        "State the licence of the texts before you publish this dataset.\n"
    )


def _croissant(
    study: Study, columns: Sequence[Column], *, sha256: str, as_of: dt.datetime
) -> dict[str, object]:
    """Metadata in the vocabulary of https://mlcommons.org/croissant/1.0."""
    return {
        "@context": {
            "@language": "en",
            "@vocab": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "dct": "http://purl.org/dc/terms/",
            "sc": "https://schema.org/",
            "conformsTo": "dct:conformsTo",
            "data": {"@id": "cr:data", "@type": "@json"},
            "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
            "extract": "cr:extract",
            "column": "cr:column",
            "field": "cr:field",
            "fileObject": "cr:fileObject",
            "recordSet": "cr:recordSet",
            "repeated": "cr:repeated",
            "source": "cr:source",
        },
        "@type": "sc:Dataset",
        "name": study.slug,
        "description": study.description or study.name,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "version": __version__,
        "datePublished": iso(as_of),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": DATA,
                "name": DATA,
                "contentUrl": DATA,
                "encodingFormat": "application/x-parquet",
                "sha256": sha256,
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "items",
                "name": "items",
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": f"items/{column.name}",
                        "name": column.name,
                        "description": column.about,
                        "dataType": column.type,
                        **({"repeated": True} if column.is_list else {}),
                        "source": {"fileObject": {"@id": DATA}, "extract": {"column": column.name}},
                    }
                    for column in columns
                ],
            }
        ],
    }
