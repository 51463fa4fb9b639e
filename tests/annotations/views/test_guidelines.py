"""Guidelines: the newest by itself, older ones by number, and Markdown that cannot do harm."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.models import Study
from annotations.services.studies import publish_guideline
from tests.making import make_participant, make_study

pytestmark = pytest.mark.django_db


def signed_in(study: Study) -> Client:
    client = Client()
    person = make_participant(study).user
    assert person is not None
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_newest_version_is_shown_and_older_ones_by_number() -> None:
    study = make_study()
    publish_guideline(study, text="Read *once*.")
    publish_guideline(study, text="Read <script>twice</script>.")
    client = signed_in(study)
    page = client.get(f"/studies/{study.uuid}/guideline/").content.decode()
    assert "Version 2" in page
    assert "Read &lt;script&gt;twice&lt;/script&gt;." in page
    assert "<em>once</em>" in client.get(f"/studies/{study.uuid}/guideline/?version=1").content.decode()


@pytest.mark.parametrize("version", ["3", "-1", "one", "²", "1 or 1"])
def test_a_version_that_is_not_there_is_not_found(version: str) -> None:
    study = make_study()
    publish_guideline(study, text="Read.")
    address = f"/studies/{study.uuid}/guideline/"
    assert signed_in(study).get(address, {"version": version}).status_code == 404


def test_a_study_without_a_guideline_says_so() -> None:
    study = make_study()
    page = signed_in(study).get(f"/studies/{study.uuid}/guideline/").content.decode()
    assert "No guideline has been published" in page
