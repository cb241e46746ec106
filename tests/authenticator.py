"""Second factors in software: the codes of an authenticator app, and a passkey as browsers have it."""

import base64
import hashlib
import hmac
import json
import secrets
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


def totp(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238, with the parameters that all of them know)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


@dataclass
class Authenticator:
    """One passkey, for pages of an origin.

    Attributes:
        origin: where the page is; browsers tell it truly.
    """

    origin: str = "https://testserver"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user: str = ""
    counter: int = 0

    def create(self, options: Any) -> dict[str, Any]:
        """Do what `navigator.credentials.create` does."""
        wanted = options["publicKey"]
        self.user = wanted["user"]["id"]
        credential = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = self._data(wanted["rp"]["id"], FLAGS | AuthenticatorData.FLAG.AT, credential)
        made = AttestationObject.create("none", data, {})
        response = {
            "clientDataJSON": websafe_encode(self._client_data("webauthn.create", wanted["challenge"])),
            "attestationObject": websafe_encode(bytes(made)),
        }
        return self._credential(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def get(self, options: Any) -> dict[str, Any]:
        """Do what `navigator.credentials.get` does."""
        wanted = options["publicKey"]
        self.counter += 1
        data = self._data(wanted["rpId"], FLAGS)
        client = self._client_data("webauthn.get", wanted["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": bytes(data), "signature": signature}
        response = {name: websafe_encode(part) for name, part in parts.items()} | {"userHandle": self.user}
        return self._credential(response) | {"clientExtensionResults": {}}

    def _data(self, domain: str, flags: Any, credential: bytes = b"") -> AuthenticatorData:
        digest = hashlib.sha256(domain.encode()).digest()
        return AuthenticatorData.create(digest, flags, self.counter, credential)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        assert websafe_decode(challenge)
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
