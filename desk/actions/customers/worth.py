"""What customers are worth: when it is computed, what becomes of it, and why a tier is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import compress
from typing import Any
from zoneinfo import ZoneInfo

from desk.actions.customers.profile import customer_known
from desk.actions.customers.retention import open_retention_tasks
from desk.actions.customers.tiers import note_tier
from desk.actions.setup.audit import audit
from desk.model.customer import Customer, Tier
from desk.model.errors import Conflict, Invalid
from desk.model.events import CustomerChanged, ValueRunAsked, ValuesComputed
from desk.model.permission import Permission
from desk.model.worth import CustomerValue, ValueRun
from desk.store.customers.retention import tier_totals
from desk.store.customers.worth import (
    any_purchase,
    currencies,
    keep_values,
    last_asked,
    last_run,
    purchases_behind,
    set_tiers,
    standings,
    tier_changes_of,
    unfinished_run,
    value_of,
    waiting_run,
)
from desk.store.holds import hold
from desk.store.policies import policy
from desk.store.unit_of_work import Work

VALUE_POLICY: Mapping[str, Any] = {
    "hour": 3,
    "horizon_weeks": 52,
    "discount_a_year": 0.1,
    "currency": "",
    "tiers_by": "share",
    "silver": 0.5,
    "gold": 0.2,
    "platinum": 0.05,
    "band": 0.1,
    "actions": {"bronze": "letter", "silver": "coupon", "gold": "call", "platinum": "call"},
    "rest_days": 90,
}
"""What holds until a manager says otherwise. `hour` is of the night, in the desk's time zone; without a
currency it is the one of most purchases. Tiers by `share` of the customers, or by `amount` of value. Whoever
is leaving gets a retention task with the action of their tier, and none for `rest_days` after one."""
PURCHASES_SHOWN = 200


@dataclass(frozen=True)
class Found:
    """What a run found: a list a column of `customer_values`, the tier that each value earns, the values
    above which tiers begin, and the fitted parameters."""

    columns: Mapping[str, list[Any]]
    tiers: Mapping[int, Tier]
    cuts: Mapping[str, float]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    purchases: int = 0
    remarks: list[str] = field(default_factory=list)


def value_policy(work: Work) -> dict[str, Any]:
    """How values are computed now."""
    return {**VALUE_POLICY, **policy(work.session, "value", {})}


def ask_for_values(work: Work) -> ValueRun:
    """Have all values computed anew, soon; the run that waits already is as good."""
    work.require(Permission.EDIT_POLICIES)
    hold(work.session, "value run")
    waiting = unfinished_run(work.session)
    if waiting is not None:
        return waiting
    run = ValueRun(asked_at=work.now, asked_by=f"{work.actor.name} ({work.actor.key})"[:120])
    work.session.add(run)
    work.session.flush()
    work.record(ValueRunAsked(run_id=run.id))
    return run


def ask_nightly(work: Work) -> bool:
    """Ask for the night's run, once its hour has come and where anything was ever bought."""
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    due = last_hour(work.now, int(value_policy(work)["hour"]), zone)
    asked = last_asked(work.session)
    if (asked is not None and asked >= due) or not any_purchase(work.session):
        return False
    ask_for_values(work)
    return True


