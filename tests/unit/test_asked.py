"""What a person is told of a value that cannot be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, Field

from desk.http.asked import Asked, read, spelled
from desk.model.errors import Invalid

CODE = spelled(r"^[A-Z]{3}$", "Give three capitals.")


class Form(Asked):
    name: Annotated[str, Field(min_length=1, max_length=5)] = "x"
    words: Annotated[str, Field(min_length=3)] = "xxx"
    code: Annotated[str, Field(pattern=CODE)] = "EUR"
    count: Annotated[int, Field(ge=2, le=9)] = 2
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    cost: Annotated[Decimal, Field(decimal_places=2)] = Decimal(1)
    kind: Literal["mail", "chat"] = "mail"
    day: date | None = None
    at: AwareDatetime | None = None
    on: bool = True
    tags: Annotated[list[str], Field(min_length=1, max_length=2)] = Field(default_factory=list)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "name: Fill this in."),
        ({"name": "too long"}, "name: Write at most 5 characters."),
        ({"name": 7}, "name: Give a text."),
        ({"words": "x"}, "words: Write at least 3 characters."),
        ({"code": "kroner"}, "code: Give three capitals."),
        ({"count": 1}, "count: Give 2 or more."),
        ({"count": 10}, "count: Give 9 or less."),
        ({"count": None}, "count: Give a whole number."),
        ({"count": 2.5}, "count: Give a whole number."),
        ({"share": 0}, "share: Give more than 0."),
        ({"share": 1}, "share: Give less than 1."),
        ({"share": "half"}, "share: Give a number."),
        ({"cost": "1.005"}, "cost: Give at most 2 digits after the point."),
        ({"cost": "much"}, "cost: Give a number."),
        ({"kind": "fax"}, "kind: Give one of 'mail' or 'chat'."),
        ({"day": "tomorrow"}, "day: Give a day such as 2026-12-24."),
        ({"day": "2026-12-24T10:00:00Z"}, "day: Give a day such as 2026-12-24."),
        ({"at": "2026-12-24T10:00:00"}, "at: Give a moment with its zone, such as 2026-12-24T09:30:00Z."),
        ({"on": "perhaps"}, "on: Give true or false."),
        ({"tags": []}, "tags: Fill this in."),
        ({"tags": ["a", "b", "c"]}, "tags: Give at most 2."),
        ({"tags": "a"}, "tags: Give a list."),
        ({"tags": ["a", 1]}, "tags.1: Give a text."),
        ({"colour": "red"}, "There is no field “colour” here."),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(Form, given)
    assert str(refused.value) == sentence
