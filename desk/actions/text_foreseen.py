"""How a text would go, told while it is written: its way, its cost, and what is against its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.actions.reply_by_text import segments_counted
from desk.channels.sms.media import Carried, obstacle_to_files
from desk.channels.sms.numbers import is_whatsapp
from desk.model.errors import NotFound
from desk.model.permission import Permission
from desk.store.files_kept import find_file
from desk.store.texts import find_text_channel
from desk.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`way` is `sms`, `mms` or `whatsapp`; `counts_as` segments against the limits; `obstacle` why not."""

    way: str
    files: int
    counts_as: int
    obstacle: str | None = None


def foresee(
    work: Work, channel_id: int, *, number: str, text: str, file_tokens: Sequence[str], served: bool
) -> Foreseen:
    """What would leave by this channel. Raises NotFound for a channel that is none for texts."""
    work.require(Permission.READ_CASES)
    channel = find_text_channel(work.session, channel_id)
    if channel is None:
        raise NotFound("There is no such number to text from.")
    found = [find_file(work.session, work.actor, token) for token in dict.fromkeys(file_tokens)]
    files = [Carried(one.name, one.type, one.size) for one in found if one is not None]
    obstacle = obstacle_to_files(
        files,
        address=channel.address,
        part=channel.config["sms"],
        number=number,
        text=text,
        served=served,
    )
    way = "whatsapp" if is_whatsapp(channel.address) else "mms" if files else "sms"
    return Foreseen(way, len(files), segments_counted(channel.address, text, len(files)), obstacle)
