"""Plain functions that make what a test needs, with unlike names where the test does not care."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
from django.utils import timezone

from annotations.models import Assignment, Import, Item, ItemText, Participant, Study, User
from annotations.services.assigning import next_assignment
from annotations.services.people import create_person
from annotations.services.studies import NewLabel, add_participant, create_study
from metaeval.models import Campaign, Comparison, Exposure, Judgment, Method, Metric, MetricScore, Output, Run
from metaeval.selectors.outputs import stored_vector
from metaeval.services.presentation import next_exposure

_numbers = count(1)


def make_person(name: str = "Amira Haddad", *, email: str = "") -> User:
    return create_person(email=email or f"person{next(_numbers)}@example.org", name=name)


def make_study(
    *,
    labels: Sequence[str] = ("housing", "contract", "family"),
    task: str = Study.Task.MULTILABEL,
    **fields: Any,
) -> Study:
    slug = fields.pop("slug", f"study-{next(_numbers)}")
    return create_study(slug=slug, task=task, labels=[NewLabel(key) for key in labels], **fields)


def make_participant(study: Study, role: str = "annotator", *, user: User | None = None) -> Participant:
    return add_participant(study, user=user or make_person(), role=role)


def make_items(study: Study, n_items: int = 3, *, text: str = "The landlord keeps my deposit.") -> list[Item]:
    first = study.items.count()
    items = Item.objects.bulk_create(
        Item(study=study, key=f"item-{first + index}", position=first + index) for index in range(n_items)
    )
    ItemText.objects.bulk_create(ItemText(item=item, position=0, name="text", text=text) for item in items)
    return items


def make_seat(participant: Participant) -> Assignment:
    seat = next_assignment(participant)
    if not isinstance(seat, Assignment):
        raise LookupError(f"no seat: {seat}")
    return seat


def make_methods(
    study: Study, names: Sequence[str] = ("alpha", "beta", "gamma"), *, base_model: str = ""
) -> list[Method]:
    first = study.methods.count()
    return [
        Method.objects.create(study=study, name=name, base_model=base_model, position=first + index)
        for index, name in enumerate(names)
    ]


def make_output(method: Method, item: Item, probabilities: Sequence[float], *, run: str = "1") -> Output:
    made, _ = Run.objects.get_or_create(method=method, name=run)
    return Output.objects.create(run=made, item=item, probabilities=stored_vector(probabilities))


def make_outputs(methods: Sequence[Method], items: Sequence[Item], *, seed: int = 0) -> None:
    """A distribution for every method and item: memberships, or shares where one label is taken."""
    rng = np.random.default_rng(seed)
    for method in methods:
        study = method.study
        for item in items:
            drawn = rng.uniform(0.05, 0.95, size=study.labels.count())
            make_output(method, item, list(drawn / drawn.sum() if study.one_label_only else drawn))


def make_campaign(study: Study, name: str = "accuracy", **fields: Any) -> Campaign:
    return Campaign.objects.create(study=study, name=name, **fields)


def make_comparison(
    campaign: Campaign, item: Item | None, one: Method, other: Method, *, position: int = 0
) -> Comparison:
    low, high = sorted((one, other), key=lambda method: method.pk)
    return Comparison.objects.create(
        campaign=campaign,
        item=item,
        low=low,
        high=high,
        mode=Comparison.Mode.ALL_PAIRS,
        is_asked=True,
        position=position,
    )


def make_comparisons(
    campaign: Campaign, items: Sequence[Item], methods: Sequence[Method]
) -> list[Comparison]:
    """Every pair of methods on every item."""
    pairs = [(one, other) for place, one in enumerate(methods) for other in methods[place + 1 :]]
    return [
        make_comparison(campaign, item, one, other, position=position)
        for position, (item, (one, other)) in enumerate((item, pair) for item in items for pair in pairs)
    ]


def make_exposure(participant: Participant, campaign: Campaign) -> Exposure:
    exposure = next_exposure(participant, campaign)
    if not isinstance(exposure, Exposure):
        raise LookupError(f"no comparison: {exposure}")
    return exposure


def make_import(study: Study, kind: str = Import.Kind.ANNOTATIONS) -> Import:
    return Import.objects.create(
        study=study, kind=kind, source=f"file-{next(_numbers)}.csv", format="long", sha256="0" * 64
    )


def make_imported_judgment(
    campaign: Campaign,
    *,
    winner: Method,
    loser: Method,
    tie: bool = False,
    judge: Participant | None = None,
    item: Item | None = None,
    active_ms: int | None = None,
    cannot: bool = False,
) -> Judgment:
    """A judgment from a file, the winner on the left."""
    verdict = Judgment.Verdict.TIE if tie else Judgment.Verdict.LEFT
    low, high = sorted((winner, loser), key=lambda method: method.pk)
    comparison, _ = Comparison.objects.get_or_create(
        campaign=campaign, item=item, low=low, high=high, defaults={"mode": Comparison.Mode.IMPORTED}
    )
    return Judgment.objects.create(
        comparison=comparison,
        participant=judge,
        verdict=Judgment.Verdict.CANNOT if cannot else verdict,
        low_is_left=winner == low,
        active_ms=active_ms,
        submitted_at=timezone.now(),
        import_batch=make_import(campaign.study, Import.Kind.JUDGMENTS),
    )


def make_uploaded_metric(study: Study, methods: Sequence[Method], values: Sequence[float | None]) -> Metric:
    """A metric that another program gave, one value for each method; None is a blank."""
    metric = Metric.objects.create(
        study=study, name=f"metric-{next(_numbers)}", origin=Metric.Origin.UPLOADED
    )
    batch = make_import(study, Import.Kind.SCORES)
    for method, value in zip(methods, values, strict=True):
        MetricScore.objects.create(
            metric=metric,
            method=method,
            value=value,
            undefined="blank" if value is None else "",
            import_batch=batch,
        )
    return metric
