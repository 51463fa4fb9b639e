from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from annotations.services.invitations import Terms
from annotations.study_forms import InvitationForm, free_slug
from tests.making import make_study

pytestmark = pytest.mark.django_db


def invitation_form(whom: str) -> InvitationForm:
    return InvitationForm(
        {"role": "judge", "group": "bar", "quota": "5", "days": "7", "key": uuid4(), "whom": whom}
    )


def test_an_invitation_form_gives_its_terms_and_each_line_as_address_or_note() -> None:
    form = invitation_form("Ann@Example.org\n\nthe clerk of court 3\n")
    assert form.is_valid()
    assert form.terms == Terms(role="judge", group="bar", quota=5, days=7)
    assert form.batch.whom == [("ann@example.org", ""), ("", "the clerk of court 3")]


@pytest.mark.parametrize("whom", ["ann@", "a@example.org\nA@example.org", "\n".join(map(str, range(101)))])
def test_a_wrong_a_repeated_and_the_101st_line_are_refused(whom: str) -> None:
    assert "whom" in invitation_form(whom).errors


def test_a_taken_slug_is_refused_with_a_free_one() -> None:
    make_study(slug="areas")
    assert free_slug("", name="Areas of Law") == "areas-of-law"
    with pytest.raises(ValidationError, match="areas-2"):
        free_slug("areas", name="")
