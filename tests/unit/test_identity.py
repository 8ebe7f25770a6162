"""Who is who: addresses in one form, and what a claim opens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.customers.identity import Approach, normal_address, opens_history
from desk.model.customer import AddressKind
from desk.model.errors import Invalid
from desk.model.inbound import ChannelKind, Verdict

approaches = st.lists(st.builds(Approach, verified=st.booleans(), verdict=st.sampled_from(Verdict)))


@pytest.mark.parametrize(
    "kind, written, normal",
    [
        (AddressKind.EMAIL, " Cleo@EXAMPLE.org ", "cleo@example.org"),
        (AddressKind.EMAIL, "cleo@bücher.example", "cleo@xn--bcher-kva.example"),
        (AddressKind.PHONE, "+44 (20) 7946-0958", "+442079460958"),
        (AddressKind.EXTERNAL, " K-77 ", "K-77"),
    ],
)
def test_an_address_has_one_form(kind: AddressKind, written: str, normal: str) -> None:
    assert normal_address(kind, written) == normal


@pytest.mark.parametrize("kind", list(AddressKind))
@given(written=st.text(max_size=400))
def test_any_text_is_an_address_or_refused_in_a_sentence(kind: AddressKind, written: str) -> None:
    try:
        normal = normal_address(kind, written)
    except Invalid as refused:
        assert refused.sentence.endswith(".")
    else:
        assert normal_address(kind, normal) == normal
        assert 0 < len(normal) <= 320


@pytest.mark.parametrize("number", ["020 7946 0958", "+1", "+999 12345", "call me", "+44 20 7946 0958 ext"])
def test_a_number_that_rings_nowhere_is_refused(number: str) -> None:
    with pytest.raises(Invalid):
        normal_address(AddressKind.PHONE, number)


@given(approaches)
def test_a_claim_alone_never_opens_a_history(came_by: list[Approach]) -> None:
    proven = [a for a in came_by if a.verified and a.verdict is not Verdict.FAIL]
    assert opens_history(came_by) is (not came_by or bool(proven))


@given(approaches.filter(bool), approaches)
def test_more_claims_never_close_what_a_proof_opened(came_by: list[Approach], more: list[Approach]) -> None:
    if opens_history(came_by):
        assert opens_history(came_by + more)


@pytest.mark.parametrize("channel", [ChannelKind.FORM, ChannelKind.API])
def test_an_address_that_was_only_typed_opens_nothing_even_when_it_is_verified(channel: ChannelKind) -> None:
    typed = Approach(verified=True, verdict=Verdict.NONE, channel=channel)
    proven = Approach(verified=True, verdict=Verdict.PASS, channel=channel)
    assert not opens_history([typed])
    assert opens_history([typed, proven])
