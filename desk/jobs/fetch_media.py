"""Fetching the files of texts from where the provider keeps them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import structlog

from desk.actions.texts.files import BATCH, Awaited, claim_files, keep_file, leave_file
from desk.channels.fetch import Trusted, fetch
from desk.channels.sms.account import MEDIA_HOSTS, text_account
from desk.model.errors import Misconfigured, TryAgain, Undeliverable
from desk.model.permission import system
from desk.settings import Settings
from desk.store.unit_of_work import Store
from desk.store.vault import Vault

FETCHER = system("files of texts")

log = structlog.get_logger(__name__)


def fetch_media(store: Store, settings: Settings) -> int:
    """Fetch everything that is due; how many files were tried."""
    tried = 0
    with ThreadPoolExecutor(BATCH, thread_name_prefix="media") as pool:
        while True:
            with store.unit_of_work(FETCHER) as work:
                awaited = claim_files(work)
            if not awaited:
                return tried
            list(pool.map(lambda one: _fetch_one(store, settings, one), awaited))
            tried += len(awaited)


def _fetch_one(store: Store, settings: Settings, awaited: Awaited) -> None:
    try:
        content = fetch(awaited.url, _trusted(settings, awaited))
    except Undeliverable as error:
        _leave(store, awaited, error.sentence, for_good=True)
    except (TryAgain, Misconfigured) as error:
        _leave(store, awaited, error.sentence, for_good=False)
    except Exception as error:
        # The edge of the job: whatever it is, it is this file's fate and no other's.
        log.exception("file_not_fetched", fetch=awaited.id)
        _leave(store, awaited, f"It could not be fetched ({type(error).__name__}).", for_good=False)
    else:
        with store.unit_of_work(FETCHER) as work:
            keep_file(work, awaited.id, content)


def _trusted(settings: Settings, awaited: Awaited) -> Trusted:
    secrets = Vault(settings.secret_key).open_values(awaited.channel.secrets)
    account = text_account(awaited.channel.config, secrets, settings.twilio_api)
    return Trusted(account.api, MEDIA_HOSTS, (account.account_sid, account.auth_token))


def _leave(store: Store, awaited: Awaited, sentence: str, *, for_good: bool) -> None:
    with store.unit_of_work(FETCHER) as work:
        leave_file(work, awaited.id, sentence, for_good=for_good)
