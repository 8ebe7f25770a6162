"""What the widget's page carries: how it looks, what it asks, and whether somebody is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk.actions.chat.files import LARGEST
from desk.actions.chat.visiting import MOST_FILES
from desk.actions.knowledge.help_reading import answer_shown, most_read_in
from desk.actions.routing.staffing import entry_queue, is_staffed
from desk.actions.setup.channel_kinds import chat
from desk.channels.chat.hours import is_open
from desk.model.channel import Channel
from desk.model.chat import LONGEST_TEXT
from desk.store.chat.chats import PAGE
from desk.store.knowledge.articles import collection_titles
from desk.store.policies import policy
from desk.store.unit_of_work import Work

READ_MOST = 5


def widget_shown(work: Work, channel: Channel, languages: Sequence[str] = ()) -> dict[str, Any]:
    """For the frame of a chat channel; no secret, and nothing of any customer. `articles` are those read
    most, for somebody who prefers these languages."""
    shown = chat.shown(channel.config)["chat"]
    opened = is_open(shown["hours"], work.now)
    return {
        "site": channel.address,
        "desk": policy(work.session, "desk_name", "Desk"),
        "title": shown["title"],
        "greeting": shown["greeting"],
        "offline_text": shown["offline_text"],
        "colour": shown["colour_used"],
        "position": shown["position"],
        "pre_chat": shown["pre_chat"],
        "sites": shown["sites"],
        "help": shown["help"],
        "articles": _read_most(work, languages) if shown["help"] else [],
        "open": opened,
        "agents": opened and is_staffed(work, entry_queue(work, channel), channel.kind),
        "limits": {"text": LONGEST_TEXT, "file_bytes": LARGEST, "files": MOST_FILES, "page": PAGE},
        "locale": "en",
    }


def _read_most(work: Work, languages: Sequence[str]) -> list[dict[str, Any]]:
    found = most_read_in(work, languages, READ_MOST)
    titles = collection_titles(work.session, {one.collection_id for one in found})
    return [
        answer_shown(one.slug, one.shown_title or "", titles[one.collection_id], one.language)
        for one in found
    ]
