"""A client of the HTTP API for notebooks and scripts: `pip install hlv[client]`.

    from hlv.client import connect

    study = connect("https://hlv.example.org", token="hlv_…").study("intake")
    study.import_file("answers.csv", kind="annotations").wait()
    study.run("metaeval", seed=7).wait()
    study.results("metric-agreements")[0].document()

A request that the network or the server interrupts is sent again with the same idempotency key, so nothing is done twice.
Importing this module loads no Django.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


def connect(
    url: str,
    *,
    token: str,
    timeout: float = 60.0,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Client:
    """A client of the server at `url`; `hlv create-token` makes tokens."""
    return Client(
        httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            transport=transport,
        ),
        sleep,
    )


@dataclass(frozen=True)
class Client(AbstractContextManager["Client"]):
    """The studies that a token opens."""

    http: httpx.Client
    sleep: Callable[[float], None] = time.sleep

    def studies(self) -> list[Study]:
        return [
            Study(self, one["uuid"], one["slug"], one["name"], one["task"]) for one in self.pages("studies/")
        ]

    def study(self, slug: str) -> Study:
        """The study with this slug.

        Raises
        ------
        LookupError
            If the token opens no study of this slug; the message names those it opens.
        """
        studies = {study.slug: study for study in self.studies()}
        if slug not in studies:
            raise LookupError(f"This token opens no study {slug!r}; it opens {', '.join(studies) or 'none'}.")
        return studies[slug]

    def create_study(
        self, slug: str, *, task: str = "none", labels: Sequence[str | Document] = (), **settings: object
    ) -> Study:
        """A new study that the person of the token owns.

        Parameters
        ----------
        labels
            Keys, or {"key": ..., "name": ..., "description": ...}, in the order of the columns of distributions.
        settings
            Such as name, question, description, answers_wanted, order, time_zone.
        """
        named = [label if isinstance(label, dict) else {"key": label} for label in labels]
        made = self.post("studies/", json={"slug": slug, "task": task, "labels": named, **settings})
        return Study(self, made["uuid"], made["slug"], made["name"], made["task"])

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
class Study:
    """One study."""

    client: Client = field(repr=False)
    uuid: str
    slug: str
    name: str
    task: str

    def items(self) -> Iterator[Document]:
        return self._documents("items/")

    def annotations(self) -> Iterator[Document]:
        """The newest answer of each annotator to each item."""
        return self._documents("annotations/")

    def distributions(self) -> Iterator[Document]:
        return self._documents("distributions/")

    def methods(self) -> Iterator[Document]:
        return self._documents("methods/")

    def outputs(self) -> Iterator[Document]:
        return self._documents("outputs/")

    def scores(self) -> Iterator[Document]:
        """Scores that files gave, then those of the newest scoring."""
        return self._documents("scores/")

    def campaigns(self) -> dict[str, str]:
        """Identifiers of the judging campaigns by name."""
        return {one["name"]: one["uuid"] for one in self.client.pages(f"{self._path}campaigns/")}

    def judgments(self, campaign: str) -> Iterator[Document]:
        """The newest judgments of a campaign, by its name."""
        return self._documents("judgments/", of=self._of_campaign(campaign))

    def save(self, rows: str, to: str | Path, *, campaign: str = "") -> Path:
        """Write all rows to a file, CSV if its name ends so, else NDJSON.

        `rows` are "items", "annotations", "distributions", "methods", "outputs", "scores", or "judgments" of a campaign.
        """
        of = self._of_campaign(campaign) if campaign else self._path
        ending = "csv" if Path(to).suffix.lower() == ".csv" else "ndjson"
        return self.client.download(f"{of}{rows}/", to, params={"format": ending})

    def export(self, to: str | Path, *, as_of: str = "", names: bool = False, **privacy: bool) -> Path:
        """Write the bundle of `hlv export` to a zip file; privacy is round_times or without_free_text."""
        wanted = {"as_of": as_of, "names": names, **privacy}
        job = Job.read(self.client, self.client.post(f"{self._path}bundles/", json=wanted)).wait()
        return self.client.download(f"jobs/{job.uuid}/bundle/", to)

    def results(self, kind: str | None = None) -> list[Result]:
        """Stored results, of one kind or of all, the newest first."""
        asked = "" if kind is None else f"?kind={kind}"
        return [Result(self, **one) for one in self.client.pages(f"{self._path}results/{asked}")]

    def import_file(self, path: str | Path, *, kind: str, **options: str | list[str] | bool) -> Job:
        """Import a file; options are those of `hlv import`, such as mapping=["item=id"], or dry_run=True."""
        path = Path(path)
        params = {"kind": kind, "name": path.name, **options}
        return Job.read(self.client, self.client.send_file(f"{self._path}imports/", path, params=params))

    def import_rows(
        self,
        rows: Iterable[Document],
        *,
        kind: str,
        name: str = "rows.jsonl",
        **options: str | list[str] | bool,
    ) -> Job:
        """Import rows, such as those that `annotations()` of another study gives; they pass through a file."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            with path.open("w", encoding="utf-8") as file:
                file.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
            return self.import_file(path, kind=kind, **options)

    def publish_guideline(self, text: str) -> int:
        """The number of this version of the guideline, which is Markdown."""
        published: int = self.client.post(f"{self._path}guidelines/", json={"text": text})["version"]
        return published

    def invite(self, role: str, **terms: object) -> str:
        """A link that gives a role once: "annotator", "judge", "researcher" or "owner".

        Terms are email, group, quota, days and note.
        """
        link: str = self.client.post(f"{self._path}invitations/", json={"role": role, **terms})["link"]
        return link

    def participants(self) -> list[Document]:
        """The people of the study with roles and pseudonyms."""
        return list(self.client.pages(f"{self._path}participants/"))

    def plan_campaign(self, name: str, **spec: object) -> Document:
        """Plan a judging campaign, and what it costs; options are those of `hlv plan-campaign`, and open and dry_run."""
        planned: Document = self.client.post(f"{self._path}campaigns/", json={"name": name, **spec})
        return planned

    def set_campaign(self, name: str, state: str) -> None:
        """Make a campaign open, paused or closed."""
        self.client.patch(self._of_campaign(name), {"state": state})

    def next_text(self) -> Document:
        """The text that the annotator of this token labels next; `assignment` is None where `waiting` says why."""
        found: Document = self.client.post(f"{self._path}next-text/")
        return found

    def answer(self, assignment: str, **given: object) -> Document:
        """Answer a text: chosen={"label": certainty or None}, or no_label_applies=True, or skipped=True."""
        body = {"client_key": str(uuid4()), **given}
        stored: Document = self.client.post(f"assignments/{assignment}/answers/", json=body)
        return stored

    def next_pair(self, campaign: str) -> Document:
        """The pair that the judge of this token judges next; `campaign` is its identifier."""
        found: Document = self.client.post(f"campaigns/{campaign}/next-pair/")
        return found

    def judge(self, exposure: str, verdict: str, **given: object) -> Document:
        """Judge a pair: "left", "right", "both", "neither" or "cannot"; optional are confidence (0 to 1) and reason."""
        body = {"client_key": str(uuid4()), "verdict": verdict, **given}
        stored: Document = self.client.post(f"exposures/{exposure}/verdicts/", json=body)
        return stored

    def run(self, kind: str, **params: object) -> Job:
        """Ask for a job, such as "scoring", "metaeval" or "agreement"; parameters are the options of the command.

        `campaign` is a name or an identifier; it is needed where the study has several.
        """
        if isinstance(campaign := params.get("campaign"), str):
            params["campaign"] = self.campaigns().get(campaign, campaign)
        sent = self.client.post(f"{self._path}jobs/", json={"kind": kind, "params": params})
        return Job.read(self.client, sent)

    @property
    def _path(self) -> str:
        return f"studies/{self.uuid}/"

    def _of_campaign(self, name: str) -> str:
        return f"campaigns/{self.campaigns()[name]}/"

    def _documents(self, path: str, *, of: str = "") -> Iterator[Document]:
        return (json.loads(line) for line in self.client.lines(f"{of or self._path}{path}?format=ndjson"))


@dataclass(frozen=True)
class Result:
    """A stored result of a study."""

    study: Study = field(repr=False)
    uuid: str
    kind: str
    as_of: str
    computed_at: str

    def document(self) -> Document:
        """The result with parameters, seed and fingerprint of its data."""
        found: Document = self.study.client.get(f"studies/{self.study.uuid}/results/{self.kind}/{self.uuid}/")
        return found


@dataclass(frozen=True)
class Job:
    """The state of a job when it was last asked for."""

    client: Client = field(repr=False)
    uuid: str
    kind: str
    state: str
    done: int
    total: int
    note: str
    reason: str
    result: Document | None = field(repr=False)

    @classmethod
    def read(cls, client: Client, sent: dict[str, Any]) -> Job:
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
