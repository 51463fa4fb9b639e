"""The newest change of a study."""

from __future__ import annotations

import pytest

from annotations.selectors.changes import newest_change
from annotations.services.studies import publish_guideline
from tests.making import make_study

pytestmark = pytest.mark.django_db


def test_the_newest_change_is_of_this_study() -> None:
    study, other = make_study(), make_study()
    publish_guideline(study, text="Read all of it.")
    first = newest_change(study).get()
    publish_guideline(study, text="Read half of it.")
    second = newest_change(study).get()
    publish_guideline(other, text="Read none of it.")
    assert first < second == newest_change(study).get() < newest_change(other).get()
