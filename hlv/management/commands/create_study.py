"""hlv create-study: a study with its labels, ready for imports."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from annotations.models import Study, User
from annotations.services.people import create_person
from annotations.services.studies import NewLabel, StudyRefusedError, create_study


class Command(BaseCommand):
    help = (
        "Make a study. Without --task and --labels it holds judgments only. "
        "Example: hlv create-study areas-of-law --task multilabel --labels housing,contract,family"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="its short name, for ever: a-z, 0-9, - and _")
        parser.add_argument("--task", choices=["single", "multilabel", "ordinal"], help="what an answer is")
        parser.add_argument("--labels", metavar="A,B,C", help="in the order of their columns")
        parser.add_argument("--name", default="", help="as it is shown; the slug where none is given")
        parser.add_argument("--question", default="", help="asked above every text")
        parser.add_argument("--owner", metavar="EMAIL", help="who owns it; made where unknown")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        labels = [NewLabel(key.strip()) for key in (options["labels"] or "").split(",") if key.strip()]
        try:
            with transaction.atomic():
                study = create_study(
                    slug=options["slug"],
                    name=options["name"],
                    task=options["task"] or Study.Task.NONE,
                    labels=labels,
                    owner=_owner(options["owner"]),
                    question=options["question"],
                )
        except StudyRefusedError as refused:
            raise CommandError(str(refused)) from refused
        keys = [label.key for label in labels]
        if options["as_json"]:
            made = {"slug": study.slug, "uuid": str(study.uuid), "task": study.task, "labels": keys}
            self.stdout.write(json.dumps(made, ensure_ascii=False))
            return
        said = f" with the labels {', '.join(keys)}" if keys else ", for judgments"
        self.stdout.write(f"The study {study.slug} was made{said}.")


def _owner(email: str | None) -> User | None:
    if email is None:
        return None
    try:
        validate_email(email)
    except ValidationError as invalid:
        raise CommandError(f"{email!r} is not an e-mail address.") from invalid
    return create_person(email=email)
