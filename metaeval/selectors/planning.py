"""What a forecast begins with, and those that were made."""

from __future__ import annotations

from annotations.models import Item, Job, Participant, Study
from metaeval.models import Judgment, Method

FORECASTS_SHOWN = 20
# Of a study that has nothing yet.
FIRST_PLAN = {"n_methods": 9, "n_judges": 12, "n_judgments": 2400, "n_items": 80}


def first_plan(study: Study) -> dict[str, int]:
    """The study as it stands, where it stands already."""
    there = {
        "n_methods": Method.objects.filter(study=study).count(),
        "n_judges": Participant.objects.filter(
            study=study, role=Participant.Role.JUDGE, is_active=True
        ).count(),
        "n_judgments": Judgment.objects.filter(
            comparison__campaign__study=study, automatic_judge__isnull=True
        ).count(),
        "n_items": Item.objects.filter(study=study).count(),
    }
    least = {"n_methods": 2, "n_judges": 1, "n_judgments": 1, "n_items": 1}
    return {name: there[name] if there[name] >= least[name] else usual for name, usual in FIRST_PLAN.items()}


def finished_forecasts(study: Study) -> list[Job]:
    """The latest, newest first."""
    done = Job.objects.filter(study=study, kind="forecast", state=Job.State.DONE)
    return list(done.order_by("-pk")[:FORECASTS_SHOWN])
