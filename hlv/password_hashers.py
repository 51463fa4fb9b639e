"""Passwords, hashed a few at a time."""

from __future__ import annotations

from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

# Each takes a sixth of a second and 100 MB: a crowd of sign-ins must leave threads for the pages.
_PLACES = BoundedSemaphore(3)


class FewAtATimeArgon2(Argon2PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        with _PLACES:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _PLACES:
            return super().verify(password, encoded)
