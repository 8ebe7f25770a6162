"""What an operator may change, read from the environment once (`DESK_…`) and handed down.

Every setting can also be read from a file: `DESK_SECRET_KEY_FILE=/run/secrets/key` is read into
`DESK_SECRET_KEY`. An unknown `DESK_…` variable is refused, so that a typing error never passes in silence.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from desk.model.errors import Misconfigured

MEGABYTE = 1024 * 1024


class Settings(BaseSettings):
    """One desk's settings. The description of a field is its line in docs/operating.md."""

    model_config = SettingsConfigDict(env_prefix="DESK_", frozen=True, extra="forbid")

    home: Path = Field(Path(".desk"), description="Folder of everything that is not in the database.")
    database_url: str = Field("", description="PostgreSQL 16 or newer; empty starts the embedded one.")
    redis_url: str = Field("", description="Redis 6.2 or newer; empty starts the embedded one.")
    public_url: str = Field(
        "http://127.0.0.1:8800", description="The address under which people reach the desk."
    )
    host: str = Field("127.0.0.1", description="Address the web process listens on.")
    port: int = Field(8800, description="Port the web process listens on.")
    web_processes: int = Field(1, ge=1, description="Web processes on this machine.")
    workers: int = Field(1, ge=1, description="Worker processes on this machine.")
    trusted_proxies: int = Field(
        0, ge=0, description="Proxies in front whose X-Forwarded headers are believed."
    )
    secret_key: str = Field("", description="Signs tokens, seals channel passwords; made in home when empty.")
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="auto: text on a terminal, else JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is worth a line."
    )
    smtp_in_host: str = Field("127.0.0.1", description="Address of the door for mail handed over by SMTP.")
    smtp_in_port: int = Field(8825, description="Port of the SMTP door; 0 closes it.")
    lmtp_in_port: int = Field(0, description="Port of the LMTP door; 0 closes it.")
    mail_domain: str = Field(
        "", description="Right side of our Message-IDs; empty takes the host of public_url."
    )
    trusted_authserv_id: str = Field("", description="Our mail server's name in Authentication-Results.")
    session_idle_hours: int = Field(12, description="A session unused for so long ends.")
    session_days: int = Field(7, description="A session ends after so long, used or not.")
    acknowledgements_per_hour: int = Field(200, description="Automatic mails an hour, all together, at most.")
    failpoints: str = Field(
        "", description="For drills only: NAME:PROBABILITY,… where a process kills itself."
    )

    @property
    def files(self) -> Path:
        return self.home / "files"

    @property
    def message_id_domain(self) -> str:
        return self.mail_domain or self.public_url.split("//", 1)[-1].split("/", 1)[0].split(":", 1)[0]

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def read_settings() -> Settings:
    """The settings of this process. Raises Misconfigured with the variable and what is wrong with it."""
    _read_files()
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith("DESK_") and name.removeprefix("DESK_").lower() not in Settings.model_fields
    )
    if unknown:
        raise Misconfigured(f"There is no setting {', '.join(unknown)}. docs/operating.md lists them all.")
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "DESK_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Misconfigured(f"{name}: {first['msg']}.") from error
    home = settings.home.expanduser().resolve()
    key = settings.secret_key or _own_key(home)
    return settings.model_copy(update={"home": home, "secret_key": key})


def _read_files() -> None:
    for name in [n for n in os.environ if n.startswith("DESK_") and n.endswith("_FILE")]:
        try:
            os.environ[name.removesuffix("_FILE")] = Path(os.environ.pop(name)).read_text().strip()
        except OSError as error:
            raise Misconfigured(f"{name} names a file that cannot be read: {error.strerror}.") from error


def _own_key(home: Path) -> str:
    """The key made at the first start, kept beside the data and readable by its owner only."""
    path = home / "secret_key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(32)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key
