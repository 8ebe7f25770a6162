"""Rules fire on what was planted and on nothing else; a person decides; what was declined stays declined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from desk.actions.insights import proposals
from desk.actions.insights.proposal_board import board_shown, proposal_shown
from desk.actions.insights.proposal_found import Proposed, keep_proposals
from desk.actions.insights.topics import merge_topics, reject_topic
from desk.actions.knowledge.articles import new_article, publish_article
from desk.actions.knowledge.collections import new_collection
from desk.insights.rewording import Cited
from desk.jobs.make_proposals import make_proposals
from desk.jobs.reading_space import Reading
from desk.model.case import CaseChange
from desk.model.errors import Conflict, Forbidden, Invalid
from desk.model.knowledge import ArticleUse, HelpSearch, UseKind
from desk.model.proposal import Proposal, ProposalKind, ProposalState
from desk.store.insights.proposals import every_proposal
from desk.store.unit_of_work import Store, Work
from tests.integration.topics.planted import SHOE, WHOSE, a_space, asked
from tests.people import MORNING, STAGE, Cast

NOW = MORNING + timedelta(days=60)
SINCE = NOW - timedelta(days=20)
LOOKED = "We looked into it, all is as it should be by now, and nothing is left for you to do in this matter."


@pytest.fixture
def topics(store: Store, cast: Cast) -> list[int]:
    """Six topics that a hundred and fifty customers asked of in four weeks, and Ada alone answered."""
    with store.unit_of_work(STAGE, now=SINCE) as work:
        numbers = a_space(work, WHOSE)
        for topic, name in zip(numbers, WHOSE, strict=True):
            asked(work, cast, topic, name, 24, SINCE, answer=LOOKED, agents=[cast.ada])
    return numbers


def stands(store: Store) -> list[tuple[int, str, ProposalState]]:
    with store.reading(STAGE) as work:
        return [(one.topic_id, one.rule, one.state) for one in every_proposal(work.session)]


def one_made(reading: Reading) -> int:
    assert make_proposals(reading, NOW) == 1
    with reading.store.reading(STAGE) as work:
        return every_proposal(work.session)[0].id


@pytest.fixture
def gap(store: Store, cast: Cast, topics: list[int], reading: Reading) -> int:
    """Three agents give everybody the same answer about returns, and nobody wrote it down; the proposal."""
    with store.unit_of_work(STAGE, now=SINCE) as work:
        asked(
            work, cast, topics[0], WHOSE[0], 30, SINCE + timedelta(hours=3), answer=SHOE,
            agents=[cast.ada, cast.ben, cast.sam],
        )  # fmt: skip
    return one_made(reading)


def test_everyday_questions_propose_nothing(store: Store, topics: list[int], reading: Reading) -> None:
    assert make_proposals(reading, NOW) == 0
    assert stands(store) == []


def test_an_answer_that_nobody_wrote_down_is_proposed_with_its_draft_and_cases(
    store: Store, cast: Cast, topics: list[int], gap: int
) -> None:
    with store.reading(STAGE) as work:
        found = work.session.get_one(Proposal, gap)
        assert (found.kind, found.rule, found.topic_id) == (ProposalKind.FAQ, "faq_gap", topics[0])
        draft = found.evidence["draft"]
        assert draft["sentences"][0]["text"] == SHOE
        assert draft["question"].startswith("How does the return work")
        assert found.evidence["contacts"] == 54
        assert 0 < found.saving["hours"][0] < found.saving["hours"][1] < found.saving["hours"][2]
        assert 0.3 < found.confidence < 1


def test_the_same_night_again_makes_nothing_twice(reading: Reading, gap: int) -> None:
    assert make_proposals(reading, NOW) == 0


def test_cases_that_are_opened_again_propose_a_process_fix(
    store: Store, cast: Cast, topics: list[int], reading: Reading
) -> None:
    with store.unit_of_work(STAGE, now=SINCE) as work:
        cases = asked(work, cast, topics[1], WHOSE[1], 12, SINCE + timedelta(hours=3))
        work.session.add_all(
            CaseChange(
                case_id=case, at=SINCE + timedelta(days=6), actor="Cleo", sentence="It was opened again",
                what="status", before="resolved", after="open",
            )
            for case in cases
        )  # fmt: skip
    make_proposals(reading, NOW)
    assert (topics[1], "reopen", ProposalState.NEW) in stands(store)


def test_orders_without_news_propose_to_send_word(
    store: Store, cast: Cast, topics: list[int], reading: Reading
) -> None:
    with store.unit_of_work(STAGE, now=SINCE) as work:
        asked(work, cast, topics[3], WHOSE[3], 30, SINCE + timedelta(hours=3))
        work.session.execute(
            text(
                "INSERT INTO purchases (customer_id, order_number, description, amount, currency,"
                " bought_at, status, line, source)"
                " SELECT c.customer_id, q.id, 'Shoes', 50, 'EUR', q.asked_at - interval '5 days', '', 1, ''"
                " FROM questions q JOIN cases c ON c.id = q.case_id WHERE q.topic_id = :topic"
            ),
            {"topic": topics[3]},
        )
    make_proposals(reading, NOW)
    assert stands(store) == [(topics[3], "status_chase", ProposalState.NEW)]


def test_searches_in_vain_join_the_gap_that_they_show(
    store: Store, cast: Cast, topics: list[int], gap: int, reading: Reading
) -> None:
    with store.unit_of_work(STAGE, now=NOW) as work:
        work.session.add_all(
            HelpSearch(token=f"t{number}", words="return order", found=0, at=NOW - timedelta(days=2))
            for number in range(12)
        )
    assert make_proposals(reading, NOW) == 0
    with store.reading(STAGE) as work:
        rules = {one["rule"] for one in work.session.get_one(Proposal, gap).evidence["signals"]}
    assert rules == {"faq_gap", "search_failed"}


def test_an_article_that_agents_send_all_the_same_is_to_be_mended(
    store: Store, cast: Cast, topics: list[int], reading: Reading
) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=MORNING) as work:
        collection = new_collection(work, title="Returns")
        article = new_article(work, collection_id=collection.id, title="Shoes", body="Send them back.")
        publish_article(work, article.id, version=article.version)
        number = article.id
    with store.unit_of_work(STAGE, now=SINCE) as work:
        for case in asked(work, cast, topics[0], WHOSE[0], 10, SINCE + timedelta(hours=3)):
            work.session.add(ArticleUse(article_id=number, case_id=case, kind=UseKind.LINK, at=SINCE))
    make_proposals(reading, NOW)
    assert stands(store) == [(topics[0], "improve_article", ProposalState.NEW)]


def test_what_was_declined_stays_declined_until_there_is_news(
    store: Store, cast: Cast, topics: list[int], gap: int, reading: Reading
) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        proposals.decline_proposal(work, gap, "We stop selling shoes.")
    assert make_proposals(reading, NOW) == 0
    with store.unit_of_work(STAGE, now=NOW) as work:
        asked(
            work, cast, topics[0], WHOSE[0], 30, NOW - timedelta(days=3), answer=SHOE,
            agents=[cast.ada, cast.ben, cast.sam], apart=timedelta(hours=1),
        )  # fmt: skip
    assert make_proposals(reading, NOW) == 1
    with store.reading(STAGE) as work:
        found = work.session.get_one(Proposal, gap)
    assert (found.state, found.reason, found.evidence["contacts"]) == (ProposalState.NEW, None, 84)


def test_a_dozen_stand_as_new_the_surest_first_and_the_others_wait_for_room(
    store: Store, cast: Cast, topics: list[int]
) -> None:
    def found(topic: int, kind: ProposalKind) -> Proposed:
        hours = [float(topic), 200.0, 300.0]
        return Proposed(
            kind, "reopen", topic, f"{kind.value} {topic}", {"signals": []}, {"hours": hours}, 0.5
        )

    made = [found(topic, kind) for topic in topics for kind in ProposalKind]
    counted = {topic: topic for topic in topics}
    with store.unit_of_work(STAGE, now=NOW) as work:
        assert keep_proposals(work, made, counted, lambda before, now: "") == 12
        assert keep_proposals(work, made, counted, lambda before, now: "") == 0
    assert {topic for topic, _, _ in stands(store)} == set(sorted(topics)[3:])
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        for one in every_proposal(work.session)[:2]:
            proposals.decline_proposal(work, one.id, "Not now.")
    with store.unit_of_work(STAGE, now=NOW) as work:
        assert keep_proposals(work, made, counted, lambda before, now: "") == 2


def test_a_topic_merged_takes_its_proposal_along_and_one_rejected_ends_it(
    store: Store, cast: Cast, topics: list[int], gap: int, reading: Reading
) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        merge_topics(work, topics[0], topics[5])
    make_proposals(reading, NOW)
    assert [(topic, state) for topic, _, state in stands(store)] == [(topics[5], ProposalState.NEW)]
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        reject_topic(work, topics[5])
    make_proposals(reading, NOW)
    assert [(topic, state) for topic, _, state in stands(store)] == [(topics[5], ProposalState.DECLINED)]


def test_what_was_taken_up_speaks_for_the_topic_into_which_its_own_was_merged(
    store: Store, cast: Cast, topics: list[int], gap: int, reading: Reading
) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        proposals.accept_proposal(work, gap, cast.ada.id, None)
        merge_topics(work, topics[0], topics[5])
    assert make_proposals(reading, NOW) == 0
    with store.reading(cast.actor(cast.sam)) as work:
        (card,) = board_shown(work)
    assert (card["id"], card["topic_id"], card["state"]) == (gap, topics[5], "accepted")


def test_an_article_out_of_a_draft_puts_it_into_effect_when_it_is_published(
    store: Store, cast: Cast, gap: int
) -> None:
    with store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        collection = new_collection(work, title="Returns")
        article = proposals.draft_article(work, gap, collection.id)
        number, version = article.id, article.version
        assert article.body == SHOE
        assert not article.is_published
    with store.reading(STAGE) as work:
        found = work.session.get_one(Proposal, gap)
        assert (found.state, found.owner_id) == (ProposalState.ACCEPTED, cast.sam.id)
    with pytest.raises(Conflict), store.unit_of_work(cast.actor(cast.sam), now=NOW) as work:
        proposals.draft_article(work, gap, collection.id)
    later = NOW + timedelta(days=2)
    with store.unit_of_work(cast.actor(cast.sam), now=later) as work:
        publish_article(work, number, version=version)
    with store.reading(STAGE) as work:
        found = work.session.get_one(Proposal, gap)
    assert (found.state, found.in_effect_from) == (ProposalState.IN_EFFECT, later.date())


class Shorter:
    """A writer that leaves out every second word, and counts how often it was asked."""

    name = "Shorter"

    def __init__(self) -> None:
        self.asked = 0

    def reword(self, question: str, sentences: Sequence[Cited]) -> Sequence[Cited]:
        self.asked += 1
        return [Cited(" ".join(one.text.split()[::2]), one.case_ids) for one in sentences]


def test_a_draft_is_reworded_once_and_a_person_chooses(
    store: Store, cast: Cast, reading: Reading, gap: int
) -> None:
    sam = cast.actor(cast.sam)
    with pytest.raises(Invalid, match="no other wording"), store.unit_of_work(sam, now=NOW) as work:
        proposals.draft_article(work, gap, new_collection(work, title="None").id, as_reworded=True)
    reading.writer = writer = Shorter()
    make_proposals(reading, NOW)
    make_proposals(reading, NOW)
    assert writer.asked == 1
    short = " ".join(SHOE.split()[::2])
    with store.reading(sam) as work:
        told = proposal_shown(work, gap)["evidence"]["draft"]
    assert (told["wording"]["by"], told["sentences"][0]["text"]) == ("Shorter", SHOE)
    with store.unit_of_work(sam, now=NOW) as work:
        collection = new_collection(work, title="Returns")
        assert proposals.draft_article(work, gap, collection.id, as_reworded=True).body == short


def test_every_deed_is_taken_back_in_turn(store: Store, cast: Cast, gap: int) -> None:
    sam = cast.actor(cast.sam)
    with store.unit_of_work(sam, now=NOW) as work:
        accepted = proposals.accept_proposal(work, gap, cast.ada.id, date(2026, 6, 1)).id
        begun = proposals.put_in_effect(work, gap, date(2026, 4, 20)).id
    with pytest.raises(Conflict), store.unit_of_work(sam, now=NOW) as work:
        proposals.take_back(work, accepted)
    with store.unit_of_work(sam, now=NOW) as work:
        proposals.take_back(work, begun)
        found = proposals.take_back(work, accepted)
        assert (found.state, found.owner_id, found.due_on) == (ProposalState.NEW, None, None)


def test_what_cannot_be_is_refused_in_words(store: Store, cast: Cast, gap: int) -> None:
    sam = cast.actor(cast.sam)
    deeds: dict[str, Callable[[Work], object]] = {
        "no such person": lambda work: proposals.accept_proposal(work, gap, 999_999, None),
        "day is over": lambda work: proposals.accept_proposal(work, gap, cast.ada.id, date(2026, 1, 1)),
        "still to come": lambda work: proposals.put_in_effect(work, gap, date(2027, 1, 1)),
        "Say why": lambda work: proposals.decline_proposal(work, gap, "  "),
        "is new": lambda work: proposals.put_in_effect(work, gap, date(2026, 4, 20)),
    }
    for refused, deed in deeds.items():
        with pytest.raises(Invalid, match=refused), store.unit_of_work(sam, now=NOW) as work:
            deed(work)
    for agent in (cast.ada, cast.otto):
        with pytest.raises(Forbidden), store.unit_of_work(cast.actor(agent), now=NOW) as work:
            proposals.decline_proposal(work, gap, "No.")
