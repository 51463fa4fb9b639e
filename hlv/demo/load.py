"""Writes the simulated study into the database, whole or not at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from uuid import uuid4

from django.db import transaction
from django.db.models import Model

from annotations.models import (
    Annotation,
    AnnotationLabel,
    Assignment,
    Guideline,
    Item,
    ItemText,
    Label,
    Participant,
    Study,
    User,
)
from annotations.services.people import allow_creating_studies, create_person
from annotations.services.studies import NewLabel, add_participant, create_study, publish_guideline
from hlv.demo import Demonstration, simulate_demonstration
from hlv.demo.judging import (
    JUDGES_PER_COMPARISON,
    METHODS,
    JudgmentDraw,
)
from hlv.demo.labelling import AnnotationDraw
from hlv.demo.study import (
    ANSWERS_PER_REQUEST,
    AREA_KEYS,
    AREAS,
    CAMPAIGN_NAME,
    CAMPAIGN_QUESTION,
    GUIDELINE_1_SINCE,
    GUIDELINE_2_SINCE,
    JUDGES,
    LAWYERS,
    SEED,
    SIMULATION_NOTICE,
    STUDY_NAME,
    STUDY_QUESTION,
    STUDY_SLUG,
    Person,
    guideline,
)
from metaeval.models import Campaign, Comparison, Exposure, Judgment, Method, Output, Run
from metaeval.selectors.outputs import ShownLabel, ShownOutput, stored_vector
from metaeval.selectors.protocols import is_low_left

_OTHER = {"left": "right", "right": "left"}


def counterbalanced(
    draws: Iterable[JudgmentDraw],
    *,
    campaign: Campaign,
    people: dict[str, Participant],
    methods: dict[str, Method],
) -> tuple[JudgmentDraw, ...]:
    """In the given order. Which output was preferred stays as it was drawn; the rule needs keys that only rows have."""
    kept = list(draws)
    shown: Counter[tuple[str, int, int]] = Counter()
    for place in sorted(range(len(kept)), key=lambda place: (kept[place].person, kept[place].position)):
        draw = kept[place]
        left = methods[draw.left]
        low, high = sorted((left.pk, methods[draw.right].pk))
        judge = people[draw.person]
        n_shown = shown[draw.person, low, high]
        shown[draw.person, low, high] += 1
        if is_low_left(campaign, judge, low=low, high=high, n_shown=n_shown) != (left.pk == low):
            kept[place] = replace(
                draw, left=draw.right, right=draw.left, verdict=_OTHER.get(draw.verdict, draw.verdict)
            )
    return tuple(kept)


RESEARCHER = Person("researcher", "Miriam Castellane", "research")
# One seat more than the simulated lawyers took: a visitor finds texts to label.
ANSWERS_WANTED = ANSWERS_PER_REQUEST + 1
CHUNK = 1000

Report = Callable[[str], None]


def demonstration_study() -> Study | None:
    return Study.objects.filter(slug=STUDY_SLUG).first()


@transaction.atomic
def load_demonstration(report: Report = lambda _: None) -> Study:
    """The study with its people, answers, outputs and judgments."""
    report("simulating people and methods")
    drawn = simulate_demonstration()
    report("writing the study")
    study, people = _study_and_people(drawn.plan_seed)
    items = _items(study, drawn)
    _annotations(study, items, people, drawn.annotations)
    report("writing outputs and judgments")
    means = _outputs(study, items, drawn)
    _judgments(study, items, people, drawn, means)
    return study


def _study_and_people(seed: int) -> tuple[Study, dict[str, Participant]]:
    researcher = _person(RESEARCHER)
    study = create_study(
        slug=STUDY_SLUG,
        name=STUDY_NAME,
        task=Study.Task.MULTILABEL,
        labels=[NewLabel(area.key, area.name, area.description, f"Key{area.shortcut}") for area in AREAS],
        owner=researcher,
        question=STUDY_QUESTION,
        notice=SIMULATION_NOTICE,
        answers_wanted=ANSWERS_WANTED,
        seed=seed,
    )
    for version, since in ((1, GUIDELINE_1_SINCE), (2, GUIDELINE_2_SINCE)):
        published = publish_guideline(study, text=guideline(version), by=researcher)
        # As the simulation has it: answers of October were given under guidelines of October.
        Guideline.objects.filter(pk=published.pk).update(created_at=since)
    people = {
        person.key: add_participant(study, user=_person(person), role=role, group=person.group)
        for persons, role in ((LAWYERS, Participant.Role.ANNOTATOR), (JUDGES, Participant.Role.JUDGE))
        for person in persons
    }
    return study, people


def _person(person: Person) -> User:
    made = create_person(email=person.email, name=person.name)
    if person == RESEARCHER:
        allow_creating_studies(made)
    return made


def _items(study: Study, drawn: Demonstration) -> dict[str, Item]:
    items = [
        Item(
            study=study,
            key=request.id,
            position=position,
            lang=request.lang,
            evidence=Item.Evidence.ANNOTATIONS,
        )
        for position, request in enumerate(drawn.requests)
    ]
    _write(items)
    _write(
        ItemText(item=item, position=0, name="text", text=request.text)
        for item, request in zip(items, drawn.requests, strict=True)
    )
    return {item.key: item for item in items}


def _annotations(
    study: Study, items: dict[str, Item], people: dict[str, Participant], draws: Sequence[AnnotationDraw]
) -> None:
    versions = {version.version: version for version in Guideline.objects.filter(study=study)}
    seats = [
        Assignment(
            item=items[draw.request],
            participant=people[draw.person],
            lease_until=draw.submitted_at,
            shown_at=draw.shown_at,
            done_at=draw.submitted_at,
        )
        for draw in draws
    ]
    _write(seats)
    answers = [
        Annotation(
            client_key=uuid4(),
            item=seat.item,
            participant=seat.participant,
            assignment=seat,
            gives_labels=draw.gives_labels,
            facts_insufficient=draw.facts_insufficient,
            guideline_unclear=draw.guideline_unclear,
            guideline=versions[draw.guideline_version],
            shown_at=draw.shown_at,
            submitted_at=draw.submitted_at,
            active_ms=draw.active_ms,
        )
        for draw, seat in zip(draws, seats, strict=True)
    ]
    _write(answers)
    labels = {label.key: label for label in Label.objects.filter(study=study)}
    _write(_answer_labels(draws, answers, labels))
    taken: defaultdict[str, int] = defaultdict(int)
    for draw in draws:
        taken[draw.request] += 1
    for key, n_seats in taken.items():
        items[key].seats_taken = n_seats
    Item.objects.bulk_update(items.values(), ["seats_taken"], batch_size=CHUNK)


def _answer_labels(
    draws: Sequence[AnnotationDraw], answers: Sequence[Annotation], labels: dict[str, Label]
) -> Iterable[AnnotationLabel]:
    for draw, answer in zip(draws, answers, strict=True):
        for key, certainty in draw.certainty.items():
            yield AnnotationLabel(annotation=answer, label=labels[key], chosen=True, certainty=certainty)
        for key in draw.rejected:
            yield AnnotationLabel(annotation=answer, label=labels[key], chosen=False, certainty=1.0)


def _outputs(
    study: Study, items: dict[str, Item], drawn: Demonstration
) -> dict[tuple[str, str], ShownOutput]:
    """Write the outputs; return what a judge is shown of each method and request: the mean over runs."""
    methods = [
        Method(study=study, name=method.name, base_model=method.base_model, position=position)
        for position, method in enumerate(METHODS)
    ]
    _write(methods)
    by_name = {method.name: method for method in methods}
    names = sorted({(draw.method, draw.run) for draw in drawn.outputs})
    runs = {(method, run): Run(method=by_name[method], name=str(run)) for method, run in names}
    _write(runs.values())
    vectors = [[draw.distribution[key] for key in AREA_KEYS] for draw in drawn.outputs]
    _write(
        Output(run=runs[draw.method, draw.run], item=items[draw.request], probabilities=stored_vector(vector))
        for draw, vector in zip(drawn.outputs, vectors, strict=True)
    )
    of_each: defaultdict[tuple[str, str], list[list[float]]] = defaultdict(list)
    for draw, vector in zip(drawn.outputs, vectors, strict=True):
        of_each[draw.method, draw.request].append(vector)
    return {
        key: ShownOutput(
            labels=tuple(
                ShownLabel(area.key, area.name, sum(column) / len(column))
                for area, column in zip(AREAS, zip(*runs_of, strict=True), strict=True)
            )
        )
        for key, runs_of in of_each.items()
    }


def _judgments(
    study: Study,
    items: dict[str, Item],
    people: dict[str, Participant],
    drawn: Demonstration,
    means: dict[tuple[str, str], ShownOutput],
) -> None:
    campaign = Campaign.objects.create(
        study=study,
        name=CAMPAIGN_NAME,
        question=CAMPAIGN_QUESTION,
        seed=drawn.plan_seed,
        judges_per_comparison=JUDGES_PER_COMPARISON,
    )
    methods = {method.name: method for method in Method.objects.filter(study=study)}
    comparisons = []
    for position, planned in enumerate(drawn.comparisons):
        low, high = sorted((methods[name] for name in planned.methods), key=lambda method: method.pk)
        comparisons.append(
            Comparison(
                campaign=campaign,
                item=items[planned.request],
                low=low,
                high=high,
                mode=Comparison.Mode.ALL_PAIRS,
                is_asked=True,
                position=position,
            )
        )
    for draw in drawn.judgments:
        comparisons[draw.comparison].seats_taken += 1
    _write(comparisons)
    draws = counterbalanced(drawn.judgments, campaign=campaign, people=people, methods=methods)
    exposures = [
        Exposure(
            comparison=comparisons[draw.comparison],
            participant=people[draw.person],
            low_is_left=methods[draw.left] == comparisons[draw.comparison].low,
            sequence=draw.position + 1,
            left_hash=means[draw.left, draw.request].digest,
            right_hash=means[draw.right, draw.request].digest,
            shown_at=draw.shown_at,
            done_at=draw.submitted_at,
            lease_until=draw.submitted_at,
        )
        for draw in draws
    ]
    _write(exposures)
    _write(_judgment(draw, exposure) for draw, exposure in zip(draws, exposures, strict=True))


def _judgment(draw: JudgmentDraw, exposure: Exposure) -> Judgment:
    return Judgment(
        client_key=uuid4(),
        comparison=exposure.comparison,
        exposure=exposure,
        participant=exposure.participant,
        verdict=draw.verdict,
        low_is_left=exposure.low_is_left,
        confidence=None if draw.confidence is None else draw.confidence / 5,
        reason="I cannot tell from the text." if draw.verdict == Judgment.Verdict.CANNOT else "",
        submitted_at=draw.submitted_at,
        active_ms=draw.active_ms,
    )


def _write(rows: Iterable[Model]) -> None:
    kept = list(rows)
    if kept:
        type(kept[0])._default_manager.bulk_create(kept, batch_size=CHUNK)


def visitors() -> tuple[tuple[str, str, str], ...]:
    """Whom a visitor may sign in as: address, name, what they do here."""
    # One who reads both languages of the requests.
    lawyer, judge = LAWYERS[1], JUDGES[-1]
    return (
        (RESEARCHER.email, RESEARCHER.name, "researcher, owns the study"),
        (lawyer.email, lawyer.name, "lawyer, annotates"),
        (judge.email, judge.name, "expert, judges pairs"),
    )


__all__ = ["SEED", "demonstration_study", "load_demonstration", "visitors"]
