"""Deeds that share a commit: whoever comes while one is on its way goes with the next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.exc import OperationalError

Asked = TypeVar("Asked")
Got = TypeVar("Got")


@dataclass(eq=False)
class _Waiting(Generic[Asked, Got]):
    asked: Asked
    ended: threading.Event = field(default_factory=threading.Event)
    carries: bool = False
    got: Got | None = None
    trouble: Exception | None = None


class Together(Generic[Asked, Got]):
    """`carry` does several deeds at once, at most one of each `key` and `most` of them, and answers each.

    No thread of its own: who comes while nothing is on its way carries, alone and at once; who comes
    meanwhile waits, and the first of these carries them all. Where deeds fail together, each is done
    by itself, so that nobody pays for another; only an absent database is asked once for all.
    """

    def __init__(
        self, carry: Callable[[Sequence[Asked]], Sequence[Got]], key: Callable[[Asked], Hashable], most: int
    ) -> None:
        self._carry = carry
        self._key = key
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Waiting[Asked, Got]] = []
        self._on_its_way = False

    def take(self, asked: Asked) -> Got:
        """The answer to this deed, once it is done; raises what went wrong with it."""
        mine: _Waiting[Asked, Got] = _Waiting(asked)
        with self._lock:
            self._waiting.append(mine)
            mine.carries, self._on_its_way = not self._on_its_way, True
        try:
            if not mine.carries:
                mine.ended.wait()
            if mine.carries:
                self._do(self._fellows_of(mine))
        finally:
            self._leave(mine)
        if mine.trouble is not None:
            raise mine.trouble
        return mine.got  # type: ignore[return-value]  # whoever has no trouble has an answer

    def _fellows_of(self, mine: _Waiting[Asked, Got]) -> list[_Waiting[Asked, Got]]:
        """Those who go now, `mine` first among them; they wait no longer."""
        with self._lock:
            going, keys = [mine], {self._key(mine.asked)}
            for one in self._waiting:
                if len(going) == self._most:
                    break
                if one is not mine and (key := self._key(one.asked)) not in keys:
                    going.append(one)
                    keys.add(key)
            self._waiting = [one for one in self._waiting if one not in going]
        return going

    def _do(self, going: list[_Waiting[Asked, Got]]) -> None:
        try:
            for one, got in zip(going, self._carry([one.asked for one in going]), strict=True):
                one.got = got
        except Exception as error:
            if len(going) == 1 or isinstance(error, OperationalError):
                for one in going:
                    one.trouble = error
            else:
                for one in going:
                    self._do([one])
        except BaseException:
            for one in going:
                one.trouble = RuntimeError("Who carried this was ended on the way.")
            raise
        finally:
            for one in going:
                one.ended.set()

    def _leave(self, mine: _Waiting[Asked, Got]) -> None:
        """Also who is ended in the middle leaves nobody waiting for them."""
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
            if not mine.carries:
                return
            if self._waiting:
                following = self._waiting[0]
                following.carries = True
                following.ended.set()
            else:
                self._on_its_way = False
