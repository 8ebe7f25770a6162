"""A customer's tier becomes another: by hand or by value, kept with who did it, and told in the journal."""

from __future__ import annotations

from desk.model.customer import Customer, Tier
from desk.model.events import TierChanged
from desk.model.worth import TierChange
from desk.store.unit_of_work import Work


def set_tier_by_hand(work: Work, customer: Customer, tier: Tier) -> None:
    """From now on this is the customer's tier, whatever values say."""
    if customer.tier is not tier:
        note_tier(work, customer.id, customer.tier, tier, None)
    customer.tier, customer.tier_by_hand = tier, True


def note_tier(work: Work, customer_id: int, before: Tier, after: Tier, run_id: int | None) -> None:
    """Keep the change, with its run where a value made it."""
    actor = f"{work.actor.name} ({work.actor.key})"[:120]
    work.session.add(
        TierChange(
            customer_id=customer_id, at=work.now, before=before, after=after, actor=actor, run_id=run_id
        )
    )
    work.record(TierChanged(customer_id=customer_id, before=before.value, after=after.value, run_id=run_id))
