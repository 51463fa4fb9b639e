"""Ends a token of the HTTP API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.services.api_tokens import TokenRefusedError, revoke_api_token


class Command(BaseCommand):
    help = "End a token of the HTTP API at once; hlv tokens lists them. Example: hlv revoke-token 7b2f…"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("token", metavar="TOKEN", help="its identifier, as hlv tokens lists it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = revoke_api_token(UUID(options["token"]))
        except ValueError as refused:
            sentence = str(refused) if isinstance(refused, TokenRefusedError) else "That is no identifier."
            raise CommandError(sentence) from refused
        self.stdout.write(f"The token {token.name} of {token.user} is revoked.")
