"""How a p is printed."""

from __future__ import annotations

import pytest

from hlv.stats.reporting import p_equals, p_text


@pytest.mark.parametrize(
    ("p", "alone", "in_a_sentence"),
    [
        (0.0, "< .001", "< .001"),
        (0.00099, "< .001", "< .001"),
        (0.001, ".001", "= .001"),
        (0.0314, ".031", "= .031"),
        (0.9996, "1", "= 1"),
        (1.0, "1", "= 1"),
    ],
)
def test_a_p_is_never_nought_and_has_no_leading_zero(p: float, alone: str, in_a_sentence: str) -> None:
    assert (p_text(p), p_equals(p)) == (alone, in_a_sentence)
