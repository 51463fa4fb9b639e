"""Serves pages and runs jobs with one command."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import User
from hlv import serving


class Command(BaseCommand):
    help = "Serve the pages and run the jobs until Ctrl-C. Example: hlv serve --host 0.0.0.0 --port 8080"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)"
        )
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument(
            "--no-worker",
            action="store_true",
            help="pages only; workers run elsewhere, as in docker-compose.yml",
        )

        parser.add_argument(
            "--processes",
            type=int,
            default=1,
            metavar="N",
            help="web processes (1); more only with PostgreSQL",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        n_processes = options["processes"]
        if n_processes < 1:
            raise CommandError("--processes must be at least 1.")
        if n_processes > 1 and settings.EMBEDDED:
            raise CommandError("Several web processes need PostgreSQL: SQLite has one writer at a time.")
        serving.serve(
            host,
            port,
            on_ready=partial(self.print_ready, host, port),
            with_worker=not options["no_worker"],
            n_processes=n_processes,
        )
        self.stdout.write("stopped")

    def print_ready(self, host: str, port: int) -> None:
        self.stdout.write(f"hlv serves {serving.server_address(host, port)} (Ctrl-C stops it)")
        self.stdout.write(f"data folder: {settings.DATA_DIR}")
        if not User.objects.filter(is_active=True).exists():
            self.stdout.write(
                "Nobody can sign in yet. In another terminal: hlv create-person YOU@EXAMPLE.ORG\n"
                "It prints your sign-in link. The first person may create studies."
            )
        if (
            host not in ("127.0.0.1", "localhost", "::1")
            and settings.EMBEDDED
            and "*" not in settings.ALLOWED_HOSTS
        ):
            names = ", ".join(settings.ALLOWED_HOSTS)
            self.stdout.write(f"Answered host names: {names} (ALLOWED_HOSTS names others).")
        self.stdout.flush()
