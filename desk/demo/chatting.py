"""The demo's visitors: a few at once on the shop's pages, who chat through the widget's own protocol."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from random import Random, SystemRandom

import aiohttp
import structlog
from socketio.exceptions import SocketIOError
from sqlalchemy import select

from desk.channels.chat.identity import Identity, signed_identity
from desk.demo.chat_scripts import scripts_for
from desk.demo.people import Person, people, regulars
from desk.demo.shop import CHAT
from desk.demo.visiting import HUMAN, Pace, Visit
from desk.demo.visitor_page import VisitorPage
from desk.model.channel import Channel
from desk.model.errors import DeskError
from desk.model.inbound import ChannelKind
from desk.model.permission import system
from desk.settings import Settings
from desk.store.unit_of_work import Store
from desk.store.vault import Vault

AT_ONCE = 3
SECONDS_BETWEEN = 75
LONGEST_VISIT_SECONDS = 30 * 60
SIGNED_IN_OUT_OF_TEN = 3
WRITE_UNATTENDED_OUT_OF_TEN = 3
"""Where nobody is there to answer, most who open the chat close it again."""
SIGNED_FOR = timedelta(hours=1)

log = structlog.get_logger(__name__)


class ChatTraffic:
    """The visitors, on an event loop in a thread of its own."""

    def __init__(
        self, settings: Settings, store: Store, *, dice: Random | None = None, pace: Pace = HUMAN
    ) -> None:
        self._desk_url = settings.public_url
        self._secret = _identity_secret(store, Vault(settings.secret_key))
        self._dice = dice or SystemRandom()
        self._pace = pace
        self._next = time.monotonic() + 15
        self._visits: dict[Future[None], Person] = {}
        self._said: SimpleQueue[str] = SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="visitors", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Everybody closes their page, then the loop ends."""
        asyncio.run_coroutine_threadsafe(self._all_leave(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def turn(self, *, is_on: bool, has_patience: Callable[[], bool]) -> int:
        """One round: at most one more visitor comes. Returns how much was said since the last."""
        self._forget_the_gone()
        now = time.monotonic()
        if not is_on or self._secret is None:
            for visit in self._visits:
                visit.cancel()
            self._next = now + 15
        elif now >= self._next and len(self._visits) < AT_ONCE:
            self._next = now + SECONDS_BETWEEN * self._dice.uniform(0.6, 1.4)
            if has_patience():
                self.come()
        return self._count()

    def come(self) -> None:
        """Somebody comes to the shop."""
        here = {person.address for person in self._visits.values()}
        is_known = self._dice.randint(1, 10) <= SIGNED_IN_OUT_OF_TEN
        among = [one for one in (regulars() if is_known else people()) if one.address not in here]
        person = self._dice.choice(among)
        visit = asyncio.run_coroutine_threadsafe(self._visit(person, is_known=is_known), self._loop)
        self._visits[visit] = person

    @property
    def present(self) -> int:
        """How many are on the shop's pages."""
        return sum(not visit.done() for visit in self._visits)

    async def _visit(self, person: Person, *, is_known: bool) -> None:
        script = self._dice.choice(scripts_for(person))
        page = VisitorPage(self._desk_url, CHAT, shown_on=script.page, on_said=self._said.put)
        try:
            async with asyncio.timeout(LONGEST_VISIT_SECONDS):
                await page.load()
                if not page.boot["agents"] and self._dice.randint(1, 10) > WRITE_UNATTENDED_OUT_OF_TEN:
                    return
                await page.open()
                if is_known:
                    await page.identify(self._signed(person))
                await Visit(page, person, script, self._dice, is_known=is_known, pace=self._pace).run()
        except (DeskError, SocketIOError, aiohttp.ClientError, TimeoutError) as error:
            log.info("visit_cut_short", error=type(error).__name__, reason=str(error)[:200])
        finally:
            await page.close()

    async def _all_leave(self) -> None:
        visits = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        for one in visits:
            one.cancel()
        await asyncio.gather(*visits, return_exceptions=True)

    def _signed(self, person: Person) -> str:
        """What the shop's server says of somebody who is signed in there."""
        identity = Identity(person.number, person.address, person.name)
        return signed_identity(identity, self._secret or "", datetime.now(UTC) + SIGNED_FOR)

    def _forget_the_gone(self) -> None:
        for visit in [one for one in self._visits if one.done()]:
            del self._visits[visit]
            error = None if visit.cancelled() else visit.exception()
            if error is not None:
                log.error("visit_failed", exc_info=error)

    def _count(self) -> int:
        count = 0
        while True:
            try:
                self._said.get_nowait()
            except Empty:
                return count
            count += 1


def _identity_secret(store: Store, vault: Vault) -> str | None:
    """The secret that the shop shares with its widget; None on a demo without one."""
    wanted = (Channel.kind == ChannelKind.CHAT, Channel.address == CHAT)
    with store.reading(system("demo")) as work:
        channel = work.session.scalar(select(Channel).where(*wanted))
        return vault.open_values(channel.secrets)["identity_secret"] if channel else None
