"""The cast: the same people play in every test, in the same shop.

Ada and Ben are agents, Ada in Support and Ben in Billing; Sam supervises, Ida administers, Otto
audits; Cleo is the customer. The factories work in an open unit of work and flush.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from desk.model.agent import Agent, Team, TeamMember
from desk.model.case import Case, CaseStatus
from desk.model.channel import Channel
from desk.model.conversation import Conversation, Participation
from desk.model.customer import Address, AddressKind, Customer, Tier
from desk.model.inbound import ChannelKind, Verdict
from desk.model.message import AuthorKind, Message, MessageKind
from desk.model.permission import Actor, Role, system
from desk.model.purchase import Purchase
from desk.model.queue import Queue, QueueTeam
from desk.store.unit_of_work import Store, Work

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When the shop opens in a test that needs a moment: a Monday, 09:00 UTC."""

STAGE = system("test")
"""Whoever sets the scene."""


def minutes(count: float) -> datetime:
    """So many minutes after the shop opened."""
    return MORNING + timedelta(minutes=count)


@dataclass(frozen=True)
class Cast:
    """Everybody, after the commit. An `Agent` is for reading; act as `actor(cast.ada)`."""

    ada: Agent
    ben: Agent
    sam: Agent
    ida: Agent
    otto: Agent
    support: Queue
    billing: Queue
    support_team: Team
    billing_team: Team
    mail: Channel
    cleo: Customer
    queues_of: dict[int, frozenset[int]]

    def actor(self, agent: Agent) -> Actor:
        """The agent as an actor, with the queues of the agent's teams."""
        return Actor(
            name=agent.name,
            agent_id=agent.id,
            role=agent.role,
            queue_ids=self.queues_of.get(agent.id, frozenset()),
            assigned_only=agent.assigned_only,
        )


def the_cast(store: Store) -> Cast:
    """Everybody comes on stage, in one commit."""
    with store.unit_of_work(STAGE, now=MORNING) as work:
        support, billing = a_queue(work, "Support", default=True), a_queue(work, "Billing")
        support_team = a_team(work, "Support team", [support])
        billing_team = a_team(work, "Billing team", [billing])
        ada = an_agent(work, "Ada Lovelace", teams=[support_team])
        ben = an_agent(work, "Ben Franklin", teams=[billing_team])
        return Cast(
            ada=ada,
            ben=ben,
            sam=an_agent(work, "Sam Beckett", Role.MANAGER),
            ida=an_agent(work, "Ida Rhodes", Role.ADMIN),
            otto=an_agent(work, "Otto Hahn", Role.AUDITOR),
            support=support,
            billing=billing,
            support_team=support_team,
            billing_team=billing_team,
            mail=a_channel(work, queue=support),
            cleo=a_customer(work, "Cleo Patterson", "cleo@example.org"),
            queues_of={ada.id: frozenset({support.id}), ben.id: frozenset({billing.id})},
        )


def an_agent(
    work: Work,
    name: str,
    role: Role = Role.AGENT,
    *,
    teams: list[Team] | None = None,
    assigned_only: bool = False,
) -> Agent:
    """An agent without a password, `first.name@desk.example`."""
    agent = Agent(
        name=name,
        email=f"{name.lower().replace(' ', '.')}@desk.example",
        role=role,
        created_at=work.now,
        assigned_only=assigned_only,
    )
    work.session.add(agent)
    work.session.flush()
    if teams:
        work.session.add_all(TeamMember(team_id=team.id, agent_id=agent.id) for team in teams)
        work.session.flush()
    return agent


def a_queue(work: Work, name: str, *, default: bool = False) -> Queue:
    queue = Queue(name=name, created_at=work.now, is_default=default)
    work.session.add(queue)
    work.session.flush()
    return queue


def a_team(work: Work, name: str, queues: list[Queue] | None = None) -> Team:
    """A team that works the queues."""
    team = Team(name=name)
    work.session.add(team)
    work.session.flush()
    work.session.add_all(QueueTeam(queue_id=queue.id, team_id=team.id) for queue in queues or [])
    work.session.flush()
    return team


def a_channel(
    work: Work,
    address: str = "help@shop.example",
    *,
    kind: ChannelKind = ChannelKind.EMAIL,
    queue: Queue | None = None,
) -> Channel:
    """A door of ours, open."""
    channel = Channel(
        kind=kind,
        name=f"Mail to {address}",
        address=address,
        created_at=work.now,
        queue_id=queue.id if queue else None,
    )
    work.session.add(channel)
    work.session.flush()
    return channel


