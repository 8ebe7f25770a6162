"""The demo's customers: what they may ask, what they write, and how they answer."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from random import Random

import pytest

from desk.demo.people import people
from desk.demo.questions import filled, picture, questions
from desk.demo.traffic import THINKING_SECONDS, Customers
from desk.model.errors import Invalid

MUCH_LATER = THINKING_SECONDS[1] + 1.0


class Willing(Random):
    """Dice for customers who always answer."""

    def randint(self, a: int, _b: int) -> int:
        return a


def a_reply(question: EmailMessage) -> EmailMessage:
    """The shop's answer to a question, as it arrives at the customer's."""
    reply = EmailMessage()
    reply["From"] = "Freja Lind · Nordkaffe <help@nordkaffe.example>"
    reply["Reply-To"] = "help+token@nordkaffe.example"
    reply["To"] = str(question["From"])
    reply["Subject"] = f"Re: {question['Subject']} [#7]"
    reply["Message-ID"] = "<answer@nordkaffe.example>"
    reply["References"] = str(question["Message-ID"])
    reply.set_content("It is on its way.")
    return reply


def test_there_are_many_questions_and_somebody_to_ask_each() -> None:
    assert len(questions()) >= 40
    assert {one.language for one in questions()} == {person.language for person in people()}
    assert len({person.address for person in people()}) == len(people()) >= 300


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.subject)
def test_no_script_names_what_a_person_does_not_have(question) -> None:  # type: ignore[no-untyped-def]
    for text in (question.subject, *question.says, *question.we, question.note or ""):
        assert "{" not in filled(text, people()[0], agent="Freja")


def test_every_address_is_of_a_domain_that_belongs_to_nobody() -> None:
    assert all(person.address.endswith(".example") for person in people())


def test_a_rush_is_one_question_of_many_people() -> None:
    mails = Customers(dice=Random(3)).rush("Voucher code does not work", 40)
    assert len({str(mail["From"]) for mail in mails}) == len(mails) == 40
    assert {str(mail["Subject"]) for mail in mails} == {"Voucher code does not work"}
    with pytest.raises(Invalid, match="Nobody of the demo asks"):
        Customers().rush("What is the meaning of life?", 1)


def test_a_customer_goes_on_with_the_script_when_the_shop_answers() -> None:
    customers = Customers(dice=Willing(1))
    asked = customers.new_question()
    while len(customers.threads[asked["Message-ID"]].question.says) < 2:
        asked = customers.new_question()
    thread = customers.threads[asked["Message-ID"]]

    customers.hear(a_reply(asked).as_bytes(), now=0.0)

    assert customers.due(1.0) is None
    answer = customers.due(MUCH_LATER)
    assert answer is not None
    assert answer["To"] == "help+token@nordkaffe.example"
    assert answer["In-Reply-To"] == "<answer@nordkaffe.example>"
    body = answer.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith(filled(thread.question.says[1], thread.person)[:40])
    assert "> It is on its way." in body.get_content()


def test_nobody_answers_an_automatic_mail_or_a_mail_to_somebody_else() -> None:
    customers = Customers(dice=Willing(1))
    automatic = a_reply(customers.new_question())
    automatic["Auto-Submitted"] = "auto-replied"
    astray = a_reply(customers.new_question())
    astray.replace_header("To", "nobody@elsewhere.example")

    customers.hear(automatic.as_bytes(), now=0.0)
    customers.hear(astray.as_bytes(), now=0.0)

    assert customers.due(MUCH_LATER) is None


def test_a_question_is_a_sound_mail_whatever_its_language() -> None:
    customers = Customers(dice=Random(3))
    for _ in range(60):
        mail = message_from_bytes(customers.new_question().as_bytes(), policy=policy.default)
        assert not mail.defects
        assert str(mail["From"]).endswith(".example>")


def test_a_picture_is_a_png_and_the_same_each_time() -> None:
    assert picture("cup.png").startswith(b"\x89PNG\r\n\x1a\n")
    assert picture("cup.png") == picture("cup.png") != picture("box.png")
