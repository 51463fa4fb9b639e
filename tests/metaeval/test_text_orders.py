"""Orders of texts by disagreement: a job computes them all."""

from __future__ import annotations

import pytest

from annotations import jobs
from annotations.models import Job
from metaeval.models import TextOrder, TextReport
from metaeval.results.text_orders import ordered_texts
from metaeval.services.text_orders import NOTHING
from tests.making import make_study
from tests.metaeval.judged import make_judged
from tests.metaeval.test_label_weights import answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def test_texts_come_by_the_entropy_of_their_labels() -> None:
    study = make_judged().study
    agreed, disputed, *_ = study.items.order_by("position")
    answer(agreed, {"housing": 1.0}, {"housing": 1.0})
    answer(disputed, {"housing": 1.0}, {"contract": 1.0})
    done = jobs.run_now(jobs.create(kind="texts", study=study, params={}))
    assert done.state == Job.State.DONE, done.reason
    report = TextReport.objects.get()
    (text,) = ordered_texts(report, TextOrder.objects.get(report=report, name="entropy"))
    assert (text.item, text.n) == (str(disputed.uuid), 2)


def test_without_two_answers_to_a_text_the_job_is_refused() -> None:
    done = jobs.run_now(jobs.create(kind="texts", study=make_study(), params={}))
    assert (done.state, done.reason) == (Job.State.FAILED, NOTHING)
