"""hlv agreement: how far annotators agree."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from annotations.findings.round_findings import agreement_reading
from annotations.findings.round_tables import agreement_table, distances_table
from annotations.models import DrawParams, LabelAgreement
from annotations.results.round_report import read_label_agreement
from annotations.services.agreement import DEFAULT_RESAMPLES, DEFAULT_SEED
from hlv.terminal import (
    ResultCommand,
    check_numbers,
    known_study,
    print_result,
    provenance_line,
    with_provenance,
)


class Command(ResultCommand):
    help = "Agreement of the annotators of a study, overall and per label. Example: hlv agreement areas-of-law --json"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(n_resamples=options["n_resamples"], seed=options["seed"])
        params = DrawParams(n_resamples=options["n_resamples"], seed=options["seed"])
        study = known_study(options["slug"])
        snapshot = self.compute(LabelAgreement, kind="agreement", study=study, params=params)
        if options["as_json"]:
            self.print_json(with_provenance(snapshot))
            return
        result = read_label_agreement(snapshot)
        print_result(
            self.stdout,
            (agreement_table(result), distances_table(result)),
            [finding.plain for finding in agreement_reading(result)],
            source=provenance_line(snapshot),
            details=options["details"],
        )
