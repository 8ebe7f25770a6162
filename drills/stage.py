"""What a desk needs before a drill: an agent, a queue, and a channel that mail comes in by and leaves by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from desk.actions.people.tokens import make_token
from desk.model.agent import Agent
from desk.model.channel import Channel
from desk.model.inbound import ChannelKind
from desk.model.permission import Actor, Permission, Role, system
from desk.model.queue import Queue
from desk.settings import Settings
from desk.store.unit_of_work import Store
from desk.store.vault import Vault
from tests.servers.dovecot import PASSWORD

BOX = "box"
"""The name by which the mailbox is signed in to."""


@dataclass(frozen=True)
class Stage:
    """Who acts, and where mail goes: to `address` through the door, to `boxed` through a mailbox, if any."""

    address: str
    boxed: str
    queue_id: int
    agent: Actor


def set_up(store: Store, settings: Settings, *, smtp_port: int, imap_port: int | None = None) -> Stage:
    """Fill an empty desk with the least that work needs; mail comes and answers leave on loopback.

    With `imap_port`, a second channel reads the mailbox `box` there.
    """
    now = datetime.now(UTC)
    with store.unit_of_work(system("drill")) as work:
        queue = Queue(name="Support", created_at=now, is_default=True)
        agent = Agent(name="Ada", email="ada@drill.example", role=Role.MANAGER, created_at=now)
        work.session.add_all([queue, agent])
        work.session.flush()
        door = _channel("help@drill.example", queue, now, smtp_port)
        work.session.add(door)
        boxed = ""
        if imap_port is not None:
            box = _channel("box@drill.example", queue, now, smtp_port)
            imap = {"host": "127.0.0.1", "port": imap_port, "tls": "plain", "username": BOX}
            box.config = box.config | {"imap": imap | {"after_fetch": "flag"}}
            box.secrets = Vault(settings.secret_key).seal_values({"imap_password": PASSWORD})
            work.session.add(box)
            boxed = box.address
        actor = Actor(name=agent.name, agent_id=agent.id, role=Role.MANAGER)
        return Stage(door.address, boxed, queue.id, actor)


def _channel(address: str, queue: Queue, now: datetime, smtp_port: int) -> Channel:
    return Channel(
        kind=ChannelKind.EMAIL,
        name=address,
        address=address,
        created_at=now,
        queue_id=queue.id,
        config={"smtp": {"host": "127.0.0.1", "port": smtp_port, "tls": "plain", "username": ""}},
    )


def token_for(store: Store, stage: Stage) -> str:
    """The secret of a token by which a program does what the stage's agent may do."""
    with store.unit_of_work(system("drill")) as work:
        made = make_token(
            work,
            name="drill",
            agent_id=stage.agent.agent_id or 0,
            scopes=[Permission.READ_CASES, Permission.WORK_CASES],
            expires_at=None,
        )
        return made.secret