def last_hour(now: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The latest moment, up to now, at which the wall clock of `zone` began this hour."""
    local = now.astimezone(zone)
    today = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    # In UTC, so that a day of 23 or 25 hours counts as it was.
    if today.astimezone(now.tzinfo) > now:
        today = (local - timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    return today.astimezone(now.tzinfo)


def begin_run(work: Work) -> ValueRun | None:
    """Take the run that waits into our hands, and fix what it is to see; None when there is none."""
    run = waiting_run(work.session, work.now, lock=True)
    if run is None:
        return None
    run.started_at = work.now
    zone = policy(work.session, "time_zone", "UTC")
    run.policy = {**value_policy(work), "time_zone": zone}
    run.until = work.now.astimezone(ZoneInfo(zone)).date()
    known = currencies(work.session)
    run.currency = run.policy["currency"] or next(iter(known), "EUR")
    others = {currency: count for currency, count in known.items() if currency != run.currency}
    run.remarks = [
        f"Purchases in {currency} are not counted ({count:,}): values are in {run.currency}."
        for currency, count in others.items()
    ]
    return run


def finish_run(work: Work, run_id: int, found: Found) -> int:
    """Keep what a run found, and let tiers follow; how many changed.

    A tier set by hand stays. Who has nothing left that was bought is bronze again. Each change is kept,
    and told in the journal.
    """
    run = work.session.get_one(ValueRun, run_id)
    before = standings(work.session)
    numbers = found.columns["customer_id"]
    # A face that was put into another meanwhile has no figures of its own any more.
    here = [number in before for number in numbers]
    columns = {name: list(compress(column, here)) for name, column in found.columns.items()}
    keep_values(work.session, run_id, columns)
    earned = {number: found.tiers[number] for number in columns["customer_id"]}
    earned |= {
        number: Tier.BRONZE for number, stood in before.items() if stood.valued and number not in earned
    }
    moving = {number: tier for number, tier in earned.items() if before[number].tier is not tier}
    changed = set_tiers(work.session, moving)
    for number in sorted(changed):
        note_tier(work, number, before[number].tier, moving[number], run_id)
    run.finished_at, run.customers, run.purchases = work.now, len(columns["customer_id"]), found.purchases
    run.parameters, run.cuts = dict(found.parameters), dict(found.cuts)
    run.remarks = [*run.remarks, *found.remarks]
    work.session.flush()
    open_retention_tasks(work, run, {**VALUE_POLICY, **run.policy})
    work.record(ValuesComputed(run_id=run_id, customers=run.customers, tiers_changed=len(changed)))
    return len(changed)


def follow_value(work: Work, customer_id: int) -> Customer:
    """The tier follows the value again, from now on and at once where a value is known."""
    customer = customer_known(work, customer_id, to=Permission.EDIT_CUSTOMERS, lock=True)
    if customer.is_merged:
        raise Conflict(f"This customer was put together with customer {customer.merged_into_id}.")
    customer.tier_by_hand = False
    known = value_of(work.session, customer_id)
    if known is not None:
        earned = tier_above(float(known[0].value), known[1].cuts)
        if earned is not customer.tier:
            note_tier(work, customer.id, customer.tier, earned, known[1].id)
            customer.tier = earned
    audit(work, "tier follows the value", f"customer:{customer.id}")
    work.record(CustomerChanged(customer_id=customer.id))
    return customer


def tier_above(value: float, cuts: Mapping[str, Any]) -> Tier:
    """The highest tier whose cut lies below the value."""
    steps = (Tier.PLATINUM, Tier.GOLD, Tier.SILVER)
    return next((tier for tier in steps if value > float(cuts[tier.value])), Tier.BRONZE)


def value_traced(work: Work, customer_id: int) -> dict[str, Any]:
    """How a customer's figures came about: run, parameters, cuts, the purchases it counted, tier changes."""
    customer = customer_known(work, customer_id, to=Permission.READ_CUSTOMERS)
    known = value_of(work.session, customer_id)
    run = known[1] if known else None
    changes = [
        {"at": one.at, "before": one.before, "after": one.after, "actor": one.actor, "run_id": one.run_id}
        for one in tier_changes_of(work.session, customer_id)
    ]
    behind = (
        purchases_behind(work.session, customer_id, run, run.policy["time_zone"], PURCHASES_SHOWN)
        if run is not None
        else []
    )
    return {
        "customer_id": customer.id,
        "tier": customer.tier,
        "tier_by_hand": customer.tier_by_hand,
        "run": None if run is None else run_shown(run),
        "figures": None if known is None else figures_shown(known[0]),
        "tier_changes": changes,
        "purchases": [
            {
                "id": one.id, "external_id": one.external_id, "order_number": one.order_number,
                "bought_at": one.bought_at, "amount": str(one.amount), "source": one.source,
            }
            for one in behind
        ],
    }  # fmt: skip


def values_shown(work: Work) -> dict[str, Any]:
    """The last run, whether one waits, and how values are computed."""
    work.require(Permission.READ_SETUP)
    run = last_run(work.session)
    return {
        "run": None if run is None else run_shown(run),
        "waiting": unfinished_run(work.session) is not None,
        "tiers": tier_totals(work.session),
        "policy": value_policy(work),
    }


def run_shown(run: ValueRun) -> dict[str, Any]:
    names = ("id", "asked_at", "asked_by", "started_at", "finished_at", "until", "currency", "customers")
    more = ("purchases", "policy", "parameters", "cuts", "remarks")
    return {name: getattr(run, name) for name in (*names, *more)} | {
        "until": None if run.until is None else run.until.isoformat()
    }


def figures_shown(value: CustomerValue) -> dict[str, Any]:
    """Money as it is written, the rest as numbers."""
    money = ("monetary", "value", "low", "high", "habit", "lately")
    plain = ("recency", "frequency", "r", "f", "m", "alive", "purchases", "above", "prior")
    shown: dict[str, Any] = {name: getattr(value, name) for name in (*plain, "spends_less", "fell_silent")}
    return shown | {
        name: None if getattr(value, name) is None else str(getattr(value, name)) for name in money
    }


def checked_value_policy(given: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The policy with these changes. Raises Invalid where tiers would not rise."""
    actions = {**VALUE_POLICY["actions"], **kept.get("actions", {}), **given.get("actions", {})}
    changed = {**VALUE_POLICY, **kept, **given, "actions": actions}
    silver, gold, platinum = (float(changed[tier]) for tier in ("silver", "gold", "platinum"))
    if changed["tiers_by"] == "share" and not 1 > silver > gold > platinum > 0:
        raise Invalid("Shares of customers fall from silver to platinum, each between 0 and 1.", "value")
    if changed["tiers_by"] == "amount" and not 0 < silver < gold < platinum:
        raise Invalid("Amounts rise from silver to platinum, each above 0.", "value")
    return changed
