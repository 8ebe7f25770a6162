"""What a desk needs before a drill: an agent, a queue, and a channel that mail comes in by and leaves by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from desk.model.agent import Agent
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.model.permission import Actor, Role, system
from desk.model.queue import Queue
from desk.settings import Settings
from desk.store.unit_of_work import Store


@dataclass(frozen=True)
class Stage:
    """Who acts, and where mail goes."""

    address: str
    channel_id: int
    queue_id: int
    agent: Actor


def set_up(store: Store, settings: Settings, *, smtp_port: int) -> Stage:
    """Fill an empty desk with the least that work needs; answers leave by SMTP on loopback."""
    now = datetime.now(UTC)
    address = "help@drill.example"
    with store.unit_of_work(system("drill")) as work:
        queue = Queue(name="Support", created_at=now, is_default=True)
        agent = Agent(name="Ada", email="ada@drill.example", role=Role.MANAGER, created_at=now)
        work.session.add_all([queue, agent])
        work.session.flush()
        channel = Channel(
            kind=ChannelKind.EMAIL,
            name="Help",
            address=address,
            created_at=now,
            queue_id=queue.id,
            config={"smtp": {"host": "127.0.0.1", "port": smtp_port, "tls": "plain", "username": ""}},
        )
        work.session.add(channel)
        work.session.flush()
        actor = Actor(name=agent.name, agent_id=agent.id, role=Role.MANAGER)
        return Stage(address, channel.id, queue.id, actor)
