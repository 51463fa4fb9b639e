"""Studies of the HTTP API, and their results."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from hlv.client.connection import Connection, Document, Job


@dataclass(frozen=True)
class Client(Connection):
    """The studies that a token opens."""

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
