"""The direction of an uploaded metric is corrected with a record, and results that used the former one say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.formats.import_options import ImportRefusedError
from metaeval.formats.evaluation_options import Directions, EvaluationOptions
from metaeval.models import Metric, MetricDirection
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.scores import corrected_directions
from metaeval.services.imports import import_scores
from metaeval.services.metric_agreement import agree_with_score
from metaeval.services.metric_directions import DirectionRefusedError, correct_direction
from tests.files import write_rows
from tests.hlv.commands import refusal, run
from tests.making import make_methods, make_participant, make_study, make_uploaded_metric
from tests.metaeval.making import make_agreement_snapshot, make_board, make_ranking_snapshot, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.both_databases
def test_the_database_refuses_a_direction_without_a_record() -> None:
    study = make_study()
    metric = make_uploaded_metric(study, make_methods(study), [1.0, 2.0, 3.0])
    rows = Metric.objects.filter(pk=metric.pk)
    with pytest.raises(IntegrityError, match="only with a record"), transaction.atomic():
        rows.update(higher_is_better=False)
    assert correct_direction(metric, higher_is_better=False, by=None)
    assert not correct_direction(metric, higher_is_better=False, by=None)
    assert not rows.get().higher_is_better
    with pytest.raises(IntegrityError, match="only with a record"), transaction.atomic():
        rows.update(higher_is_better=True)
    with pytest.raises(IntegrityError, match="never edited or deleted"), transaction.atomic():
        MetricDirection.objects.update(higher_is_better=True)
    change = study.changes.first()
    assert change is not None
    assert (change.subject, change.before, change.after) == (
        f"direction of {metric.name}",
        "higher is better",
        "lower is better",
    )


def test_a_built_in_metric_keeps_its_direction() -> None:
    study = make_study()
    metric = Metric.objects.create(study=study, name="po_jsd", origin=Metric.Origin.BUILT_IN)
    with pytest.raises(DirectionRefusedError, match="follows from its definition"):
        correct_direction(metric, higher_is_better=False, by=None)


def test_a_correction_changes_the_data_fingerprint_and_the_sign() -> None:
    study = make_study()
    methods = make_methods(study, ("a", "b", "c", "d"))
    human = make_uploaded_metric(study, methods, [1.0, 2.0, 3.0, 4.0])
    metric = make_uploaded_metric(study, methods, [0.4, 0.3, 0.2, 0.15])
    options = RankingOptions(n_resamples=0)
    before = agree_with_score(study, human.name, options).keep()
    correct_direction(metric, higher_is_better=False, by=None)
    after = agree_with_score(study, human.name, options).keep()
    taus = [one.result["metrics"][0]["kendall_tau_b"]["value"] for one in (before, after)]
    assert taus == [-1.0, 1.0]
    assert before.data_fingerprint != after.data_fingerprint
    before.refresh_from_db()
    assert before.result["metrics"][0]["higher_is_better"] is True


def test_a_direction_that_was_turned_back_is_the_one_of_then() -> None:
    study = make_study()
    methods = make_methods(study)
    turned, back = (make_uploaded_metric(study, methods, [1.0, 2.0, 3.0]) for _ in range(2))
    since = timezone.now()
    for metric, direction in ((turned, False), (back, False), (back, True)):
        correct_direction(metric, higher_is_better=direction, by=None)
    assert corrected_directions(study.pk, since=since) == [turned.name]
    assert corrected_directions(study.pk, since=timezone.now()) == []


def test_pages_mark_results_with_the_former_direction() -> None:
    campaign = make_board()
    ranked = make_ranking_snapshot(campaign)
    make_agreement_snapshot(ranked)
    metric = make_uploaded_metric(campaign.study, list(campaign.study.methods.all()), [1.0, 2.0, 3.0])
    client = signed_in(make_participant(campaign.study, "researcher"))
    addresses = [f"/campaigns/{campaign.uuid}/{page}/" for page in ("results", "report")]
    assert not any("Not current" in client.get(address).content.decode() for address in addresses)
    correct = f"/metrics/{metric.uuid}/direction/"
    assert "lower is better now" in client.post(correct, {"direction": "down"}, follow=True).content.decode()
    for address in addresses:
        page = client.get(address).content.decode()
        assert f"the direction of {metric.name} was corrected after this snapshot" in page
    assert "as before" in client.post(correct, {"direction": "down"}, follow=True).content.decode()
    assert "Choose a direction" in client.post(correct, {"direction": ""}, follow=True).content.decode()


@pytest.mark.both_databases
def test_a_direction_is_corrected_by_command(tmp_path: Path) -> None:
    study = make_study(slug="ready")
    make_methods(study, ["A"])
    path = write_rows(tmp_path / "s.csv", ("method", "TER"), ("A", "0.5"))
    import_scores(study, [path])
    down = EvaluationOptions(directions=Directions.parse(["down"]))
    with pytest.raises(ImportRefusedError, match="hlv set-direction"):
        import_scores(study, [path], options=down)
    assert run("set-direction", "ready", "TER", "down").startswith("TER: lower is better. Results")
    assert import_scores(study, [path], options=down).n_known == 1
    assert run("set-direction", "ready", "TER", "down") == "TER: lower is better, as before.\n"
    assert json.loads(run("set-direction", "ready", "TER", "up", "--json")) == {
        "metric": "TER",
        "higher_is_better": True,
        "changed": True,
    }
    assert "no direction" in refusal("set-direction", "ready", "TER", "sideways")
    assert "no metric “BLEU” (uploaded: TER)" in refusal("set-direction", "ready", "BLEU", "up")
