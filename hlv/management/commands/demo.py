"""hlv demo: the demonstration study from nothing to the dashboard, then served."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from annotations import jobs
from annotations.models import Job, RoundReport, Study, User
from annotations.services.people import make_sign_in_link
from annotations.tasks import reap_jobs
from hlv import serving
from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.terminal import terminal_table
from hlv.demo.load import demonstration_study, load_demonstration, visitors
from hlv.terminal import check_numbers, print_table_to
from metaeval.findings.findings import counted_note
from metaeval.findings.result_tables import agreement_table
from metaeval.models import Campaign, JudgeReport, MetricAgreement, Sensitivity
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.ranking_options import DEFAULT_SEED

SECONDS_UNTIL_A_WORKER_MUST_BEAT = 60.0
SECONDS_BETWEEN_LOOKS = 0.2

# Fewer than its metrics would have by default, so that all stands there within a minute: the smallest adjusted p is .02.
N_RESAMPLES = 12_000


class Command(BaseCommand):
    help = "Load the demonstration study, compute its results, and serve it. Example: hlv demo --port 8080"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="stop after the metric-agreement table")
        parser.add_argument(
            "--n-resamples",
            type=int,
            default=N_RESAMPLES,
            help="of the ranking and of metric agreement (%(default)s)",
        )
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_: Any, **options: Any) -> None:
        host, port, n_resamples = options["host"], options["port"], options["n_resamples"]
        check_numbers(n_resamples=n_resamples, seed=DEFAULT_SEED)
        if not options["no_serve"]:
            serving.check_port(host, port)
        study = demonstration_study()
        if study is None:
            study = load_demonstration(lambda stage: self.stdout.write(f"demonstration: {stage} ..."))
        snapshot = newest_agreement(study)
        if snapshot is None or not all(
            made.objects.filter(study=study).exists() for made in (RoundReport, JudgeReport, Sensitivity)
        ):
            snapshot = self.compute(study, n_resamples)
        result = read_agreement(snapshot)
        print_table_to(self.stdout, terminal_table(agreement_table(result)))
        for note in filter(None, [counted_note(result), *result.notes]):
            self.stdout.write(unmarked(note))
        self.stdout.write(study.notice)
        if not options["no_serve"]:
            serving.serve(host, port, on_ready=partial(self.print_ready, study, host, port))
            self.stdout.write("stopped")

    def compute(self, study: Study, n_resamples: int) -> MetricAgreement:
        """All that the pages show, in a Celery worker, watched through the Job rows."""
        campaign = {"campaign": str(Campaign.objects.filter(study=study).earliest("pk").uuid)}
        ranked = campaign | {"n_resamples": n_resamples, "seed": DEFAULT_SEED}
        # What stands in one row rests on nothing of the same row; other choices rest on the ranking.
        rows: list[list[tuple[str, jobs.Params]]] = [
            [("round", {}), ("metaeval", ranked), ("judges", campaign), ("texts", {})],
            [("sensitivity", campaign)],
        ]
        # A connection opened before the worker starts must not be shared with it.
        connection.close()
        with serving.start_worker() as worker:
            for row in rows:
                asked = [jobs.create(kind=kind, study=study, params=params) for kind, params in row]
                for job in asked:
                    jobs.wake(job)
                self.refuse_unless_done([self.watch(job, worker) for job in asked])
        snapshot = newest_agreement(study)
        if snapshot is None:
            raise CommandError(
                "The demonstration's job ended without a result. Delete the data folder and try again."
            )
        return snapshot

    def refuse_unless_done(self, over: list[Job]) -> None:
        for job in over:
            if job.state != Job.State.DONE:
                raise CommandError(f"The demonstration could not be computed: {job.reason}")

    def watch(self, job: Job, worker: serving.Child) -> Job:
        started = reaped = time.monotonic()
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        with Progress(*columns, console=console, transient=True) as bar:
            shown = bar.add_task("waiting for the worker", total=1.0)
            while not job.is_over:
                time.sleep(SECONDS_BETWEEN_LOOKS)
                job.refresh_from_db()
                bar.update(
                    shown, description=job.progress_note or "waiting for the worker", completed=job.share_done
                )
                if not worker.is_running():
                    raise CommandError("The worker stopped before its job was done. Read its output above.")
                now = time.monotonic()
                if now - reaped > serving.SECONDS_BETWEEN_REAPS:
                    reaped = now
                    reap_jobs()
                if now - started > SECONDS_UNTIL_A_WORKER_MUST_BEAT and job.state == Job.State.QUEUED:
                    raise CommandError("No worker started the job within a minute. Read its output above.")
        return job

    def print_ready(self, study: Study, host: str, port: int) -> None:
        address = serving.server_address(host, port)
        self.stdout.write(f"\n{study.name}: {address} (Ctrl-C stops web and worker)")
        self.stdout.write(f"data folder: {settings.DATA_DIR}")
        self.stdout.write("Sign in with one of these one-time links:")
        for email, name, does in visitors():
            link = make_sign_in_link(User.objects.get(email=email))
            self.stdout.write(f"  {name} ({does}): {address}{link}")
        self.stdout.flush()


def newest_agreement(study: Study) -> MetricAgreement | None:
    return MetricAgreement.objects.filter(study=study).order_by("-pk").first()
