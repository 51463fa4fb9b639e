"""hlv train: train methods on the labels of a study, and file their outputs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.jobs import JobRefusedError, MissingDataError
from hlv.core.rendering.terminal import terminal_table
from hlv.stats.training.heads import LEARNING_RATES
from hlv.stats.training.methods import METHODS
from hlv.stats.training.work import SELECTIONS
from hlv.terminal import (
    ResultCommand,
    known_study,
    missing_data_sentence,
    print_result,
    print_table_to,
    provenance_line,
    with_provenance,
)
from metaeval.findings.training_findings import (
    expected_time_note,
    learning_curves_table,
    parts_table,
    plan_notes,
    training_notes,
    trainings_table,
)
from metaeval.models import Training
from metaeval.results.training import CHARACTERS, DEFAULT_FOLDS, DEFAULT_RUNS, read_training
from metaeval.services.training import prepare_training, read_training_parameters

_OPTIONS = ("methods", "features", "items", "base_model", "split", "folds", "partition", "runs", "seed",
            "learning_rates", "select", "hidden")  # fmt: skip


class Command(ResultCommand):
    help = (
        "Train methods on the labels of a study and file their outputs as methods. "
        "Example: hlv train hs-brexit --split split --runs 3 --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--methods",
            nargs="+",
            metavar="NAME",
            help=f"default: all that the labels allow; known are {', '.join(METHODS)}",
        )
        parser.add_argument(
            "--features",
            default=CHARACTERS,
            metavar="char|FILE.npy",
            help="character n-grams (default), or an array with a row for each text",
        )
        parser.add_argument(
            "--items", metavar="FILE", help="with an array: the text ids, one a line, in its order"
        )
        parser.add_argument("--base-model", metavar="NAME", help="file the outputs under this name")
        parser.add_argument(
            "--split", metavar="FACT", help="fact of the texts that names train, dev and test; default: folds"
        )
        parser.add_argument(
            "--folds", type=int, default=DEFAULT_FOLDS, metavar="K", help="default: %(default)s"
        )
        parser.add_argument(
            "--partition", type=int, default=1, metavar="SEED", help="seed of folds and of a missing dev part"
        )
        parser.add_argument("--runs", type=int, default=DEFAULT_RUNS, help="default: %(default)s")
        parser.add_argument(
            "--seed", type=int, default=1, help="of the first run; the others have the next ones"
        )
        parser.add_argument(
            "--lr",
            dest="learning_rates",
            nargs="+",
            type=float,
            default=list(LEARNING_RATES),
            metavar="RATE",
            help="learning rates, of which the dev texts choose",
        )
        parser.add_argument(
            "--select",
            choices=SELECTIONS,
            default=SELECTIONS[0],
            help="how the dev texts choose rate and epoch",
        )
        parser.add_argument(
            "--hidden", type=int, default=0, metavar="UNITS", help="a hidden layer; 0 (default): none"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be trained, and train nothing"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        params = {name: options[name] for name in _OPTIONS if options[name] is not None}
        if options["features"] != CHARACTERS and not options["items"]:
            raise CommandError("An array of features needs --items FILE, with the id of each row's text.")
        if options["dry_run"]:
            self._plan(study, params, options)
            return
        training = self.compute(Training, kind="training", study=study, params=params)
        if options["as_json"]:
            self.print_json(with_provenance(training))
            return
        result = read_training(training)
        notes = training_notes(result)
        print_result(
            self.stdout,
            [trainings_table(result), parts_table(result.plan), learning_curves_table(result)],
            [*notes[:1], f"Next: hlv table {study.slug}"],
            notes[1:],
            source=provenance_line(training),
            details=options["details"],
        )

    def _plan(self, study: Any, params: dict[str, object], options: dict[str, Any]) -> None:
        try:
            plan = prepare_training(study, read_training_parameters(params)).plan
        except MissingDataError as refusal:
            raise CommandError(missing_data_sentence(refusal.missing, study)) from refusal
        except JobRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["as_json"]:
            self.print_json(asdict(plan))
            return
        print_table_to(self.stdout, terminal_table(parts_table(plan)))
        for note in [*plan_notes(plan), expected_time_note(plan)]:
            self.stdout.write(note)
