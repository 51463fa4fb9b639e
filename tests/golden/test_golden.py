"""The demonstration gives what it gave: bundle, commands, rows and addresses, numbers to 1e-9."""

from __future__ import annotations

import os

import pytest

from tests.conftest import OwnPlace
from tests.golden.keeping import Texts, keep, kept_texts, make_texts
from tests.golden.texts import differences, flattened, masked

FILES_SHOWN, LINES_SHOWN, WIDTH = 12, 4, 200
WRITING = "HLV_WRITE_GOLDEN"


def told(expected: Texts, found: Texts) -> list[str]:
    """The first differences, with file and line; empty where there is none."""
    lines = [f"{name}: is no longer made" for name in sorted(set(expected) - set(found))]
    lines += [f"{name}: is new" for name in sorted(set(found) - set(expected))]
    changed = {
        name: apart
        for name in sorted(set(expected) & set(found))
        if (apart := differences(expected[name], found[name]))
    }
    for name, apart in list(changed.items())[:FILES_SHOWN]:
        lines.append(f"{name}: {len(apart)} of {len(expected[name].splitlines())} lines differ")
        for one in apart[:LINES_SHOWN]:
            lines += [
                f"  line {one.line}",
                f"    - {_near(one.expected, one.found)}",
                f"    + {_near(one.found, one.expected)}",
            ]
    if len(changed) > FILES_SHOWN:
        lines.append(
            f"... and {len(changed) - FILES_SHOWN} more files: {', '.join(list(changed)[FILES_SHOWN:])}"
        )
    return lines


def _near(line: str, other: str) -> str:
    """A line, from a little before it differs."""
    alike = next((n for n, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), 0)
    start = max(0, alike - WIDTH // 4)
    return f"{'… ' if start else ''}{line[start : start + WIDTH]}"


# Marked, so that the migrated copy for `own_place` is made where this test runs alone.
@pytest.mark.django_db
def test_the_demonstration_gives_what_it_gave(own_place: OwnPlace) -> None:
    found = make_texts(own_place.folder, own_place.environment)
    apart = told(kept_texts(), found)
    if os.environ.get(WRITING):
        keep(found)
        print("\n".join(apart or ["nothing has changed"]))
        return
    assert not apart, "\n".join(
        [*apart, "If that is meant: `make golden`, in a commit of its own that says why, without a move."]
    )


def test_a_number_may_differ_in_its_last_digits_and_a_word_may_not() -> None:
    assert differences("a = 0.123456789012", "a = 0.123456789013") == []
    assert differences("a = 1e-13", "a = 0") == []
    (apart,) = differences("same\nstrength 1.5 of b", "same\nstrength 1.500001 of b")
    assert (apart.line, apart.found) == (2, "strength 1.500001 of b")
    assert differences("tau .8 of 3", "taus .8 of 3")
    assert differences("one", "one\nand another")


def test_identifiers_times_and_the_version_are_masked() -> None:
    told_of = "snapshot 7f5a8f0e-6f3c-4b83-9a53-2f0c1d0a5b11 as of 2026-12-01T03:02:08Z by hlv 0.1.0 in 2 s"
    assert masked(told_of, version="hlv 0.1.0") == "snapshot <identifier> as of <time> by <version> in 2 s"
    assert list(flattened({"a": [{"b": 1.5}, None], "c": {}})) == ["a[0].b = 1.5", "a[1] = None", "c = {}"]


def test_a_difference_is_told_with_its_file_and_what_is_missing() -> None:
    lines = told({"a.txt": "x = 1", "gone.txt": ""}, {"a.txt": "x = 2", "new.txt": ""})
    assert lines == [
        "gone.txt: is no longer made", "new.txt: is new", "a.txt: 1 of 1 lines differ", "  line 1", "    - x = 1", "    + x = 2",
    ]  # fmt: skip
