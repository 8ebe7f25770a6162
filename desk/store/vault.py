"""The vault seals what must be readable again, such as mailbox passwords; its key is not in the database."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desk.model.errors import Misconfigured


class Vault:
    """Seals with the first of the comma-separated keys, opens with any of them: a new key goes in front."""

    def __init__(self, secret_key: str) -> None:
        keys = [key.strip() for key in secret_key.split(",") if key.strip()]
        if not keys:
            raise Misconfigured("DESK_SECRET_KEY is empty: nothing can be sealed without a key.")
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, plain: bytes) -> bytes:
        """Encrypted and authenticated; the same bytes seal differently each time."""
        return self._fernet.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed. Raises Misconfigured when it was sealed with a key we do not have."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise Misconfigured(
                "A secret cannot be opened: it was sealed with another DESK_SECRET_KEY. "
                "Put the old key back, after the new one and a comma."
            ) from None

    def seal_values(self, values: Mapping[str, Any]) -> bytes:
        """Seal a small mapping, such as the passwords of a channel."""
        return self.seal(json.dumps(dict(values), sort_keys=True).encode())

    def open_values(self, sealed: bytes | None) -> dict[str, Any]:
        """The mapping that was sealed; empty for None."""
        if sealed is None:
            return {}
        values: dict[str, Any] = json.loads(self.open(sealed))
        return values


def _derived(key: str) -> bytes:
    derivation = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"desk vault 1")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
