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
    owned = and_(Address.customer_id == customer_id, Address.value == Message.author_address)
    return (
        select(
            Message.author_address.label("value"),
            func.coalesce(func.bool_or(Address.verified_at.is_not(None)), False).label("verified"),
            Message.verdict,
            func.coalesce(Channel.kind, ChannelKind.EMAIL).label("channel"),
        )
        .select_from(Message)
        .outerjoin(Address, owned)
        .outerjoin(Channel, Channel.id == Message.channel_id)
        .where(
            Message.case_id == case_id,
            Message.kind == MessageKind.INBOUND,
            Message.author_kind == AuthorKind.CUSTOMER,
        )
        .group_by(Message.author_address, Message.verdict, Channel.kind)
    )
