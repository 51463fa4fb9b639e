"""A device with passkeys, in place of a browser and a security key: it signs as W3C Web Authentication says."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAGS = AuthenticatorData.FLAG


@dataclass
class Device:
    """One key; `n_signed` counts up by itself."""

    origin: str = "http://testserver"
    host: str = "testserver"
    n_signed: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))

    def created(self, options: Mapping[str, Any]) -> str:
        """The reply to options for a new passkey."""
        client_data = self._client_data(CollectedClientData.TYPE.CREATE, options)
        made = AttestedCredentialData.create(
            Aaguid.NONE, self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(self._host_hash(), FLAGS.UP | FLAGS.AT, self.n_signed, bytes(made))
        attestation = AttestationObject.create("none", data, {})
        return self._reply(client_data, attestationObject=websafe_encode(bytes(attestation)))

    def used(self, options: Mapping[str, Any], *, signs: bytes = b"") -> str:
        """The reply to options for a passkey that is used; `signs` replaces what is signed."""
        self.n_signed += 1
        client_data = self._client_data(CollectedClientData.TYPE.GET, options)
        data = AuthenticatorData.create(self._host_hash(), FLAGS.UP, self.n_signed)
        signature = self.key.sign(signs or data + client_data.hash, ec.ECDSA(hashes.SHA256()))
        return self._reply(
            client_data,
            authenticatorData=websafe_encode(bytes(data)),
            signature=websafe_encode(signature),
        )

    def _host_hash(self) -> bytes:
        return sha256(self.host.encode())

    def _client_data(self, kind: str, options: Mapping[str, Any]) -> CollectedClientData:
        return CollectedClientData.create(kind, options["publicKey"]["challenge"], self.origin)

    def _reply(self, client_data: CollectedClientData, **response: str) -> str:
        number = websafe_encode(self.credential_id)
        response["clientDataJSON"] = websafe_encode(bytes(client_data))
        return json.dumps(
            {
                "id": number,
                "rawId": number,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )
