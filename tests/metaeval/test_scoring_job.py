"""Which metrics a job scores."""

from __future__ import annotations

import pytest

from annotations.jobs import JobRefusedError
from metaeval.services.scoring_job import requested_metrics
from tests.making import make_methods, make_study, make_uploaded_metric

pytestmark = pytest.mark.django_db


def test_without_names_all_metrics_are_requested() -> None:
    study = make_study()
    metric = make_uploaded_metric(study, make_methods(study, ("a", "b")), [1.0, 2.0])
    found = requested_metrics(study, ())
    assert (found.built_in, found.uploads) == (None, (metric.name,))


def test_names_are_split_into_built_in_and_uploaded_metrics() -> None:
    study = make_study()
    metric = make_uploaded_metric(study, make_methods(study, ("a", "b")), [1.0, 2.0])
    found = requested_metrics(study, ("po_jsd", metric.name, metric.name))
    assert (found.built_in, found.uploads) == (("po_jsd",), (metric.name,))


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(JobRefusedError, match=r"No metric is called 'colour'; known are .*po_jsd"):
        requested_metrics(make_study(), ("colour",))
