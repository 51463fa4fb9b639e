"""hlv set-campaign: begin, pause or end the judging of a campaign."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hlv.terminal import known_campaign, known_study
from metaeval.models import Campaign
from metaeval.services.campaigns import set_campaign_state


class Command(BaseCommand):
    help = "Open, pause or close a campaign. Example: hlv set-campaign areas-of-law accuracy open"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("state", choices=[str(state) for state in Campaign.State])
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        campaign = known_campaign(known_study(options["slug"]), options["name"])
        changed = set_campaign_state(campaign, options["state"], by=None)
        if options["as_json"]:
            said = {"campaign": campaign.name, "state": campaign.state, "changed": changed}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        was = "now" if changed else "already"
        self.stdout.write(f"The campaign {campaign.name} is {was} {campaign.state}.")
