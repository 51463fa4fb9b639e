"""What is kept encrypted in the database, so that a copy of the database alone does not give it away."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def encrypted(text: str) -> str:
    """The text under SECRET_KEY (Fernet: AES-128 in CBC mode with HMAC-SHA256)."""
    return _fernet().encrypt(text.encode()).decode()


def decrypted(token: str) -> str | None:
    """The text; None where it was encrypted under another SECRET_KEY."""
    try:
        return _fernet().decrypt(token).decode()
    except InvalidToken:
        return None


def _fernet() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"hlv second factor")
    return Fernet(urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
