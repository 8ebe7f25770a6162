"""The demo's customers with phones: what they text, and how they answer."""

from __future__ import annotations

from random import Random

from desk.channels.sms.segments import LONGEST_TEXT
from desk.demo.line import handles, phones
from desk.demo.questions import filled
from desk.demo.texting import SCRIPTS, THINKING_SECONDS, Texters

MUCH_LATER = THINKING_SECONDS[1] + 1.0


class Willing(Random):
    """Dice for customers who always answer."""

    def randint(self, a: int, _b: int) -> int:
        return a


def test_every_phone_is_a_number_that_is_kept_free_for_stories() -> None:
    assert phones()
    assert all(number.startswith("+447700900") and len(number) == 13 for number in phones())


def test_some_write_by_whatsapp_and_each_is_one_person_with_one_phone() -> None:
    bare = {handle.removeprefix("whatsapp:"): person for handle, person in handles().items()}
    assert bare == phones()
    by_whatsapp = [handle for handle in handles() if handle.startswith("whatsapp:")]
    assert 0 < len(by_whatsapp) < len(bare) / 2


def test_every_script_is_a_text_for_everybody() -> None:
    for person in phones().values():
        for script in SCRIPTS:
            assert all(0 < len(filled(said, person)) <= LONGEST_TEXT for said in script.says)


def test_a_customer_goes_through_the_script_and_then_says_thanks() -> None:
    texters = Texters(dice=Willing(4))
    number, said, _ = texters.new_text()
    script, _ = texters.turns[number]
    heard = [said]
    for _ in range(len(script.says)):
        texters.hear(number, 0)
        assert texters.due(0) is None
        answer = texters.due(MUCH_LATER)
        assert answer is not None and answer[0] == number
        heard.append(answer[1])
    person = handles()[number]
    assert heard[:-1] == [filled(each, person) for each in script.says]


def test_a_number_of_nobody_is_not_answered() -> None:
    texters = Texters(dice=Willing(4))
    texters.hear("+15005550006", 0)
    assert texters.due(MUCH_LATER) is None


def test_nobody_speaks_for_whom_a_person_texts_by_hand() -> None:
    texters = Texters(dice=Willing(4))
    number = next(iter(texters.phones))
    texters.by_hand.add(number)
    texters.hear(number, 0)
    assert texters.due(MUCH_LATER) is None
    assert number not in {texters.new_text()[0] for _ in range(300)}
