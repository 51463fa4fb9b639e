"""hlv agreement: how far annotators agree."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from annotations.models import LabelAgreement
from annotations.services.agreement import DEFAULT_RESAMPLES, DEFAULT_SEED
from hlv.terminal import ResultCommand, check_numbers, interval, number, study_of, uuid_of

ROWS = {
    "krippendorff_alpha": "Krippendorff's alpha",
    "percent": "percent agreement",
    "fleiss_kappa": "Fleiss' kappa",
    "cohen_kappa": "Cohen's kappa",
    "gwet_ac1": "Gwet's AC1",
}
DIGITS = 4


class Command(ResultCommand):
    help = "How far the annotators of a study agree, overall and per label. Example: hlv agreement areas-of-law --json"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(options)
        params = {"n_resamples": options["n_resamples"], "seed": options["seed"]}
        done = self.run_job(kind="agreement", study=study_of(options["slug"]), params=params)
        result = LabelAgreement.objects.get(uuid=uuid_of(done, "label_agreement")).result
        if options["as_json"]:
            self.print_json(result)
            return
        table = Table(
            title=f"Agreement of annotators ({result['krippendorff_alpha']['distance']} distance for alpha)"
        )
        for heading in ("", "value", "95 % interval", "remark"):
            table.add_column(heading)
        for name, words in ROWS.items():
            row = result[name]
            table.add_row(
                words,
                number(row["value"], digits=DIGITS),
                interval(row["interval"], digits=DIGITS),
                row["undetermined"] or "",
            )
        for row in result["per_label"]:
            alpha = row["krippendorff_alpha"]
            table.add_row(
                f"alpha of {row['label']}",
                number(alpha["value"], digits=DIGITS),
                interval(alpha["interval"], digits=DIGITS),
                alpha["undetermined"] or "",
            )
        self.print_table(table)
