"""What makes a password easy to guess: parts that every guesser has in a list, and hardly anything besides.

NIST SP 800-63B (5.1.1.2) asks to refuse what is known, derived from the person or the service, repeated, or
in sequence, and to ask for no mixture of characters. A list of millions of leaked passwords would find what
these rules miss; it would also have to be shipped, and most of its lines are a known word with a year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

ENOUGH_BESIDES = 6
"""So many different characters must be left when all that is in a guesser's list is taken away."""

SHORTEST_RUN = 4
SHORTEST_NAME = 3

_AS_LETTERS = str.maketrans("@4318$50729", "aaeibssotzg")

# What most leaked passwords are made of, in the languages our users write.
_WORDS = tuple(
    """
    password passwort passwd motdepasse contrasena wachtwoord losenord haslo parola senha
    qwerty qwertz azerty welcome willkommen bienvenue bienvenido letmein open login admin administrator
    root user guest test testing temp temporary changeme change default secret geheim master system
    monkey dragon shadow tiger eagle killer hunter ranger football fussball futbol soccer baseball hockey
    liverpool arsenal chelsea barcelona superman batman spiderman starwars pokemon minecraft princess
    prinzessin sunshine soleil flower iloveyou loveyou loveme ichliebedich jetaime teamo whatever trustno
    freedom computer internet server samsung google facebook hello hallo bonjour hola schatz darling
    michael jordan jessica ashley charlie daniel thomas andrew jennifer nicole matthew joshua robert
    cookie cheese banana orange pepper ginger purple silver golden diamond blessed jesus
    summer winter spring autumn sommer fruehling herbst verano invierno hiver
    january february march april june july august september october november december
    januar februar maerz juni juli oktober dezember
    monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag
    desk helpdesk service support customer company office team call centre center contact agent manager
    """.split()  # noqa: SIM905 - a hundred words read better without their commas
)
_ROWS = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop"),
    *("asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm", "wxcvbn"),
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "0okm", "9ijn", "8uhb", "7ygv", "6tfc", "5rdx"),
    *("1q2w3e4r5t6y7u8i9o0p", "1q2w3e4r5t6z7u8i9o0p", "1a2b3c4d5e6f7g8h9i", "q1w2e3r4t5y6u7i8o9p0"),
    *("!@#$%^&*()", '!"§$%&/()='),
)
_YEARS = tuple(str(year) for year in range(1930, 2040))


def is_easy_to_guess(password: str) -> bool:
    """Whether little is left of it without words, keys and years that every guesser tries."""
    return _besides(password, ()) < ENOUGH_BESIDES


def is_built_on(password: str, own: Iterable[str]) -> bool:
    """Whether little is left of it without what is known about its owner: `own` are names and addresses."""
    parts = {part for text in own for part in _parts(text)}
    return _besides(password, parts) < ENOUGH_BESIDES


def _parts(text: str) -> list[str]:
    """`ada.lovelace@desk.example` is `ada`, `lovelace`, `desk` and `example`."""
    apart = "".join(letter if letter.isalnum() else " " for letter in text.casefold())
    return [part for part in apart.split() if len(part) >= SHORTEST_NAME]


def _besides(password: str, own: Collection[str]) -> int:
    """How many different characters stand outside of everything known."""
    plain = password.casefold()
    # A digit stands for one letter, so that a place in one reading is the same place in all.
    readings = (plain, plain.translate(_AS_LETTERS), plain.replace("1", "l").translate(_AS_LETTERS))
    known: set[int] = set()
    for reading in readings:
        for word in (*_WORDS, *_YEARS, *own):
            known |= _places(reading, word)
        known |= _places_of_runs(reading)
    return len({letter for place, letter in enumerate(plain) if place not in known})


def _places(text: str, word: str) -> set[int]:
    found: set[int] = set()
    start = text.find(word)
    while start >= 0:
        found.update(range(start, start + len(word)))
        start = text.find(word, start + 1)
    return found


def _places_of_runs(text: str) -> set[int]:
    """Where keys or letters follow each other, forwards or backwards."""
    found: set[int] = set()
    for row in _ROWS:
        for line in (row, row[::-1]):
            for start in range(len(text) - SHORTEST_RUN + 1):
                if text[start : start + SHORTEST_RUN] in line:
                    found.update(range(start, start + SHORTEST_RUN))
    return found
