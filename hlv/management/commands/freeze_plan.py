"""hlv freeze-plan: the former name of hlv preregister."""

from __future__ import annotations

from typing import Any

from hlv.management.commands import preregister


class Command(preregister.Command):
    help = "Former name of hlv preregister, kept for scripts. Example: hlv preregister areas-of-law --metrics po_jsd"

    def handle(self, *arguments: Any, **options: Any) -> None:
        self.stderr.write("hlv freeze-plan is now called hlv preregister.")
        super().handle(*arguments, **options)
