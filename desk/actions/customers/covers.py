"""Whether the work on a case is covered: judged as it opens and as things change, overruled with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from desk.actions.cases.access import case_for
from desk.actions.cases.history import note_change
from desk.customers.cover import Held, Ruling, named_in, ruling
from desk.model.case import Case
from desk.model.entitlement import CaseCover, Entitlement, Standing
from desk.model.errors import Conflict, Forbidden, Invalid
from desk.model.permission import Permission
from desk.store.customers.entitlements import (
    cases_leaning_on,
    category_of,
    first_words,
    held_by,
    holds_any,
    used_of,
)
from desk.store.policies import policy
from desk.store.unit_of_work import Work

LONGEST_REASON = 300


def judge_cover(work: Work, case: Case) -> None:
    """Look anew whether the case is covered, by what it says and by the day it was opened.

    The caller holds the case, which is in the database. Nothing happens to a case of a customer who has
    no entitlement, until somebody says which product it is about.
    """
    cover = _cover_of(work, case)
    if cover is None and not holds_any(work.line, case.customer_id):
        return
    work.session.add(case)
    _judge(work, case, cover or _begun(work, case))


def judge_cases(work: Work, cases: Iterable[Case]) -> None:
    """The same for several cases, held by the caller, in the order of their numbers."""
    for case in cases:
        judge_cover(work, case)


def judge_cases_of(work: Work, customer_ids: Iterable[int]) -> None:
    """The same for all that lean on what these customers have."""
    judge_cases(work, cases_leaning_on(work.session, set(customer_ids)))


def choose_product(work: Work, case_id: int, product: str) -> Case:
    """Say which product the case is about; nothing said: what its words name again."""
    case = _case(work, case_id)
    cover = _cover_of(work, case) or _begun(work, case)
    chosen = " ".join(product.split())
    if chosen and not chosen.isprintable():
        raise Invalid("The product holds characters that do not print.", "product")
    if chosen != (cover.product if cover.product_by_hand else ""):
        cover.product, cover.product_by_hand = chosen[:200], bool(chosen)
        told = f"said that it is about “{chosen[:200]}”" if chosen else "took back which product it is about"
        note_change(work, case, "product", f"{work.actor.name} {told}", after=chosen[:200])
    _judge(work, case, cover)
    return case


def bill_case(work: Work, case_id: int, *, billable: bool, reason: str = "") -> Case:
    """Say that the work is billed, or is not.

    Against what the entitlements say it takes a manager, who says why. Raises Forbidden, Invalid.
    """
    case = _case(work, case_id)
    cover = _cover_of(work, case) or _begun(work, case)
    _judge(work, case, cover)
    why = " ".join(reason.split())[:LONGEST_REASON]
    against = cover.standing is (Standing.COVERED if billable else Standing.UNCOVERED)
    if against:
        _refuse_unless_overruled(work, cover, why)
    cover.billed_by_hand, cover.overruled, cover.why = billable, against, why
    told = "billable" if billable else "not billable"
    beside = f", against what the entitlements say ({cover.sentence})" if against else ""
    before, case.billable = case.billable, billable
    note_change(
        work,
        case,
        "billing",
        f"{work.actor.name} marked the work as {told}{beside}",
        before=before,
        after=billable,
        why=why or None,
    )
    return case


def follow_entitlements(work: Work, case_id: int) -> Case:
    """What somebody said about billing no longer holds; what the entitlements say does."""
    case = _case(work, case_id)
    cover = _cover_of(work, case)
    if cover is None or cover.billed_by_hand is None:
        return case
    cover.billed_by_hand, cover.overruled, cover.why = None, False, ""
    note_change(work, case, "billing", f"{work.actor.name} let the entitlements decide about billing again")
    _judge(work, case, cover)
    return case


def note_agreement(work: Work, case_id: int, note: str) -> Case:
    """The customer agreed to be billed: when, and in which words. Raises Conflict where nothing is billed."""
    case = _case(work, case_id)
    cover = _cover_of(work, case)
    if cover is None or not case.billable:
        raise Conflict("There is nothing to agree to: the work on this case is not billable.")
    cover.agreed_at, cover.agreed_note = work.now, " ".join(note.split())[:LONGEST_REASON]
    note_change(
        work,
        case,
        "agreement",
        f"{work.actor.name} noted that the customer agreed to be billed",
        why=cover.agreed_note or None,
    )
    return case


def withdraw_agreement(work: Work, case_id: int) -> Case:
    """The customer agreed to nothing, or takes it back."""
    case = _case(work, case_id)
    cover = _cover_of(work, case)
    if cover is not None and cover.agreed_at is not None:
        cover.agreed_at, cover.agreed_note = None, ""
        note_change(work, case, "agreement", f"{work.actor.name} took back that the customer agreed")
    return case


def _case(work: Work, case_id: int) -> Case:
    case = case_for(work, case_id, to=Permission.WORK_CASES, lock=True)
    if case.merged_into_id is not None:
        raise Conflict(f"Case {case.id} was merged into case {case.merged_into_id}.")
    return case


def _cover_of(work: Work, case: Case) -> CaseCover | None:
    return work.session.get(CaseCover, case.id)


def _begun(work: Work, case: Case) -> CaseCover:
    cover = CaseCover(case_id=case.id, judged_at=work.now)
    work.session.add(cover)
    return cover


def _refuse_unless_overruled(work: Work, cover: CaseCover, why: str) -> None:
    meant = "covered, and cannot be billed" if cover.standing is Standing.COVERED else "not covered"
    if not work.actor.may(Permission.OVERRULE_COVER):
        raise Forbidden(f"The work is {meant}. {cover.sentence} A manager may overrule this, with a reason.")
    if not why:
        raise Invalid(f"The work is {meant}. {cover.sentence} Say why it is overruled.", "reason")


def _judge(work: Work, case: Case, cover: CaseCover) -> None:
    kept = held_by(work.session, case.customer_id, lock=True)
    if not cover.product_by_hand:
        cover.product = _named(work, case, kept)
    said = _ruling(work, case, cover, kept)
    before, was_billable = cover.standing, case.billable
    cover.standing, cover.sentence, cover.until = said.standing, said.sentence[:500], said.until
    cover.entitlement_id, cover.judged_at = said.entitlement_id, work.now
    if cover.billed_by_hand and not cover.overruled and cover.standing is Standing.COVERED:
        # Somebody billed it while nothing was known to cover it; that was no word against this.
        cover.billed_by_hand, cover.why = None, ""
    by_hand = cover.billed_by_hand
    case.billable = cover.standing is Standing.UNCOVERED if by_hand is None else by_hand
    if before is not cover.standing or was_billable != case.billable:
        told = {
            Standing.COVERED: "The work is covered.",
            Standing.UNCOVERED: "The work is not covered" + (", and billable." if case.billable else "."),
            Standing.UNKNOWN: "Whether the work is covered is not known.",
        }[cover.standing]
        note_change(
            work, case, "cover", f"{told} {cover.sentence}", before=before.value, after=cover.standing.value
        )
    # Another case that is judged in this transaction counts this one.
    work.session.flush()


def _named(work: Work, case: Case, kept: Iterable[Entitlement]) -> str:
    products = {one.product for one in kept if one.product}
    if not products:
        return ""
    return named_in(case.subject, products) or named_in(
        "\n".join(first_words(work.session, case.id)), products
    )


def _ruling(work: Work, case: Case, cover: CaseCover, kept: Iterable[Entitlement]) -> Ruling:
    entitlements = list(kept)
    limited = [one.id for one in entitlements if one.allowance is not None]
    used = used_of(work.session, limited, but=case.id) if limited else {}
    held = [
        Held(
            id=one.id,
            kind=one.kind,
            product=one.product,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            category_ids=frozenset(one.category_ids),
            allowance=one.allowance,
            used=used.get(one.id, 0),
        )
        for one in entitlements
    ]
    zone = ZoneInfo(policy(work.session, "time_zone", "UTC"))
    category, category_ids = category_of(work.session, case)
    return ruling(
        held,
        product=cover.product,
        categories=category_ids,
        on=case.opened_at.astimezone(zone).date(),
        category=category,
    )
