"""Links to files for who is not signed in: signed, and good for a while.

A file of a chat is for its visitor, for ten minutes; a file of a text is for the provider that fetches it
within an hour after it was handed over.
"""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from desk.channels.sms.media import takes
from desk.channels.sms.webhooks import file_url
from desk.model.errors import NotFound
from desk.model.message import Attachment
from desk.store.chat.chats import KnownVisitor
from desk.store.texts.reading import find_file_of_text
from desk.store.unit_of_work import Work

GOOD_FOR_SECONDS = 600
TEXT_GOOD_FOR_SECONDS = 3600
ENDED = "This link is not good any more."


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Made with the desk's key; with several, the first signs and all are believed."""

    secret_key: str

    def url(self, visitor: KnownVisitor, token: str) -> str:
        """Where this visitor can fetch the file for a while."""
        signed = _signer(self.secret_key, "file of a chat").dumps([visitor.id, token])
        return f"/widget/{visitor.site}/files/{token}?v={signed}"

    def visitor_of(self, token: str, signed: str) -> int:
        """Whom the link was made for. Raises NotFound when it is old, forged or of another file."""
        signer = _signer(self.secret_key, "file of a chat")
        try:
            visitor_id, named = signer.loads(signed, max_age=GOOD_FOR_SECONDS)
        except (BadSignature, ValueError, TypeError):
            raise NotFound(f"{ENDED} Reload the chat.") from None
        if named != token:
            raise NotFound(f"{ENDED} Reload the chat.")
        return int(visitor_id)


@dataclass(frozen=True, slots=True)
class TextFileLinks:
    """The same for a provider, who knows no cookie: the address itself is the proof."""

    secret_key: str

    def url(self, public_url: str, token: str) -> str:
        """Where whoever holds the address can fetch the file for an hour."""
        return file_url(public_url, str(_signer(self.secret_key, "file of a text").dumps(token)))

    def token_of(self, signed: str) -> str:
        """Which file the link is for. Raises NotFound when it is old or forged."""
        try:
            signer = _signer(self.secret_key, "file of a text")
            return str(signer.loads(signed, max_age=TEXT_GOOD_FOR_SECONDS))
        except BadSignature:
            raise NotFound(ENDED) from None


def file_of_text(work: Work, token: str) -> tuple[Attachment, bytes]:
    """A file of a text that was handed over. Raises NotFound, also for any other file of the desk."""
    found = find_file_of_text(work.session, token)
    if found is None or not takes(found.type):
        raise NotFound(ENDED)
    return found, work.files.get(found.sha256)


def _signer(secret_key: str, salt: str) -> URLSafeTimedSerializer:
    # itsdangerous signs with the last key of a list; ours stand with the newest first.
    keys = [key.strip() for key in secret_key.split(",") if key.strip()]
    return URLSafeTimedSerializer(keys[::-1], salt=salt)
