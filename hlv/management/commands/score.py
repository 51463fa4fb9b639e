"""hlv score: what every metric says of every method."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from hlv.terminal import ResultCommand, check_numbers, number, study_of, uuid_of
from metaeval.models import Scoring
from metaeval.services.scoring import DEFAULT_RESAMPLES, DEFAULT_SEED


class Command(ResultCommand):
    help = "Score the outputs of methods against the human labels. Example: hlv score areas-of-law --metric po_jsd"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--metric", action="append", dest="metrics", help="one of the metrics; may be repeated"
        )
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(options)
        params = {name: options[name] for name in ("metrics", "n_resamples", "seed")}
        done = self.run_job(kind="scoring", study=study_of(options["slug"]), params=params)
        result = Scoring.objects.get(uuid=uuid_of(done, "scoring")).result
        if options["as_json"]:
            self.print_json(result)
            return
        table = Table(title=f"Scores on {result['n_items']} items")
        table.add_column("metric")
        for method in result["methods"]:
            table.add_column(method)
        for metric in result["metrics"]:
            table.add_row(metric["name"], *(number(score["value"]) for score in metric["scores"]))
        self.print_table(table)
