"""Names of methods in files: found in their base model, and alone without it."""

from __future__ import annotations

import pytest

from metaeval.importers.resolve import StudyMethods
from metaeval.models import Method
from tests.making import make_methods, make_study

pytestmark = pytest.mark.django_db


def test_a_name_is_found_without_its_base_model_where_only_one_has_it() -> None:
    study = make_study()
    (soft,) = make_methods(study, ["soft"], base_model="roberta")
    methods = StudyMethods(study)
    assert methods.find("soft") == methods.find("soft", base_model="roberta") == soft.pk
    assert methods.find("soft", base_model="llama") is None


def test_a_name_of_two_base_models_is_refused_until_one_is_named() -> None:
    study = make_study()
    (roberta,) = make_methods(study, ["soft"], base_model="roberta")
    make_methods(study, ["soft"], base_model="llama")
    methods = StudyMethods(study)
    assert "several methods “soft”" in (methods.wrong("soft") or "")
    assert methods.wrong("soft", base_model="roberta") is None
    assert methods.find("soft (roberta)") == roberta.pk


def test_missing_methods_are_made_once_after_those_there_are() -> None:
    study = make_study()
    make_methods(study, ["a"])
    methods = StudyMethods(study)
    assert methods.ensure([("", "b"), ("", "a"), ("", "b"), ("llama", "b")]) == 2
    made = Method.objects.filter(study=study).order_by("position")
    assert [(one.base_model, one.name) for one in made] == [("", "a"), ("", "b"), ("llama", "b")]
    assert len({one.position for one in made}) == 3
