"""hlv set-direction: which way an uploaded metric is better."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hlv.terminal import known_study
from metaeval.formats.evaluation_options import read_direction
from metaeval.models import Metric
from metaeval.services.metric_directions import DirectionRefusedError, correct_direction, direction_words


class Command(BaseCommand):
    help = "Correct the better direction of an uploaded metric. Example: hlv set-direction areas-of-law toxicity down"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument("metric", metavar="METRIC")
        parser.add_argument("direction", metavar="up|down", help="up: higher is better")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        higher_is_better = read_direction(options["direction"])
        if higher_is_better is None:
            raise CommandError(f"“{options['direction']}” is no direction: write up or down.")
        # An uploaded metric comes first: a built-in one of a later version may have its name.
        metrics = Metric.objects.filter(study=study).order_by("-origin")
        metric = metrics.filter(name=options["metric"]).first()
        if metric is None:
            uploaded = metrics.filter(origin=Metric.Origin.UPLOADED).order_by("name")
            known = ", ".join(uploaded.values_list("name", flat=True)) or "none yet"
            raise CommandError(
                f"The study {study.slug} has no metric “{options['metric']}” (uploaded: {known})."
            )
        try:
            changed = correct_direction(metric, higher_is_better=higher_is_better, by=None)
        except DirectionRefusedError as refused:
            raise CommandError(str(refused)) from refused
        if options["as_json"]:
            told = {"metric": metric.name, "higher_is_better": higher_is_better, "changed": changed}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        end = " Results with the former direction are not current: recompute them." if changed else ""
        self.stdout.write(
            f"{metric.name}: {direction_words(higher_is_better)}{'' if changed else ', as before'}.{end}"
        )
