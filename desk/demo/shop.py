"""Nordkaffe, the made-up shop: who works there, in which queues, by which rules. Every name is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from desk.model.goal import Rhythm

NAME = "Nordkaffe"
DOMAIN = "nordkaffe.example"
HELP = f"help@{DOMAIN}"
CHAT = "nordkaffe-shop"
"""The site key of the widget on the shop's pages."""
PASSWORD = "slow mornings taste better"  # noqa: S105 - the demo's own, printed at its start


@dataclass(frozen=True)
class Worker:
    """Somebody at the shop; `skills` are levels of 1 to 5 by name."""

    name: str
    role: str = "agent"
    teams: tuple[str, ...] = ()
    skills: dict[str, int] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"{plain(self.name.split()[0])}@{DOMAIN}"


def plain(name: str) -> str:
    """A name as it stands in an address: lower-case letters without accents."""
    return name.lower().translate(
        str.maketrans("áàâäåãéèêëíìîïóòôöøúùûüñçæłśżćą", "aaaaaaeeeeiiiiooooouuuuncalszca")
    )


SKILLS = ("orders", "billing", "machines", "German")

ASKS = "agreed"
"""Whom every queue asks how it went."""

QUEUES: tuple[dict[str, Any], ...] = (
    {
        "name": "Orders & delivery",
        "description": "Where is it, when does it come, change it",
        "skills": {"orders": 1},
        "default": True,
    },
    {"name": "Billing", "description": "Invoices, payments, refunds", "skills": {"billing": 2}},
    {"name": "Technical", "description": "Machines and grinders", "skills": {"machines": 2}},
    {"name": "Returns", "description": "Sent back, broken, exchanged", "skills": {"orders": 2}},
    {"name": "Deutsch", "description": "Customers who write German", "skills": {"German": 3}},
)
TEAMS: dict[str, tuple[str, ...]] = {
    "Front": ("Orders & delivery", "Returns"),
    "Accounts": ("Billing",),
    "Workshop": ("Technical",),
    "German desk": ("Deutsch",),
}
WORKERS = (
    Worker("Freja Lind", teams=("Front", "Accounts"), skills={"orders": 5, "billing": 4}),
    Worker(
        "Jonas Weber",
        teams=("Front", "Workshop", "German desk"),
        skills={"orders": 4, "machines": 4, "German": 5},
    ),
    Worker("Amélie Laurent", teams=("Front", "Accounts"), skills={"orders": 3, "billing": 5}),
    Worker("Mikkel Sand", teams=("Workshop",), skills={"machines": 5}),
    Worker("Lucía Romero", teams=("Front", "Accounts"), skills={"orders": 4, "billing": 3}),
    Worker(
        "Tomasz Nowak",
        teams=("Front", "Workshop", "German desk"),
        skills={"orders": 3, "machines": 3, "German": 4},
    ),
    Worker("Sofie Dahl", role="manager"),
    Worker("Henrik Berg", role="admin"),
    Worker("Clara Moor", role="auditor"),
)
PLACES_IN_STORIES, PLACES = 9, 14
"""Open mails that one agent holds at most, while the stories are told and from then on: all have work,
and room for more."""

CATEGORIES: dict[str, tuple[str, ...]] = {
    "Delivery": ("Late", "Lost", "Address change"),
    "Payment": ("Invoice", "Refund", "Voucher"),
    "Machine": ("Fault", "Advice", "Spare part"),
    "Return": ("Exchange", "Damaged"),
    "Subscription": (),
}


def contains(*words: str) -> list[dict[str, str]]:
    """One condition a word, on the subject."""
    return [{"field": "subject", "operator": "contains", "value": word} for word in words]


