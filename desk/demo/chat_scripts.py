"""What visitors of the shop's pages chat about: scripts in turns, each of a few lines as people type them."""

from __future__ import annotations

from dataclasses import dataclass

from desk.demo.people import Person


@dataclass(frozen=True)
class ChatScript:
    """What somebody says, in turn, waiting for an answer after each; a turn is a few lines."""

    says: tuple[tuple[str, ...], ...]
    page: str
    language: str = "en"


SCRIPTS = (
    ChatScript(
        (
            ("Hi there", "I ordered the {product} last week, and it has not moved since Monday", "{order}"),
            ("Ok. Do I have to be at home for it?",),
        ),
        "/orders",
    ),
    ChatScript(
        (
            ("Hello! Quick question", "Can I still change the address of {order}?"),
            ("12 Harbour Lane, Whitby, YO21 3PU", "Same name"),
        ),
        "/orders",
    ),
    ChatScript(
        (
            ("Which grinder goes with the Havn?", "I drink mostly filter, espresso on Sundays"),
            ("And is it loud?",),
        ),
        "/shop/espresso-machine-havn",
    ),
    ChatScript(
        (
            ("My machine shows a red light and does not heat up", "It’s a Fyr, about two years old"),
            ("Did that twice.", "The light is still on"),
            ("Is that covered by the guarantee?",),
        ),
        "/service/fyr",
    ),
    ChatScript((("do you ship to Iceland?",), ("how much would it be for two bags?",)), "/delivery"),
    ChatScript(
        (
            ("I was charged twice for {order}", "{amount} on Friday and {amount} again today"),
            ("It ends in 42", "When will I see the money?"),
        ),
        "/account/payments",
    ),
    ChatScript((("Is the Ethiopia Guji roasted for filter or for espresso?",),), "/shop/ethiopia-guji"),
    ChatScript(
        (
            ("The voucher code at the checkout says “not valid”", "MORNING10"),
            ("It came with your newsletter, yesterday",),
        ),
        "/checkout",
    ),
    ChatScript(
        (
            ("One of the espresso cups came broken 😕", "Order {order}"),
            ("A new one would be lovely, thank you",),
        ),
        "/orders",
    ),
    ChatScript(
        (("Can I pause my subscription over the summer?",), ("From July to September please",)),
        "/account/subscription",
    ),
    ChatScript((("Hi, are you open on Saturday? I’d like to see the grinders",),), "/contact"),
    ChatScript(
        (("How much water per gram of coffee for the Decaf?", "mine always gets sour"),), "/shop/decaf"
    ),
    ChatScript(
        (
            ("Guten Tag", "Ich warte seit einer Woche auf {order}. Wissen Sie, wo das Paket ist?"),
            ("Kann ich es auch an eine Packstation schicken lassen?",),
        ),
        "/orders",
        "de",
    ),
    ChatScript(
        (
            ("Hallo, passt der Papierfilter Größe 4 auch zur Fjell?",),
            ("Und wie viele sind in einer Packung?",),
        ),
        "/shop/paper-filters",
        "de",
    ),
    ChatScript(
        (
            ("Bonjour !", "Ma commande {order} est arrivée sans les filtres"),
            ("Oui, à la même adresse. Merci",),
        ),
        "/orders",
        "fr",
    ),
)

STILL_THERE = {
    "en": ("Are you still there?", "Hello?", "Anybody there?"),
    "de": ("Sind Sie noch da?", "Hallo?"),
    "fr": ("Vous êtes toujours là ?",),
}
THANKS = {
    "en": ("Great, thank you!", "Perfect, thanks a lot 🙂", "That helps. Thank you!", "ok thanks"),
    "de": ("Super, vielen Dank!", "Alles klar, danke 🙂"),
    "fr": ("Parfait, merci !",),
}
MUST_GO = {
    "en": ("I have to run, could you write to me at {email}?", "My train is here. {email} is best, thanks"),
    "de": ("Ich muss los. Schreiben Sie mir bitte an {email}",),
    "fr": ("Je dois partir, écrivez-moi à {email} s’il vous plaît",),
}
COMMENTS = {
    5: ("Fast and friendly!", "That was quick.", ""),
    4: ("Good, thank you", ""),
    3: ("It took a while.", ""),
    2: ("I had to ask twice.",),
    1: ("Nobody could help me.",),
}  # fmt: skip
"""What is said with a score; an empty one is none."""


def scripts_for(person: Person) -> list[ChatScript]:
    """What this person may chat about: in their language, or in English."""
    own = [one for one in SCRIPTS if one.language == person.language]
    return own or [one for one in SCRIPTS if one.language == "en"]
