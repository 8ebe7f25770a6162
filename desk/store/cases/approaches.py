"""By which addresses a customer came to a case, and how sure the channel was of each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, SQLColumnExpression, and_, func, select

from desk.model.channel import Channel
from desk.model.customer import Address
from desk.model.inbound import ChannelKind
from desk.model.message import AuthorKind, Message, MessageKind


def approaches(
    *, case_id: SQLColumnExpression[int], customer_id: SQLColumnExpression[int]
) -> Select[*tuple[Any, ...]]:
    """A row for each address, verdict and channel: what `desk.customers.identity.Approach` is made of."""
    # Of a long case first the few addresses that its many messages came from.
    wrote = (
        select(Message.author_address, Message.verdict, Message.channel_id)
        .distinct()
        .where(
            Message.case_id == case_id,
            Message.kind == MessageKind.INBOUND,
            Message.author_kind == AuthorKind.CUSTOMER,
        )
        .subquery("wrote")
    )
    owned = and_(Address.customer_id == customer_id, Address.value == wrote.c.author_address)
    return (
        select(
            wrote.c.author_address.label("value"),
            func.coalesce(func.bool_or(Address.verified_at.is_not(None)), False).label("verified"),
            wrote.c.verdict,
            func.coalesce(Channel.kind, ChannelKind.EMAIL).label("channel"),
        )
        .select_from(wrote)
        .outerjoin(Address, owned)
        .outerjoin(Channel, Channel.id == wrote.c.channel_id)
        .group_by(wrote.c.author_address, wrote.c.verdict, Channel.kind)
    )
