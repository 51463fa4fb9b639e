"""hlv readiness: what `/readyz` answers, for health checks of containers."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hlv.health import check_readiness


class Command(BaseCommand):
    help = "Check database, broker and the newest heartbeat of a worker. Example: hlv readiness --on-this-machine"
    requires_system_checks = ()
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--on-this-machine", action="store_true", help="only workers of this machine or container count"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        found = check_readiness(on_this_machine=options["on_this_machine"])
        self.stdout.write(json.dumps(asdict(found)))
        if not found.is_ready:
            sys.exit(1)
