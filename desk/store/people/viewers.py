"""Who is looking at a case, or typing in it: a hint in Redis, gone ten seconds after the last sign."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError

LASTS = timedelta(seconds=10)
VISITOR_TYPES = timedelta(seconds=6)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Viewers:
    """Without Redis nobody is seen, and nothing else is the worse for it."""

    redis: Redis

    def note(
        self, case_id: int, agent_id: int, name: str, *, now: datetime, typed_at: datetime | None
    ) -> None:
        """The agent is looking at the case now, and typed in it last at `typed_at`."""
        sign = json.dumps([name, now.timestamp(), typed_at.timestamp() if typed_at else 0])
        try:
            pipe = self.redis.pipeline(transaction=False)
            pipe.hset(_key(case_id), str(agent_id), sign)
            pipe.expire(_key(case_id), LASTS)
            pipe.execute()
        except RedisError:
            _log.debug("redis away: nobody is seen in the case", case_id=case_id)

    def note_visitor(self, case_id: int) -> None:
        """The visitor of the case's chat is typing; gone a few seconds after the last sign."""
        try:
            self.redis.set(_visitor_key(case_id), 1, ex=VISITOR_TYPES)
        except RedisError:
            _log.debug("redis away: nobody is seen typing", case_id=case_id)

    def visitor_types(self, case_id: int) -> bool:
        """Whether the visitor of the case's chat is typing."""
        try:
            return bool(self.redis.exists(_visitor_key(case_id)))
        except RedisError:
            return False

    def leave(self, case_id: int, agent_id: int) -> None:
        """The agent looks elsewhere."""
        try:
            self.redis.hdel(_key(case_id), str(agent_id))
        except RedisError:
            _log.debug("redis away: nobody is seen in the case", case_id=case_id)

    def people(self, case_id: int, now: datetime) -> list[dict[str, Any]]:
        """Who is here, as `{agent_id, name, typing}`, in the order of their numbers."""
        try:
            signs = self.redis.hgetall(_key(case_id))
        except RedisError:
            return []
        return people_at(signs, now)


def people_at(signs: Mapping[Any, Any], now: datetime) -> list[dict[str, Any]]:
    """The people whose last sign is young enough; what is not a sign of ours is left out."""
    oldest = (now - LASTS).timestamp()
    found = []
    for agent_id, sign in signs.items():
        try:
            name, seen, typed = json.loads(sign)
            if seen > oldest:
                found.append({"agent_id": int(agent_id), "name": name, "typing": typed > oldest})
        except (ValueError, TypeError):
            continue
    return sorted(found, key=lambda person: int(person["agent_id"]))


def _key(case_id: int) -> str:
    return f"desk:case:{case_id}:people"


def _visitor_key(case_id: int) -> str:
    return f"desk:case:{case_id}:visitor"
