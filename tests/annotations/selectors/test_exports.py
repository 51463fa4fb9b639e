"""Names of people in files: pseudonyms, or names that tell people apart."""

from __future__ import annotations

import pytest

from annotations.selectors.exports import participant_names
from tests.making import make_participant, make_person, make_study

pytestmark = pytest.mark.django_db


def test_people_have_pseudonyms_unless_names_may_be_seen() -> None:
    study = make_study()
    person = make_participant(study, user=make_person("Lin"))
    assert participant_names(study, with_names=False) == {person.pk: "Annotator 1"}
    assert participant_names(study, with_names=True) == {person.pk: "Lin"}


def test_two_people_of_one_name_are_told_apart_by_their_addresses() -> None:
    study = make_study()
    first = make_participant(study, user=make_person("Lin", email="lin@example.org"))
    second = make_participant(study, user=make_person("Lin", email="other@example.org"))
    third = make_participant(study, user=make_person("Amira"))
    assert participant_names(study, with_names=True) == {
        first.pk: "Lin (lin@example.org)",
        second.pk: "Lin (other@example.org)",
        third.pk: "Amira",
    }


def test_one_person_in_two_roles_keeps_one_name() -> None:
    study, person = make_study(), make_person("Lin")
    roles = [make_participant(study, role, user=person) for role in ("annotator", "judge")]
    assert participant_names(study, with_names=True) == {one.pk: "Lin" for one in roles}
