"""The contact form, let in: a message from somebody who says who they are, and of whom nothing is proven."""

from __future__ import annotations

from desk.actions.messages.receive import Received, receive_message
from desk.channels.form.inbound import WrittenForm, inbound_from
from desk.model.channel import Channel
from desk.model.errors import Invalid, Unavailable
from desk.store.channels import find_form_channel, our_addresses
from desk.store.holds import hold
from desk.store.unit_of_work import Work


def receive_form(work: Work, form: WrittenForm) -> Received:
    """Let what was written become a case. The same form again changes nothing.

    Nothing is mailed to the address: whoever typed it may not be who reads it. Raises Invalid, and
    Unavailable while no form is open.
    """
    channel = form_channel(work)
    inbound = inbound_from(form)
    if inbound.sender.address in our_addresses(work.session):
        raise Invalid("That is our own address. Give the one where you read our answer.", "email")
    hold(work.session, inbound.source_key)
    received = receive_message(work, inbound, channel_id=channel.id)
    channel.last_inbound_at = work.now
    return received


def form_channel(work: Work) -> Channel:
    """The form that is open. Raises Unavailable."""
    channel = find_form_channel(work.session)
    if channel is None:
        raise Unavailable("The contact form is closed at the moment.")
    return channel
