"""hlv agreement: how far annotators agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from annotations.models import LabelAgreement
from annotations.services.agreement import DEFAULT_RESAMPLES, DEFAULT_SEED
from hlv.provenance import with_provenance
from hlv.terminal import ResultCommand, check_numbers, interval, known_study, number, parse_uuid

ROWS = {
    "krippendorff_alpha": "Krippendorff's alpha",
    "percent": "percent agreement",
    "fleiss_kappa": "Fleiss' kappa",
    "cohen_kappa": "Cohen's kappa",
    "gwet_ac1": "Gwet's AC1",
}
DIGITS = 4
# Nearer than any digit that is printed, and further apart than rounding.
SAME = 1e-9
OF_TWO_LABELS = (
    "With two labels each label, and each distance of alpha, gives these same numbers: --json repeats them."
)


class Command(ResultCommand):
    help = "How far the annotators of a study agree, overall and per label. Example: hlv agreement areas-of-law --json"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(options)
        params = {"n_resamples": options["n_resamples"], "seed": options["seed"]}
        done = self.run_job(kind="agreement", study=known_study(options["slug"]), params=params)
        snapshot = LabelAgreement.objects.get(uuid=parse_uuid(done, "label_agreement"))
        if options["as_json"]:
            self.print_json(with_provenance(snapshot))
            return
        for table in agreement_tables(snapshot.result):
            self.print_cited(table, snapshot)


def agreement_tables(result: dict[str, Any]) -> Iterator[Table]:
    """All answers together, each label by itself, and what went in."""
    distance = result["krippendorff_alpha"]["distance"]
    table = Table(title=f"Agreement of annotators ({distance} distance for alpha)")
    for heading in ("", "value", "95 % interval", "remark"):
        table.add_column(heading)
    for name, words in ROWS.items():
        _add(table, words, result[name])
    if _says_all(result):
        table.caption = OF_TWO_LABELS
        yield table
        yield _entered(result)
        return
    for other, alpha in result["krippendorff_alpha_by_distance"].items():
        if other != distance:
            _add(table, f"Krippendorff's alpha, {other} distance", alpha)
    for row in result["per_label"]:
        _add(table, f"alpha of {row['label']}", row["krippendorff_alpha"])
    yield table
    labels = Table(title="Each label, chosen or not")
    for heading in ("label", *ROWS.values()):
        labels.add_column(heading)
    for row in result["per_label"]:
        labels.add_row(row["label"], *(number(row[name]["value"], digits=DIGITS) for name in ROWS))
    yield labels
    yield _entered(result)


def _says_all(result: dict[str, Any]) -> bool:
    """Whether each label, taken or not, says what both say together: one is taken where the other is not."""
    alphas = result["krippendorff_alpha_by_distance"].values()
    return (
        len(result["per_label"]) == 2
        and all(_are_same(result[name], row[name]) for row in result["per_label"] for name in ROWS)
        and all(_are_same(result["krippendorff_alpha"], alpha) for alpha in alphas)
    )


def _are_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if one["value"] is None or other["value"] is None:
        return one["value"] is other["value"]
    return abs(float(one["value"]) - float(other["value"])) < SAME


def _entered(result: dict[str, Any]) -> Table:
    entered = Table(title="What went in")
    for heading in ("texts", "with two answers or more", "annotators", "answers"):
        entered.add_column(heading)
    of = result["entered"]
    names = ("n_items", "n_items_with_two_or_more", "n_annotators", "n_answers")
    entered.add_row(*("unknown" if of[name] is None else f"{of[name]:,}" for name in names))
    return entered


def _add(table: Table, name: str, row: dict[str, Any]) -> None:
    ends = interval(row["interval"], digits=DIGITS)
    table.add_row(name, number(row["value"], digits=DIGITS), ends, row["undetermined"] or "")