RULES: tuple[dict[str, Any], ...] = (
    {
        "name": "Platinum customers",
        "conditions": [{"field": "tier", "operator": "is", "value": "platinum"}],
        "add_tags": ["vip"],
    },
    {
        "name": "Written in German",
        "conditions": [{"field": "language", "operator": "is", "value": "de"}],
        "queue": "Deutsch",
    },
    {
        "name": "Returns and damage",
        "conditions": contains(
            "return of", "return label", "exchange", "broken", "sent back", "send it back", "damag",
            "endommagé", "reso "
        ),
        "queue": "Returns",
        "category": "Return",
    },
    {
        "name": "Money",
        "conditions": contains(
            "invoice", "charged", "refund", "voucher", "reminder", "price", "instalment", "cancel my sub",
            "faktur", "rembours",
        ),
        "queue": "Billing",
        "category": "Payment",
    },
    {
        "name": "Machines",
        "conditions": contains(
            "machine", "grinder", "descale", "steam", "sour", "spare part", "repair", "moulin", "cafetera"
        ),
        "queue": "Technical",
        "category": "Machine",
    },
    {
        "name": "Subscriptions",
        "conditions": contains("every three weeks", "leveransdag"),
        "category": "Subscription",
    },
)  # fmt: skip
CANNED = (
    ("hello", "Greeting", "Hello {{customer.first_name}},\n\nthank you for writing to us.\n\n"),
    ("tracking", "Where the parcel is", "Your parcel is with the courier, who plans to be with you on "),
    ("sorry-late", "Sorry for the delay", "I am sorry that this has taken so long. "),
    (
        "refund",
        "Refund is on its way",
        "The refund is on its way and should arrive within three working days.",
    ),
    (
        "descale",
        "How to descale",
        "With hard water, please descale every two months. The manual is at Service.",
    ),
    (
        "return-label",
        "Return label",
        "You will find the return label in a separate mail. It is good for 30 days.",
    ),
    ("invoice", "Invoice sent", "The invoice is on its way to you in a separate mail."),
    ("gruss", "Deutscher Gruß", "Guten Tag {{customer.name}},\n\nvielen Dank für Ihre Nachricht.\n\n"),
)
MACROS: tuple[tuple[str, list[dict[str, Any]]], ...] = (
    ("Solved, thank you", [{"do": "add_tag", "value": "thanked"}, {"do": "resolve", "value": "Solved"}]),
    (
        "Guarantee case",
        [
            {"do": "set_queue", "value": "Technical"},
            {"do": "add_tag", "value": "guarantee"},
            {"do": "set_priority", "value": "high"},
        ],
    ),
    (
        "Take it and say hello",
        [
            {"do": "assign_me", "value": None},
            {"do": "reply_text", "value": "Hello {{customer.first_name}},\n\n"},
        ],
    ),
)
FIELDS = (
    {"key": "order_number", "label": "Order number", "kind": "text"},
    {
        "key": "product",
        "label": "Product",
        "kind": "choice",
        "options": ["Coffee", "Machine", "Grinder", "Other"],
    },
    {"key": "call_back", "label": "Call back", "kind": "yes_no"},
)
VIEWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("VIP, open", {"tag": "vip", "status": "open"}),
    ("Guarantee", {"tag": "guarantee"}),
    ("Urgent", {"priority": "urgent"}),
)
POLICIES: dict[str, Any] = {
    "desk_name": NAME,
    "time_zone": "Europe/Copenhagen",
    "public_address": HELP,
    "agent_minute_cost": 0.75,
    "acknowledgement_text": (
        "Thank you for writing to Nordkaffe. Your message has arrived; we usually answer within a few hours."
    ),
    "signature": "Nordkaffe · coffee for slow mornings",
}

_WEEKDAY, _WEEKEND = [["08:00", "20:00"]], [["09:00", "18:00"]]
CALENDAR: dict[str, Any] = {
    "name": "Shop hours",
    "zone": "Europe/Copenhagen",
    "country": "DK",
    "days": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), _WEEKDAY) | {"sat": _WEEKEND, "sun": _WEEKEND},
}
_HOUR = 3600


def _target(first: int, following: int, resolution: int | None, **cases: list[str]) -> dict[str, Any]:
    """What is promised to these cases, in seconds of the shop's hours."""
    return {**cases, "first_response": first, "next_response": following, "resolution": resolution}


_VOUCHER = {"amount": "15.00", "currency": "EUR", "per_hour": "5.00", "cap": "50.00"}
"""What the shop gives its best customers when it lets them wait."""
TARGETS: tuple[dict[str, Any], ...] = (
    _target(45, 60, None, channels=["chat"], tiers=["gold", "platinum"]),
    _target(90, 120, None, channels=["chat"]),
    _target(_HOUR // 2, _HOUR, 8 * _HOUR, priorities=["urgent"]),
    _target(_HOUR, 2 * _HOUR, 16 * _HOUR, tiers=["gold", "platinum"]) | {"penalty": _VOUCHER},
    _target(_HOUR // 4, _HOUR // 2, 24 * _HOUR, channels=["sms"]),
    _target(4 * _HOUR, 6 * _HOUR, 36 * _HOUR),
)
GOALS: dict[str, tuple[float, str, Rhythm]] = {
    "first_contact_resolution": (0.70, "Sofie Dahl", Rhythm.WEEKLY),
    "satisfaction": (0.80, "Sofie Dahl", Rhythm.WEEKLY),
    "first_response": (4 * _HOUR, "Sofie Dahl", Rhythm.WEEKLY),
    "sla_attainment": (0.90, "Sofie Dahl", Rhythm.WEEKLY),
    "old_backlog": (0.15, "Henrik Berg", Rhythm.MONTHLY),
    "self_service": (0.40, "Henrik Berg", Rhythm.MONTHLY),
    "cost_per_contact": (10.0, "Henrik Berg", Rhythm.QUARTERLY),
}
"""What the shop wants to reach: the target, who answers for it, and how often it is looked at."""
