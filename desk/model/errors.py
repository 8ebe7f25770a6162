"""Everything that can go wrong, as one tree that a person may read.

DeskError
├── NotFound              the thing is not there, or not for this actor to know of
├── Forbidden             known, but not this actor's to do
├── NotSignedIn           who is asking is not known
├── Invalid               the request cannot mean what it says
│   └── InvalidTransition a noun is in a state that does not allow the deed
├── Conflict              somebody was faster; carries what changed
├── TooLarge              more bytes than we take
├── TooMany               more often than we take; carries when to come back
├── Unavailable           a part we need is away; trying again later is right
├── Misconfigured         an operator must change a setting
├── UnreadableMail        bytes that cannot be understood as a mail
│   └── ParserStopped     it overran or died; another try may succeed
└── DeliveryFailed
    ├── TryAgain          the world may take it later
    ├── Uncertain         handed over, and the answer never came
    └── Undeliverable     the world has refused it for good
"""


class DeskError(Exception):
    """Any error of ours; its text is a sentence a person may read."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(DeskError):
    pass


class Forbidden(DeskError):
    pass


class NotSignedIn(DeskError):
    pass


class Invalid(DeskError):
    """`field` names the part of the request that is wrong, where there is one."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class InvalidTransition(Invalid):
    pass


class Conflict(DeskError):
    """`current` holds plain values that let the other side catch up."""

    def __init__(self, sentence: str, current: dict[str, object] | None = None) -> None:
        super().__init__(sentence)
        self.current = current or {}


class TooLarge(DeskError):
    pass


class TooMany(DeskError):
    def __init__(self, sentence: str, retry_after_seconds: int) -> None:
        super().__init__(sentence)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(DeskError):
    pass


class Misconfigured(DeskError):
    pass


class UnreadableMail(DeskError):
    pass


class ParserStopped(UnreadableMail):
    pass


class DeliveryFailed(DeskError):
    pass


class TryAgain(DeliveryFailed):
    pass


class Uncertain(DeliveryFailed):
    pass


class Undeliverable(DeliveryFailed):
    pass
