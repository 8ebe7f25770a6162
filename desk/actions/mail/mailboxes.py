"""How a channel's mailbox is, as the mailroom reports it; and the one secret that changes by itself."""

from __future__ import annotations

from desk.model.channel import ChannelState
from desk.model.events import ChannelChanged
from desk.store.channels import get_channel
from desk.store.unit_of_work import Work
from desk.store.vault import Vault


def note_mailbox(work: Work, channel_id: int, state: ChannelState, sentence: str) -> None:
    """Where the mailbox stands, for the people who look after it; told when it changes."""
    channel = get_channel(work.session, channel_id, lock=True)
    if channel.state is state and (channel.trouble or "") == sentence[:500]:
        return
    channel.state, channel.trouble = state, sentence[:500] or None
    work.record(ChannelChanged(channel_id=channel.id, state=state.value))


def keep_refresh_token(work: Work, channel_id: int, token: str, vault: Vault) -> None:
    """The provider has changed the token that keeps us signed in; without the new one we are locked out."""
    channel = get_channel(work.session, channel_id, lock=True)
    secrets = vault.open_values(channel.secrets)
    channel.secrets = vault.seal_values(secrets | {"oauth_refresh_token": token})