def a_customer(
    work: Work,
    name: str,
    email: str | None = None,
    *,
    verified: bool = True,
    tier: Tier = Tier.BRONZE,
) -> Customer:
    """A customer, with one email address where given."""
    customer = Customer(name=name, created_at=work.now, tier=tier)
    work.session.add(customer)
    work.session.flush()
    if email:
        an_address(work, customer, email, verified=verified)
    return customer


def an_address(
    work: Work,
    customer: Customer,
    value: str,
    *,
    kind: AddressKind = AddressKind.EMAIL,
    verified: bool = True,
) -> Address:
    address = Address(
        customer_id=customer.id,
        kind=kind,
        value=value,
        created_at=work.now,
        verified_at=work.now if verified else None,
    )
    work.session.add(address)
    work.session.flush()
    return address


def a_case(
    work: Work,
    customer: Customer,
    subject: str = "Where is my order?",
    *,
    queue: Queue | None = None,
    assignee: Agent | None = None,
    status: CaseStatus = CaseStatus.OPEN,
    text: str | None = None,
    at: datetime | None = None,
) -> Case:
    """A case; with `text`, the customer's first message is in it."""
    moment = at or work.now
    case = Case(
        customer_id=customer.id,
        subject=subject,
        channel=ChannelKind.EMAIL,
        opened_at=moment,
        last_at=moment,
        status=status,
        queue_id=queue.id if queue else None,
        assignee_id=assignee.id if assignee else None,
        waiting_since=moment if status is CaseStatus.OPEN else None,
        resolved_at=moment if status in (CaseStatus.RESOLVED, CaseStatus.CLOSED) else None,
    )
    work.session.add(case)
    work.session.flush()
    if text is not None:
        a_message(work, case, text, at=moment)
    return case


def a_conversation(work: Work, case: Case, channel: Channel) -> Conversation:
    conversation = Conversation(
        case_id=case.id,
        customer_id=case.customer_id,
        channel_id=channel.id,
        subject=case.subject,
        created_at=work.now,
    )
    work.session.add(conversation)
    work.session.flush()
    address = _an_address_of(work, case.customer_id)
    if address:
        work.session.add(Participation(conversation_id=conversation.id, address=address, added_at=work.now))
        work.session.flush()
    return conversation


def a_message(
    work: Work,
    case: Case,
    text: str,
    *,
    kind: MessageKind = MessageKind.INBOUND,
    agent: Agent | None = None,
    address: str | None = None,
    conversation: Conversation | None = None,
    at: datetime | None = None,
    verdict: Verdict = Verdict.NONE,
    mentions: list[int] | None = None,
) -> Message:
    """A message at the end of the case: from the customer unless `kind` says otherwise."""
    moment = at or work.now
    inbound = kind is MessageKind.INBOUND
    message = Message(
        case_id=case.id,
        position=case.next_position(),
        kind=kind,
        author_kind=AuthorKind.CUSTOMER if inbound else AuthorKind.AGENT,
        at=moment,
        visible_to_customer=kind in (MessageKind.INBOUND, MessageKind.OUTBOUND),
        conversation_id=conversation.id if conversation else None,
        channel_id=conversation.channel_id if conversation else None,
        agent_id=agent.id if agent else None,
        author_name=agent.name if agent else "Cleo Patterson",
        author_address=(address or _an_address_of(work, case.customer_id)) if inbound else None,
        text=text,
        reply=text,
        verdict=verdict,
        mentions=mentions or [],
    )
    if inbound:
        case.last_inbound_position = message.position
    case.last_at = max(case.last_at, moment)
    case.preview = text[:160]
    work.session.add(message)
    work.session.flush()
    return message


def a_purchase(
    work: Work, customer: Customer, order_number: str, amount: str = "25.00", description: str = "Tea, green"
) -> Purchase:
    purchase = Purchase(
        customer_id=customer.id,
        order_number=order_number,
        description=description,
        amount=Decimal(amount),
        currency="EUR",
        bought_at=work.now,
        status="shipped",
    )
    work.session.add(purchase)
    work.session.flush()
    return purchase


def _an_address_of(work: Work, customer_id: int) -> str | None:
    return work.session.scalar(
        select(Address.value)
        .where(Address.customer_id == customer_id, Address.kind == AddressKind.EMAIL)
        .order_by(Address.id)
        .limit(1)
    )
