"""A whole desk and a browser: every process is real, mail comes in by SMTP and leaves by SMTP."""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import smtplib
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from desk.actions.people.passwords import hash_of_password
from desk.demo.twilio_standin import TwilioStandin
from desk.model.agent import Capacity
from desk.model.channel import Channel
from desk.model.permission import system
from desk.store.policies import set_policies
from tests.e2e.shop import ben, chat_id, shop, visit
from tests.people import Cast, the_cast
from tests.servers.household import Household
from tests.servers.smtp_sink import Sink, smtp_sink

__all__ = ["ben", "chat_id", "shop", "visit"]
PASSWORD = "correct horse battery staple"
PICTURES = Path(__file__).parent.parent / "artifacts"
PROCESSES = ("mailroom", "worker", "relay", "clock", "web")
NUMBER = "+442079460958"
READY_SECONDS = 120
# Times are never asserted: what takes a moment takes many on a busy machine.
expect.set_options(timeout=30_000)


@dataclass
class Desk:
    """The running desk, the cast on it, and what left it."""

    url: str
    household: Household
    cast: Cast
    sink: Sink
    twilio: TwilioStandin

    def receive(self, sender: str, subject: str, text: str, **headers: str) -> str:
        """A mail comes in through the SMTP door; its Message-ID."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = "help@shop.example"
        mail["Subject"] = subject
        mail["Message-ID"] = f"<{time.monotonic_ns()}@customers.example>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.household.settings.smtp_in_port, timeout=60) as line:
            line.send_message(mail)
        return str(mail["Message-ID"])


@pytest.fixture(scope="package")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with a_desk(tmp_path_factory.mktemp("desk")) as running:
        yield running


@contextmanager
def a_desk(home: Path) -> Iterator[Desk]:
    """A whole desk in this folder, with the cast on it; skips the test where there is no browser."""
    if _chromium() is None:
        pytest.skip("no Chromium; `make test` as root with apt installs it, or set CHROMIUM")
    twilio = TwilioStandin(NUMBER)
    with smtp_sink() as sink:
        twilio.start()
        household = Household(home, PROCESSES, twilio_api=twilio.api)
        try:
            cast = the_cast(household.store)
            _let_in(household, cast, sink.port)
            household.start()
            url = f"http://127.0.0.1:{household.settings.port}"
            wait_until_ready(url)
            yield Desk(url, household, cast, sink, twilio)
        finally:
            household.close()
            twilio.stop()


def _let_in(household: Household, cast: Cast, smtp_port: int) -> None:
    """Everybody gets a password and room for work; answers leave to the sink."""
    hashed = hash_of_password(PASSWORD)
    with household.store.unit_of_work(system("test")) as work:
        for agent in (cast.ada, cast.ben, cast.sam, cast.ida, cast.otto):
            work.session.merge(agent).password_hash = hashed
        work.session.add(Capacity(agent_id=cast.ada.id, channel="email", limit=50))
        # No offer lapses while a busy machine draws it.
        for queue in (cast.support, cast.billing):
            work.session.merge(queue).offer_seconds = 300
        # Who is drawn for it is shown nothing while they write: tests expect what all others see.
        set_policies(work.session, {"suggestions_withheld_percent": 0})
        channel = work.session.get(Channel, cast.mail.id)
        assert channel is not None
        channel.config = {"smtp": {"host": "127.0.0.1", "port": smtp_port, "tls": "plain", "username": ""}}


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{url}/health/ready", timeout=5)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _chromium() -> str | None:
    installed = (shutil.which(name) for name in ("chromium-headless-shell", "chromium", "google-chrome"))
    return os.environ.get("CHROMIUM") or next(filter(None, installed), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = (
        *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
        *("--disable-component-update", "--disable-sync"),
    )
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return {**browser_type_launch_args, "executable_path": _chromium(), "args": [*quiet, *sandbox]}


@pytest.fixture(scope="package")
def signed_in() -> dict[str, Any]:
    """The cookies of those who have signed in: once each, as people do."""
    return {}


@pytest.fixture
def sign_in(browser: Browser, desk: Desk, signed_in: dict[str, Any]) -> Iterator[Callable[..., Page]]:
    """Opens a browser of its own for one of the cast; any error on its console fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def as_agent(name: str, *, dark: bool = False, path: str = "/desk") -> Page:
        context = browser.new_context(
            base_url=desk.url,
            viewport={"width": 1440, "height": 900},
            locale="en-GB",
            timezone_id="Europe/Stockholm",
            reduced_motion="reduce",
            color_scheme="dark" if dark else "light",
            storage_state=signed_in.get(name),
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(_told(line)) if line.type == "error" else None)
        if name not in signed_in:
            page.goto("/sign-in")
            page.get_by_label("Email address").fill(getattr(desk.cast, name).email)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/desk**")
            signed_in[name] = {"cookies": context.cookies(), "origins": []}
        page.goto(path)
        return page

    yield as_agent
    for context in contexts:
        context.close()
    # The browser itself notes a line that is down, and an answer that was refused on purpose.
    cut_short = ("net::ERR_", "Failed to fetch dynamically imported module", "Unable to preload CSS")
    refused = ("status of 409", "status of 422")
    unexpected = [error for error in errors if not any(part in error for part in (*cut_short, *refused))]
    assert not unexpected, unexpected


def _told(line: ConsoleMessage) -> str:
    return f"{line.text} ({line.location.get('url', '')})"


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for a person to see."""
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def open_case(page: Page, subject: str) -> None:
    """Open a case from the list and wait until it can be answered. The first mail of a desk has to wait until
    what reads it has started.
    """
    page.get_by_role("link", name=subject).first.click(timeout=60_000)
    expect(page.get_by_role("heading", name=subject)).to_be_visible()
    expect(page.get_by_role("group", name="Kind of message")).to_be_visible()


def mail_to(desk: Desk, address: str, words: str) -> EmailMessage:
    """The mail with these words that left for the address; sending waits until it cannot be undone."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for mail in desk.sink.kept:
            if address in mail.recipients and words.encode() in mail.raw:
                return email.message_from_bytes(mail.raw, policy=email.policy.default)
        time.sleep(0.2)
    raise AssertionError(f"no mail with “{words}” left for {address}")
