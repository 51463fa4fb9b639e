"""The invented study holds what the demonstration promises."""

from collections import Counter

import pytest

from hlv.demo.study import (
    AREA_KEYS,
    AREAS,
    JUDGES,
    LAWYERS,
    SEED,
    SIMULATION_NOTICE,
    Request,
    guideline,
    requests,
)


@pytest.fixture(scope="module")
def texts() -> tuple[Request, ...]:
    return requests()


def test_there_are_enough_requests_in_both_languages(texts: tuple[Request, ...]) -> None:
    languages = Counter(request.lang for request in texts)
    assert set(languages) == {"en", "ar"}
    assert languages["en"] >= 110
    assert languages["ar"] >= 18


def test_no_two_requests_are_the_same(texts: tuple[Request, ...]) -> None:
    assert len({request.id for request in texts}) == len(texts)
    assert len({request.text for request in texts}) == len(texts)
    assert len({request.text.split("\n\n")[0] for request in texts}) == len(texts)


def test_a_request_has_two_to_four_paragraphs_of_readable_length(texts: tuple[Request, ...]) -> None:
    for request in texts:
        assert 2 <= len(request.text.split("\n\n")) <= 4, request.id
        assert 60 <= len(request.text.split()) <= 160, request.id


def test_arabic_requests_are_in_arabic_letters_and_some_mix_latin(texts: tuple[Request, ...]) -> None:
    arabic = [request.text for request in texts if request.lang == "ar"]
    assert all("\u0600" <= text[0] <= "\u06ff" for text in arabic)
    assert sum(any("a" <= letter <= "z" for letter in text) for text in arabic) >= 3


def test_areas_of_a_request_are_known_and_probable(texts: tuple[Request, ...]) -> None:
    for request in texts:
        assert set(request.areas) <= set(AREA_KEYS), request.id
        assert all(0 < chance < 1 for chance in request.areas.values()), request.id


def test_some_requests_are_clear_some_divided_and_some_raise_no_area(texts: tuple[Request, ...]) -> None:
    best = [max(request.areas.values(), default=0.0) for request in texts]
    assert sum(chance >= 0.9 for chance in best) >= 30
    assert sum(0.4 <= chance <= 0.7 for chance in best) >= 10
    assert sum(chance < 0.4 for chance in best) >= 3


def test_every_area_is_the_likely_answer_of_several_requests(texts: tuple[Request, ...]) -> None:
    likely = Counter(key for request in texts for key, chance in request.areas.items() if chance > 0.5)
    assert min(likely[key] for key in AREA_KEYS) >= 8


def test_twelve_areas_have_their_keys_in_three_rows_of_four() -> None:
    assert len(AREAS) == len(set(AREA_KEYS)) == 12
    assert "".join(area.shortcut for area in AREAS) == "QWERASDFZXCV"
    assert all(area.description.endswith(".") for area in AREAS)


def test_a_dozen_lawyers_in_two_groups_and_eight_judges() -> None:
    assert len(LAWYERS) == 12
    assert {person.group for person in LAWYERS} == {"bar", "academia"}
    assert len(JUDGES) == 8
    people = LAWYERS + JUDGES
    assert len({person.name for person in people}) == len({person.email for person in people}) == 20


def test_addresses_of_the_simulated_people_cannot_exist() -> None:
    assert all(person.email.endswith(".invalid") for person in LAWYERS + JUDGES)


def test_the_second_guideline_changes_one_rule_only() -> None:
    first, second = guideline(1).splitlines(), guideline(2).splitlines()
    changed = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    assert len(changed) == 1
    assert changed[0][1].startswith("- **Contract**")
    assert 300 <= len(guideline(1).split()) <= 400


def test_the_notice_says_that_people_are_simulated_and_names_the_seed() -> None:
    assert "simulated" in SIMULATION_NOTICE
    assert str(SEED) in SIMULATION_NOTICE
