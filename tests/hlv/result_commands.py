"""Studies with results, and commands that print them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command

from annotations.services.imports import import_annotations
from tests.files import write_rows
from tests.making import (
    make_campaign,
    make_imported_judgment,
    make_items,
    make_methods,
    make_participant,
    make_study,
    make_uploaded_metric,
)


def hlv(*words: str, details: bool = True) -> tuple[int, str, str]:
    """Exit code, output and errors of a command; `hlv.cli` turns a CommandError into its sentence."""
    out, err = StringIO(), StringIO()
    try:
        asked = ["--details"] if details and words[0] != "export" and "--json" not in words else []
        call_command(*words, *asked, stdout=out, stderr=err)
        code = 0
    except CommandError as refusal:
        err.write(str(refusal))
        code = refusal.returncode
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue(), err.getvalue()


def make_judged(*, slug: str = "judged", connected: bool = True, scored: bool = True) -> None:
    study = make_study(slug=slug, task="none", labels=())
    campaign = make_campaign(study)
    methods = make_methods(study)
    judges = [make_participant(study, "judge") for _ in range(3)]
    for judge in judges:
        for winner, loser in ((0, 1), (1, 2), (0, 2)):
            make_imported_judgment(campaign, winner=methods[winner], loser=methods[loser], judge=judge)
    if connected:
        for judge in judges:
            make_imported_judgment(campaign, winner=methods[2], loser=methods[0], judge=judge)
    if scored:
        make_uploaded_metric(study, methods, [0.9, 0.5, 0.1])


def make_labelled(tmp_path: Path, *labels: str, task: str = "single") -> None:
    study = make_study(slug="labelled", task=task, labels=labels)
    items = make_items(study, 3)
    answers = [(item.key, "w1", labels[0]) for item in items]
    answers += [(item.key, "w2", label) for item, label in zip(items, (*labels, labels[0]), strict=False)]
    import_annotations(study, [write_rows(tmp_path / "a.csv", ("item", "annotator", "label"), *answers)])
