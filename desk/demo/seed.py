"""Opening the shop: set up once, its cases told once, and its sign-ins for the person at the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from desk.actions.clocks.calendars import add_calendar
from desk.actions.clocks.targets import change_targets
from desk.actions.insights.scorecard import set_goal
from desk.actions.people.agents import add_agent
from desk.actions.routing.presence import change_presence
from desk.actions.setup import kinds as setup_kinds
from desk.actions.setup import rows as setup
from desk.actions.setup.channels import add_channel, change_channel
from desk.actions.setup.kinds import Kind
from desk.actions.setup.policies import change_policies
from desk.channels.chat.settings import site_origin
from desk.demo import shop
from desk.demo.help_centre import fill_the_shelves, open_the_form
from desk.demo.line import open_the_line
from desk.demo.people import PRODUCTS, add_customers, regulars
from desk.demo.sink import sink_port
from desk.demo.stories import Story, plans
from desk.model.agent import Agent, Capacity, SavedView
from desk.model.channel import Channel
from desk.model.errors import Invalid, Misconfigured
from desk.model.permission import Role, system
from desk.model.presence import PresenceState
from desk.settings import Settings
from desk.store.opening import open_store
from desk.store.policies import policies, set_policies
from desk.store.unit_of_work import Store, Work
from desk.store.vault import Vault

DEMO = system("demo")
SET_UP = "demo_set_up_at"
TOLD = "demo_stories"


def open_shop(settings: Settings) -> Sequence[str]:
    """Open the demo on this desk; the lines to print. Raises Misconfigured on a desk that is in use."""
    store = open_store(settings, "demo", pool_size=2)
    try:
        seed(store, settings)
    finally:
        store.close()
    return [
        f"Mail that left: {settings.public_url}/demo/mail, texts: {settings.public_url}/demo/phone",
        f"The shop, with its chat: {settings.public_url}/demo/shop",
        f"Help centre: {settings.public_url}/help",
        f"Sign in at {settings.public_url}/sign-in, password for all: {shop.PASSWORD}",
        *(
            f"  {worker.name:<15} {worker.role:<8} {worker.email:<26} {', '.join(worker.skills)}".rstrip()
            for worker in shop.WORKERS
        ),
    ]


def signins() -> list[tuple[str, str, str, str]]:
    """Everybody at the shop: (name, role, address, password)."""
    return [(worker.name, worker.role, worker.email, shop.PASSWORD) for worker in shop.WORKERS]


def seed(store: Store, settings: Settings) -> None:
    """Set the shop up and tell its cases. Safe to run again, also after an end in the middle."""
    with store.reading(DEMO) as work:
        kept = policies(work.session)
    if SET_UP not in kept:
        kept = _set_up(store, settings)
    _send_to_the_sink(store, settings)
    with store.unit_of_work(DEMO) as work:
        open_the_line(work, settings)
        set_policies(work.session, {"demo_shop": _shop_page()})
    now = datetime.fromisoformat(kept[SET_UP])
    for plan in plans(now)[kept.get(TOLD, 0) :]:
        Story(store, plan, now).tell()
        with store.unit_of_work(DEMO) as work:
            set_policies(work.session, {TOLD: plan.number + 1})
    if "demo_traffic" not in kept:
        _open_the_doors(store)


def _set_up(store: Store, settings: Settings) -> dict[str, Any]:
    """The shop with its people and customers, in one commit."""
    now = datetime.now(UTC)
    with store.unit_of_work(DEMO, now=now - timedelta(days=60)) as work:
        if work.session.scalar(select(func.count()).select_from(Agent)):
            raise Misconfigured(
                "This desk is in use already, and the demo would mix its customers with yours. "
                "Set DESK_HOME to an empty folder, or DESK_DATABASE_URL to an empty database."
            )
        ids = _rows(work)
        _workers(work, ids)
        _channel(work, settings, ids)
        open_the_form(work, ids["Orders & delivery"])
        fill_the_shelves(work)
        change_policies(work, shop.POLICIES)
        add_calendar(work, shop.CALENDAR)
        change_targets(work, shop.TARGETS, "What the shop promises")
        _goals(work)
        set_policies(work.session, {SET_UP: now.isoformat()})
        add_customers(work)
        return policies(work.session)


def _rows(work: Work) -> dict[str, int]:
    """Queues, skills, teams and the rest; their numbers by name."""

    def add(kind: Kind, values: dict[str, Any]) -> int:
        row = setup.add(work, kind, values)
        ids[str(values.get("name", ""))] = row["id"]
        return int(row["id"])

    ids: dict[str, int] = {}
    for name in shop.SKILLS:
        add(setup_kinds.SKILLS, {"name": name})
    for position, queue in enumerate(shop.QUEUES):
        asked = [{"skill_id": ids[name], "minimum": least} for name, least in queue["skills"].items()]
        add(setup_kinds.QUEUES, {**queue, "position": position, "skills": asked, "survey": shop.ASKS})
    for name, queues in shop.TEAMS.items():
        add(setup_kinds.TEAMS, {"name": name, "queue_ids": [ids[queue] for queue in queues]})
    for position, (name, below) in enumerate(shop.CATEGORIES.items()):
        parent_id = add(setup_kinds.CATEGORIES, {"name": name, "position": position})
        for place, child in enumerate(below):
            add(setup_kinds.CATEGORIES, {"name": child, "parent_id": parent_id, "position": place})
    for position, rule in enumerate(shop.RULES):
        add(setup_kinds.RULES, {**_rule(rule, ids), "position": position, "all": False})
    for key, title, text in shop.CANNED:
        add(setup_kinds.CANNED, {"key": key, "title": title, "text": text})
    for name, steps in shop.MACROS:
        add(setup_kinds.MACROS, {"name": name, "steps": [_step(step, ids) for step in steps]})
    for custom in shop.FIELDS:
        add(setup_kinds.FIELDS, dict(custom))
    return ids


def _rule(rule: dict[str, Any], ids: dict[str, int]) -> dict[str, Any]:
    """A rule with numbers in place of names."""
    named = {"queue": "queue_id", "category": "category_id"}
    return {named.get(name, name): ids[value] if name in named else value for name, value in rule.items()}


def _step(step: dict[str, Any], ids: dict[str, int]) -> dict[str, Any]:
    return {**step, "value": ids[step["value"]]} if step["do"] == "set_queue" else step


def _workers(work: Work, ids: dict[str, int]) -> None:
    for worker in shop.WORKERS:
        row, _ = add_agent(
            work,
            {
                "name": worker.name,
                "email": worker.email,
                "role": worker.role,
                "password": shop.PASSWORD,
                "team_ids": [ids[team] for team in worker.teams],
                "skills": [{"skill_id": ids[name], "level": level} for name, level in worker.skills.items()],
                "capacity": {"email": shop.PLACES_IN_STORIES},
            },
        )
        if worker.role == Role.AGENT:
            change_presence(work, row["id"], PresenceState.AVAILABLE)
        if worker.role == Role.MANAGER:
            for name, wanted in shop.VIEWS:
                work.session.add(SavedView(agent_id=row["id"], name=name, filter=wanted, shared=True))


def _goals(work: Work) -> None:
    """What the scorecard is held against, and by whom."""
    owners: dict[str, int] = {
        name: number for number, name in work.session.execute(select(Agent.id, Agent.name))
    }
    for metric, (target, owner, rhythm) in shop.GOALS.items():
        set_goal(work, metric, target=target, owner_id=owners[owner], rhythm=rhythm)


def _channel(work: Work, settings: Settings, ids: dict[str, int]) -> None:
    wanted = {
        "name": "Help mail",
        "address": shop.HELP,
        "queue_id": ids["Orders & delivery"],
        "acknowledge": False,
        "smtp": _sink(settings),
    }
    add_channel(work, wanted, Vault(settings.secret_key))
    add_channel(work, _chat(ids, settings), Vault(settings.secret_key))


def _chat(ids: dict[str, int], settings: Settings) -> dict[str, Any]:
    """The widget on the shop's pages."""
    return {
        "kind": "chat",
        "name": "Shop chat",
        "address": shop.CHAT,
        "queue_id": ids["Orders & delivery"],
        "chat": {
            "title": f"{shop.NAME} support",
            "greeting": "Hello! How can we help?",
            "colour": "#7a3e12",
            "pre_chat": {"name": "asked"},
            "sites": _own_site(settings),
        },
    }


