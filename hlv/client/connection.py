"""Requests to the HTTP API, and jobs that they begin."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

Document: TypeAlias = dict[str, object]

# Worth another attempt: the server is overloaded, is being restarted, or asks for patience.
TRY_AGAIN: Final = frozenset({429, 502, 503, 504})
MOST_ATTEMPTS: Final = 6
_LONGEST_PAUSE: Final = 30.0
_OVER: Final = frozenset({"done", "failed", "cancelled"})


class ApiError(Exception):
    """A refusal of the server.

    Attributes
    ----------
    status : int
    sentence : str
        What is wrong and what to do.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{sentence} ({status})")
        self.status, self.sentence = status, sentence


class JobFailedError(Exception):
    """A job failed or was cancelled; `job` has the reason, and of an import the refused rows."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.reason or f"The job was {job.state}.")
        self.job = job


@dataclass(frozen=True)
class Connection(AbstractContextManager["Connection"]):
    """Requests of a token, sent again where the network interrupts them."""

    http: httpx.Client
    sleep: Callable[[float], None] = time.sleep

    def job(self, uuid: str) -> Job:
        return Job.read(self, self.get(f"jobs/{uuid}/"))

    def get(self, path: str) -> Any:
        """The JSON at an address below /api/v1/."""
        return self._send(lambda: self.http.get(path)).json()

    def pages(self, path: str) -> Iterator[Any]:
        """The rows of a list, whose next pages are asked for as they are needed."""
        place = path
        while True:
            page = self.get(place)
            yield from page["results"]
            if page["next"] is None:
                return
            place = f"{path.partition('?')[0]}?{urlsplit(page['next']).query}"

    def post(
        self, path: str, *, params: Mapping[str, str | list[str] | bool] | None = None, **body: Any
    ) -> Any:
        """The JSON that a request leaves; with one key however often it is sent."""
        headers = {"Idempotency-Key": str(uuid4())}
        return self._send(lambda: self.http.post(path, params=params, headers=headers, **body)).json()

    def send_file(self, path: str, file: Path, *, params: Mapping[str, str | list[str] | bool]) -> Any:
        """Send a file as it is read, once however often it is sent."""
        headers = {"Idempotency-Key": str(uuid4())}

        def send() -> httpx.Response:
            with file.open("rb") as content:
                return self.http.post(path, params=params, headers=headers, content=content)

        return self._send(send).json()

    def download(self, path: str, to: str | Path, *, params: Mapping[str, str] | None = None) -> Path:
        """Write what an address gives to a file, as it comes."""
        to = Path(to)
        unfinished = to.with_name(f"{to.name}.part")
        with self.http.stream("GET", path, params=params) as response:
            if response.is_error:
                response.read()
                raise _error(response)
            with unfinished.open("wb") as file:
                for block in response.iter_bytes():
                    file.write(block)
        return unfinished.replace(to)

    def patch(self, path: str, body: Document) -> Any:
        """The JSON that a change leaves; sent again it changes nothing more."""
        return self._send(lambda: self.http.patch(path, json=body)).json()

    def lines(self, path: str) -> Iterator[str]:
        """Lines of a stream, as they come."""
        with self.http.stream("GET", path) as response:
            if response.is_error:
                response.read()
                raise _error(response)
            yield from _lines(response.iter_text())

    def _send(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        for attempt in range(1, MOST_ATTEMPTS + 1):
            pause = min(_LONGEST_PAUSE, 0.5 * 2**attempt) * random.uniform(0.5, 1)  # noqa: S311 - no secret
            try:
                response = ask()
            except httpx.TransportError:
                if attempt == MOST_ATTEMPTS:
                    raise
            else:
                if response.status_code not in TRY_AGAIN or attempt == MOST_ATTEMPTS:
                    if response.is_error:
                        raise _error(response)
                    return response
                pause = _retry_after(response, pause)
            self.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def __exit__(self, *error: object) -> None:
        self.http.close()


@dataclass(frozen=True)
class Job:
    """The state of a job when it was last asked for."""

    client: Connection = field(repr=False)
    uuid: str
    kind: str
    state: str
    done: int
    total: int
    note: str
    reason: str
    result: Document | None = field(repr=False)

    @classmethod
    def read(cls, client: Connection, sent: dict[str, Any]) -> Job:
        names = ("uuid", "kind", "state", "done", "total", "note", "reason", "result")
        return cls(client, **{name: sent[name] for name in names})

    @property
    def is_over(self) -> bool:
        return self.state in _OVER

    def wait(self, *, seconds: float = 3600, every: float = 1.0) -> Job:
        """The job when it is done.

        Raises
        ------
        JobFailedError
            If it fails or is cancelled.
        TimeoutError
            If it is not over within so many seconds; it goes on.
        """
        job, waited = self, 0.0
        while not job.is_over:
            if waited >= seconds:
                raise TimeoutError(
                    f"The job is {job.state} after {waited:.0f} s ({job.done} of {job.total})."
                )
            self.client.sleep(every)
            waited += every
            job = self.client.job(self.uuid)
        if job.state != "done":
            raise JobFailedError(job)
        return job

    def cancel(self) -> None:
        self.client._send(lambda: self.client.http.delete(f"jobs/{self.uuid}/"))


def _error(response: httpx.Response) -> ApiError:
    try:
        sentence = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        sentence = f"The server answered {response.reason_phrase}."
    return ApiError(response.status_code, sentence)


def _retry_after(response: httpx.Response, pause: float) -> float:
    asked = response.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else pause


def _lines(blocks: Iterable[str]) -> Iterator[str]:
    """Lines that end in a line feed: a text may contain the other ends of lines that Unicode knows."""
    rest = ""
    for block in blocks:
        *whole, rest = (rest + block).split("\n")
        yield from whole
    if rest:
        yield rest
