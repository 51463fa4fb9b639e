"""A flood of sign-ins: what finds no place is refused at once, and pages go on."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http import HTTPStatus

import pytest

from hlv.sign_in import ConcurrencyLimit
from tests.conftest import OwnPlace
from tests.hlv.test_serve import Served, serving

Wait = Callable[[Callable[[], bool], float], None]


def test_one_address_leaves_places_to_others() -> None:
    limit = ConcurrencyLimit(in_all=3, of_address=2)
    with ExitStack() as stack:
        asked = ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3"]
        answers = [stack.enter_context(limit.place(address)) for address in asked]
    assert answers == [True, True, False, True, False]
    with limit.place("192.0.2.1") as again:
        assert again


def test_the_addresses_of_one_network_count_as_one() -> None:
    limit = ConcurrencyLimit(in_all=3, of_address=1)
    with limit.place("2001:db8::1") as first, limit.place("2001:db8::2") as second:
        assert (first, second) == (True, False)
    with limit.place("2001:db8::1") as first, limit.place("2001:db8:0:1::1") as elsewhere:
        assert (first, elsewhere) == (True, True)


def timed_page(served: Served) -> float:
    began = time.monotonic()
    assert served.get("/sign-in/")[0] == 200
    return time.monotonic() - began


@pytest.mark.embedded
def test_forty_sign_ins_at_once_are_refused_in_part_and_stop_no_page(
    own_place: OwnPlace, wait_until: Wait
) -> None:
    assert own_place.hlv("create-person", "lin@example.org").returncode == 0
    with serving(own_place, wait_until, "--no-worker") as served:
        address = f"http://127.0.0.1:{served.port}/sign-in/"
        with urllib.request.urlopen(address, timeout=60) as page:
            cookie = page.headers["Set-Cookie"].partition(";")[0]
            (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())[:1]
        form = {"csrfmiddlewaretoken": token, "password": "x"}

        def sign_in(number: int) -> tuple[int, str]:
            data = urllib.parse.urlencode(form | {"username": f"nobody{number}@example.org"}).encode()
            request = urllib.request.Request(address, data, headers={"Cookie": cookie})
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    return response.status, ""
            except urllib.error.HTTPError as refused:
                return refused.code, refused.headers["Retry-After"] or ""

        alone = timed_page(served)
        with ThreadPoolExecutor(40) as clients:
            flood = [clients.submit(sign_in, number) for number in range(40)]
            beside = timed_page(served)
            answers = Counter(one.result() for one in flood)
        assert answers[HTTPStatus.TOO_MANY_REQUESTS, "2"] > 0
        assert {status for status, _ in answers} <= {200, 429}
        assert beside < 5 + 10 * alone
