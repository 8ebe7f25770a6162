"""How a text would go, told while it is written: its way, its cost, and what is against its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.actions.messages.opening_by_text import FirstText, first_text, number_given
from desk.actions.messages.reply_by_text import segments_counted
from desk.channels.sms.media import Carried, obstacle_to_files
from desk.channels.sms.numbers import is_whatsapp
from desk.model.channel import Channel
from desk.model.errors import Invalid, NotFound
from desk.model.permission import Permission
from desk.store.messages.files_kept import find_file
from desk.store.texts.reading import find_text_channel
from desk.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`way` is `sms`, `mms` or `whatsapp`; `counts_as` segments against the limits; `obstacle` why not.

    Of a text that would begin a case: `asks_consent` where their word is missing, `warning` about the hour,
    `by_template` where WhatsApp takes an approved template only.
    """

    way: str
    files: int
    counts_as: int
    obstacle: str | None = None
    asks_consent: bool = False
    warning: str | None = None
    by_template: bool = False


@dataclass(frozen=True, slots=True)
class Meant:
    """A text as it is being written; `number` as the agent typed it where it `begins` a case."""

    channel_id: int
    number: str
    text: str
    file_tokens: Sequence[str] = ()
    begins: bool = False
    agreed: bool = False


def foresee(work: Work, meant: Meant, *, served: bool) -> Foreseen:
    """What would leave. Raises NotFound for a channel that is none for texts."""
    work.require(Permission.READ_CASES)
    channel = find_text_channel(work.session, meant.channel_id)
    if channel is None:
        raise NotFound("There is no such number to text from.")
    found = [find_file(work.session, work.actor, token) for token in dict.fromkeys(meant.file_tokens)]
    files = [Carried(one.name, one.type, one.size) for one in found if one is not None]
    obstacle = obstacle_to_files(
        files,
        address=channel.address,
        part=channel.config["sms"],
        number=meant.number,
        text=meant.text,
        served=served,
    )
    first = _first(work, channel, meant) if meant.begins else FirstText(None)
    return Foreseen(
        way="whatsapp" if is_whatsapp(channel.address) else "mms" if files else "sms",
        files=len(files),
        counts_as=segments_counted(channel.address, meant.text, len(files)),
        obstacle=first.obstacle or obstacle,
        asks_consent=first.asks_consent,
        warning=first.warning,
        by_template=first.by_template,
    )


def _first(work: Work, channel: Channel, meant: Meant) -> FirstText:
    if not meant.number.strip():
        return FirstText(None)
    try:
        return first_text(work, channel, number_given(meant.number), agreed=meant.agreed)
    except Invalid as error:
        return FirstText(error.sentence)
