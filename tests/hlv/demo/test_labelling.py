"""Readers of the simulated requests."""

from __future__ import annotations

from collections import Counter

import numpy as np

from hlv.demo.labelling import assign_readers
from hlv.demo.study import ANSWERS_PER_REQUEST, LAWYERS, requests


def test_every_request_has_its_readers_and_nobody_gets_a_language_they_do_not_read() -> None:
    texts = requests()
    own = assign_readers(texts, LAWYERS, np.random.default_rng(3))
    assert set(Counter(n for one in own for n in one).values()) == {ANSWERS_PER_REQUEST}
    for person, numbers in zip(LAWYERS, own, strict=True):
        assert {texts[n].lang for n in numbers} <= set(person.languages)
        assert len(set(numbers)) == len(numbers)
