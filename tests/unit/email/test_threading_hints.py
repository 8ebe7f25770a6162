"""Tokens that only we can make, and everything else a mail says of its conversation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.channels.email.hints import hints, make_reply_token, reply_address, token_in, verified_conversation
from desk.channels.email.inbound import inbound_from
from desk.channels.email.loops import automatic_kind, reason_to_ignore
from desk.channels.email.parse import parse
from desk.channels.email.trust import Judgement
from desk.model.inbound import Automatic, ThreadingHints, Verdict

SECRET = b"a secret of thirty-two bytes, more"
numbers = st.integers(1, 10**15)


@given(numbers, numbers)
def test_a_token_leads_back_to_its_conversation(channel: int, conversation: int) -> None:
    assert (
        verified_conversation(make_reply_token(SECRET, channel, conversation), SECRET, channel)
        == conversation
    )


@given(numbers, numbers, st.integers(0, 40), st.characters(codec="ascii"))
def test_a_changed_token_is_refused(channel: int, conversation: int, place: int, letter: str) -> None:
    token = make_reply_token(SECRET, channel, conversation)
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    if changed.lower() != token:
        assert verified_conversation(changed, SECRET, channel) is None


def test_a_token_of_another_channel_or_secret_is_refused() -> None:
    token = make_reply_token(SECRET, 1, 7)
    assert verified_conversation(token, SECRET, 2) is None
    assert verified_conversation(token, b"another secret", 1) is None
    assert verified_conversation(token.replace("c.7", "c.8"), SECRET, 1) is None
    assert verified_conversation("", SECRET, 1) is None


def test_without_a_secret_no_token_is_made_or_checked() -> None:
    with pytest.raises(ValueError, match="needs a secret"):
        make_reply_token(b"", 1, 7)


def test_a_token_survives_the_address_in_any_case() -> None:
    address = reply_address("support@shop.example", make_reply_token(SECRET, 1, 7))
    token = token_in(address.upper())
    assert token is not None
    assert verified_conversation(token, SECRET, 1) == 7
    assert token_in("support+sales@shop.example") is None


def test_a_mail_tells_its_hints_strongest_first() -> None:
    token = make_reply_token(SECRET, 1, 7)
    raw = (
        f"From: cleo@home.example\nTo: friend@x.example\nDelivered-To: support+{token}@shop.example\n"
        "Subject: Re: [#12] Parcel [#12] [#13]\nIn-Reply-To: <b@x>\nReferences: <a@x> <b@x>\n\nHi"
    )
    assert hints(parse(raw.encode())) == ThreadingHints((token,), ("b@x",), ("a@x", "b@x"), (12, 13))


def test_our_own_mail_opens_nothing() -> None:
    ours = parse(b"From: Shop <support+c.1@shop.example>\n\nHello")
    marked = parse(b"From: x@y.example\nX-Loop: desk-1\n\nHello")
    other = parse(b"From: cleo@home.example\nX-Loop: other\n\nHello")
    for mail in (ours, marked):
        assert reason_to_ignore(mail, {"support@shop.example"}, our_loop_id="desk-1") is not None
        assert automatic_kind(mail, {"support@shop.example"}, our_loop_id="desk-1") is Automatic.OURSELVES
    assert reason_to_ignore(other, {"support@shop.example"}, our_loop_id="desk-1") is None


def test_an_automatic_answer_is_not_ignored_but_marked() -> None:
    mail = parse(b"From: cleo@home.example\nAuto-Submitted: auto-replied\n\nI am away.")
    assert reason_to_ignore(mail, set()) is None
    assert inbound_from(mail, source_key="1").automatic is Automatic.AUTO_REPLY


def test_a_pass_does_not_hold_for_a_sender_in_doubt() -> None:
    plain = parse(b"From: cleo@home.example\n\nHi")
    doubled = parse(b"From: cleo@home.example\nFrom: evil@x.example\n\nHi")
    assert inbound_from(plain, source_key="1", judgement=Judgement(Verdict.PASS, "")).verdict is Verdict.PASS
    assert (
        inbound_from(doubled, source_key="1", judgement=Judgement(Verdict.PASS, "")).verdict is Verdict.NONE
    )
    assert (
        inbound_from(doubled, source_key="1", judgement=Judgement(Verdict.FAIL, "")).verdict is Verdict.FAIL
    )
