"""The demonstration keeps the rules that an audit checks."""

from __future__ import annotations

import pytest

from hlv.demo.load import load_demonstration
from metaeval.models import Campaign
from metaeval.selectors.audit import audit

pytestmark = pytest.mark.django_db


def test_an_audit_finds_the_demonstration_in_order() -> None:
    load_demonstration()
    found = audit(Campaign.objects.get())
    assert found.n_exposures > 2000
    assert (found.n_against_the_rule, found.n_changed, found.n_orders_alike) == (0, 0, 0)
    assert max(judge.largest_difference for judge in found.judges) <= 1
