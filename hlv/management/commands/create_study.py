"""hlv create-study: a study with its labels, ready for imports."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from annotations.models import Study
from annotations.services.people import PersonRefusedError, create_person
from annotations.services.studies import NewLabel, StudyRefusedError, create_study
from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import FormatError, RowError

LABEL_COLUMNS = ("key", "name", "description", "group")


class Command(BaseCommand):
    help = (
        "Create a study. Without --task and --labels it is for judgments only. Example: hlv create-study "
        "areas-of-law --task multilabel --labels housing,contract,family"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="permanent short name: a-z, 0-9, - and _")
        parser.add_argument(
            "--task",
            choices=["single", "multilabel", "ordinal", "none"],
            default="none",
            help="type of answers; default: none (judgments only)",
        )
        labels = parser.add_mutually_exclusive_group()
        labels.add_argument(
            "--labels",
            metavar="A,B,C",
            help="in the order of the label columns; a label with a comma in quotes",
        )
        labels.add_argument(
            "--labels-file",
            type=Path,
            metavar="FILE",
            help="a table with the columns key, name, description and group; only key is required",
        )
        parser.add_argument("--name", default="", help="displayed name; default: the slug")
        parser.add_argument("--question", default="", help="shown above every text")
        parser.add_argument("--description", default="", help="shown on the study page")
        parser.add_argument(
            "--owner", metavar="EMAIL", help="e-mail address of the owner; created if unknown"
        )
        parser.add_argument(
            "--answers",
            type=int,
            default=3,
            metavar="N",
            help="annotators per text (3)",
        )
        parser.add_argument(
            "--order",
            choices=[str(order) for order in Study.Order],
            default=str(Study.Order.FIXED),
            help="order of texts: the same for everyone (fixed), or random for each person",
        )
        parser.add_argument(
            "--assignment",
            choices=[str(rule) for rule in Study.AssignmentRule],
            default=str(Study.AssignmentRule.BREADTH),
            help="texts with the fewest answers first (breadth), or balanced by group (groups)",
        )
        parser.add_argument("--spans", action="store_true", help="ask which words decided each label")
        parser.add_argument("--no-certainty", action="store_true", help="do not ask for certainty")
        parser.add_argument(
            "--time-zone",
            default="UTC",
            metavar="NAME",
            help="time zone of its pages, such as Australia/Melbourne",
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        labels = _labels(options)
        try:
            with transaction.atomic():
                study = create_study(
                    slug=options["slug"],
                    name=options["name"],
                    task=options["task"],
                    labels=labels,
                    owner=create_person(email=options["owner"]) if options["owner"] else None,
                    question=options["question"],
                    description=options["description"],
                    asks_certainty=not options["no_certainty"],
                    asks_spans=options["spans"],
                    answers_wanted=options["answers"],
                    order=options["order"],
                    assignment=options["assignment"],
                    time_zone=options["time_zone"],
                )
        except (StudyRefusedError, PersonRefusedError) as refused:
            raise CommandError(str(refused)) from refused
        keys = [label.key for label in labels]
        if options["as_json"]:
            made = {"slug": study.slug, "uuid": str(study.uuid), "task": study.task, "labels": keys}
            self.stdout.write(json.dumps(made, ensure_ascii=False))
            return
        contents = f" with the labels {', '.join(keys)}" if keys else ", for judgments"
        self.stdout.write(f"The study {study.slug} was created{contents}.")


def _labels(options: dict[str, Any]) -> list[NewLabel]:
    if options["labels_file"] is None:
        keys = next(csv.reader([options["labels"] or ""], skipinitialspace=True), [])
        return [NewLabel(key.strip()) for key in keys if key.strip()]
    try:
        return _labels_in(options["labels_file"])
    except FormatError as error:
        raise CommandError(error.sentence) from error
    except OSError as error:
        raise CommandError(f"The file cannot be read: {error}.") from error


def _labels_in(path: Path) -> list[NewLabel]:
    labels = []
    for row in open_rows(path):
        if isinstance(row, RowError):
            raise CommandError(str(row))
        unknown = sorted(set(row.cells) - set(LABEL_COLUMNS))
        if unknown:
            raise CommandError(f"{path.name}: “{unknown[0]}” is not one of {', '.join(LABEL_COLUMNS)}.")
        key, name, description, group = (row.cells.get(column, "").strip() for column in LABEL_COLUMNS)
        if not key:
            raise CommandError(f"{path.name}, row {row.number}: the key is missing.")
        labels.append(NewLabel(key, name, description, group=group))
    return labels
