"""Links to the files of a chat: signed for one visitor, and good for ten minutes."""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from desk.model.errors import NotFound
from desk.store.chats import KnownVisitor

GOOD_FOR_SECONDS = 600


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Made with the desk's key; with several, the first signs and all are believed."""

    secret_key: str

    def url(self, visitor: KnownVisitor, token: str) -> str:
        """Where this visitor can fetch the file for a while."""
        signed = self._signer().dumps([visitor.id, token])
        return f"/widget/{visitor.site}/files/{token}?v={signed}"

    def visitor_of(self, token: str, signed: str) -> int:
        """Whom the link was made for. Raises NotFound when it is old, forged or of another file."""
        try:
            visitor_id, named = self._signer().loads(signed, max_age=GOOD_FOR_SECONDS)
        except (BadSignature, ValueError, TypeError):
            raise NotFound("This link is not good any more. Reload the chat.") from None
        if named != token:
            raise NotFound("This link is not good any more. Reload the chat.")
        return int(visitor_id)

    def _signer(self) -> URLSafeTimedSerializer:
        # itsdangerous signs with the last key of a list; ours stand with the newest first.
        keys = [key.strip() for key in self.secret_key.split(",") if key.strip()]
        return URLSafeTimedSerializer(keys[::-1], salt="file of a chat")
