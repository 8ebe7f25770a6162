"""The ways to answer a case: the best one first, each with its reason, and what stands in its way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from desk.channels.ways import ways
from desk.model.customer import AddressKind
from desk.model.inbound import ChannelKind, Participant
from desk.model.message import AuthorKind, Message, MessageKind
from desk.store.messages.reach import Door, Known, Reach

HELP, SALES = Door(1, ChannelKind.EMAIL, "Help"), Door(2, ChannelKind.EMAIL, "Sales")
CLEO = Known(AddressKind.EMAIL, "cleo@example.org", verified=True)
CLAIMED = Known(AddressKind.EMAIL, "cleo@work.example", verified=False)


def reach(last: Message | None = None, *known: Known, **given: Any) -> Reach:
    told: dict[str, Any] = {"doors": (HELP, SALES), "consents": {}, "spoken": ()} | given
    return Reach(name="Cleo", last=last, addresses=known, **told)


def wrote(address: str, reply_to: str = "") -> Message:
    return Message(
        case_id=1,
        position=1,
        kind=MessageKind.INBOUND,
        author_kind=AuthorKind.CUSTOMER,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        visible_to_customer=True,
        author_name="Cleo",
        author_address=address,
        reply_to=[{"address": reply_to, "name": ""}] if reply_to else [],
    )


def test_the_way_back_is_where_the_customer_wrote() -> None:
    best, other = ways(reach(wrote("cleo@home.example"), CLEO, spoken=(2,)))
    assert (best.channel, best.to) == ("Sales", (Participant("cleo@home.example", "Cleo"),))
    assert (other.channel, best.reason) == ("Help", "Cleo wrote from there last.")


def test_an_answer_goes_where_the_mail_asks_within_its_domain_only() -> None:
    (same, _), (foreign, _) = (
        ways(reach(wrote("cleo@home.example", asked)))
        for asked in ("desk@home.example", "thief@evil.example")
    )
    assert same.to == (Participant("desk@home.example", ""),)
    assert foreign.to == (Participant("cleo@home.example", "Cleo"),)


def test_who_never_wrote_a_mail_is_written_to_at_a_confirmed_address_first() -> None:
    best = ways(reach(wrote("visitor-7"), CLAIMED, CLEO))[0]
    assert best.to == (Participant("cleo@example.org", "Cleo"),)
    assert ways(reach(None, CLAIMED))[0].reason.endswith("nobody has confirmed that it is theirs.")


def test_a_way_to_nobody_says_so() -> None:
    assert ways(reach())[0].obstacle == "No email address of this customer is known. You can add one."
    assert ways(reach(None, CLEO))[0].obstacle is None


def test_a_desk_without_an_open_door_has_no_way() -> None:
    assert ways(reach(wrote("cleo@home.example"), CLEO, doors=())) == []
