"""The job that trains: files outputs of test texts only, as one import, and again to the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from annotations import jobs
from annotations.jobs import JobRefusedError
from annotations.models import Import, Item, ItemText, Job, Study
from annotations.services.imports import withdraw_import
from metaeval.models import Method, Output, Training
from metaeval.results.training import read_training
from metaeval.selectors.outputs import current_outputs
from metaeval.services.training import prepare_training, read_training_parameters
from tests.making import make_participant, make_person
from tests.metaeval.making_training import answer, make_split_study

pytestmark = pytest.mark.django_db

QUICK = {"methods": ["SL", "MV", "AE", "AEh"], "split": "split", "runs": 2, "learning_rates": [0.03]}


def run_training(study: Study, **params: object) -> Job:
    job = jobs.create(kind="training", study=study, params={**QUICK, **params})
    job = jobs.run_now(job)
    assert job.state == Job.State.DONE, job.reason
    return job


def outputs_by_place(study: Study) -> dict[tuple[str, str, str], bytes]:
    rows = current_outputs().filter(run__method__study=study)
    return {
        (method, run, item): bytes(stored)
        for method, run, item, stored in rows.values_list(
            "run__method__name", "run__name", "item__key", "probabilities"
        )
        if stored is not None
    }


def test_outputs_of_test_texts_are_filed_as_one_import() -> None:
    study = make_split_study()
    run_training(study)
    assert list(study.methods.values_list("name", "base_model")) == [
        (name, "char n-grams") for name in ("Train mean", "SL", "MV", "AE", "AEh")
    ]
    outputs = outputs_by_place(study)
    tested = {item.key for item in study.items.all() if item.metadata["split"] == "test"}
    assert {item for _, _, item in outputs} == tested
    assert {run for method, run, _ in outputs if method == "SL"} == {"1", "2"}
    batch = Import.objects.get()
    assert (batch.kind, batch.format, batch.n_added) == ("outputs", "training", 12 * (4 * 2 + 1))
    training = Training.objects.get()
    assert training.batch == batch
    result = read_training(training)
    assert result.n_added == batch.n_added
    assert [(part.train, part.dev, part.test) for part in result.plan.parts] == [(36, 12, 12)]
    assert {one.training for one in result.runs} == {"SL", "MV", "AE"}


def test_trained_methods_know_more_than_the_mean() -> None:
    study = make_split_study(n_texts=120)
    run_training(study, methods=["SL"])
    labels = dict(study.items.values_list("key", "texts__text"))
    right = 0
    for (method, _, item), stored in outputs_by_place(study).items():
        if method == "SL":
            output = np.frombuffer(stored)
            is_good = labels[item].split()[0] in ("good", "happy", "fine", "sunny")
            right += bool(output[0] > 0.5) == is_good
    assert right > 0.8 * 2 * 24


def test_training_again_files_nothing_new_and_other_seeds_add_runs() -> None:
    study = make_split_study()
    run_training(study)
    before = outputs_by_place(study)
    run_training(study)
    assert outputs_by_place(study) == before
    assert Training.objects.latest().batch is None
    run_training(study, seed=2)
    after = outputs_by_place(study)
    assert after.items() > before.items()
    assert {run for method, run, _ in after if method == "SL"} == {"1", "2", "3"}


def test_another_selection_needs_another_name() -> None:
    study = make_split_study()
    run_training(study)
    job = jobs.run_now(jobs.create(kind="training", study=study, params={**QUICK, "select": "none"}))
    assert job.state == Job.State.FAILED
    assert "--base-model" in job.reason
    run_training(study, select="none", base_model="last epoch")
    assert Method.objects.filter(base_model="last epoch").count() == 5


def test_a_withdrawn_training_takes_its_outputs_along_and_comes_back() -> None:
    study = make_split_study()
    run_training(study)
    before = outputs_by_place(study)
    withdraw_import(Import.objects.get(), by=make_person(), reason="wrong texts")
    assert not outputs_by_place(study)
    run_training(study)
    assert outputs_by_place(study) == before


def test_answers_to_test_texts_change_no_output() -> None:
    study = make_split_study()
    run_training(study)
    before = outputs_by_place(study)
    person = make_participant(study)
    label = study.labels.order_by("position")[0]
    for item in study.items.all():
        if item.metadata["split"] == "test":
            answer(item, person, [label])
    run_training(study, base_model="again")
    rows = current_outputs().filter(run__method__base_model="again")
    assert sorted(map(bytes, rows.values_list("probabilities", flat=True))) == sorted(before.values())


def test_a_test_text_that_trains_elsewhere_gets_no_output() -> None:
    study = make_split_study()
    first = study.items.earliest("position")
    repeated = Item.objects.create(study=study, key="repeated", position=60, metadata={"split": "test"})
    ItemText.objects.create(item=repeated, position=0, name="text", text=first.texts.get().text)
    plan = prepare_training(study, read_training_parameters(QUICK)).plan
    assert (plan.n_repeated, plan.n_tested) == (1, 12)


def test_folds_give_every_text_an_output() -> None:
    study = make_split_study(n_texts=40)
    run_training(study, split="", folds=4, methods=["SL"], runs=1)
    assert len({item for _, _, item in outputs_by_place(study)}) == 40


def test_uploaded_features_are_found_by_the_keys_of_their_rows(tmp_path) -> None:  # type: ignore[no-untyped-def]
    study = make_split_study()
    keys = list(study.items.order_by("-position").values_list("key", flat=True))
    features, items = tmp_path / "minilm.npy", tmp_path / "items.txt"
    np.save(features, np.random.default_rng(1).normal(size=(60, 8)))
    items.write_text("\n".join(keys), encoding="utf-8")
    run_training(study, features=str(features), items=str(items), methods=["SL"])
    assert Method.objects.filter(base_model="minilm", name="SL").exists()
    items.write_text("\n".join(["other", *keys[1:]]), encoding="utf-8")
    job = jobs.run_now(
        jobs.create(
            kind="training", study=study, params={**QUICK, "features": str(features), "items": str(items)}
        )
    )
    assert "lacks 1 texts" in job.reason


def test_a_cancelled_training_files_nothing() -> None:
    study = make_split_study()
    job = jobs.create(kind="training", study=study, params=QUICK)
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    assert jobs.run(claimed).state == Job.State.CANCELLED
    assert not Output.objects.exists()
    assert not Training.objects.exists()


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"methods": ["XX"]}, "No training method is called 'XX'"),
        ({"select": "luck"}, "cannot be selected by 'luck'"),
        ({"split": "colour"}, "No text of this study has the fact 'colour'"),
        ({"runs": 0}, "number of runs"),
        ({"learning_rates": []}, "Learning rates"),
        ({"split": "", "folds": 99}, "cannot make 99 folds"),
        ({"wishes": 1}, "Training has no option 'wishes'"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_there_is_a_job(
    params: dict[str, object], sentence: str
) -> None:
    study = make_split_study(n_texts=20)
    with pytest.raises(JobRefusedError, match=sentence):
        jobs.create(kind="training", study=study, params={**QUICK, **params})
    assert not Job.objects.exists()


def test_equal_texts_and_answers_of_another_study_give_the_same_outputs() -> None:
    one, other = make_split_study(), make_split_study()
    run_training(one)
    run_training(other)
    assert outputs_by_place(one) == outputs_by_place(other)