def _own_site(settings: Settings) -> list[str]:
    """The shop stands on this desk's own address, where that may carry a chat."""
    try:
        return [site_origin(settings.public_url)]
    except Invalid:
        return []


def _sink(settings: Settings) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": sink_port(settings), "tls": "plain", "username": ""}


def _send_to_the_sink(store: Store, settings: Settings) -> None:
    """The shop's answers end at the demo's own sink, wherever it listens this time."""
    with store.unit_of_work(DEMO) as work:
        channel = work.session.scalars(select(Channel).where(Channel.address == shop.HELP)).one()
        if channel.config.get("smtp", {}).get("port") != sink_port(settings):
            change_channel(work, channel.id, {"smtp": _sink(settings)}, Vault(settings.secret_key))


def _open_the_doors(store: Store) -> None:
    """The stories are told: nobody is at their desk yet, new mail is acknowledged, and customers write."""
    with store.unit_of_work(DEMO) as work:
        work.session.execute(update(Capacity).values(limit=shop.PLACES))
        for agent_id in work.session.scalars(select(Agent.id).where(Agent.role == Role.AGENT)):
            change_presence(work, agent_id, PresenceState.OFFLINE)
        channel = work.session.scalars(select(Channel).where(Channel.address == shop.HELP)).one()
        channel.acknowledge = True
        set_policies(work.session, {"demo_traffic": True, "demo_sent": 0})


def _shop_page() -> dict[str, Any]:
    """What the made-up shop's page shows, and who may walk in signed in."""
    return {
        "name": shop.NAME,
        "site": shop.CHAT,
        "goods": [[name, f"{price} €"] for name, price in PRODUCTS],
        "people": [{"name": one.name, "address": one.address, "number": one.number} for one in regulars()],
    }
