"""What an operator may change, read from the environment once (`DESK_…`) and handed down.

Every setting can also be read from a file: `DESK_SECRET_KEY_FILE=/run/secrets/key` is read into
`DESK_SECRET_KEY`. An unknown `DESK_…` variable is refused, so that a typing error never passes in silence.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from desk.model.errors import Misconfigured

MEGABYTE = 1024 * 1024
PREFIX = "DESK_"

# Variables of the build and of the tests: they carry our prefix and are no setting.
_NOT_SETTINGS = frozenset({"DESK_CORPORA", "DESK_SKIP_WEB", "DESK_DEV_SERVER"})


class Settings(BaseSettings):
    """One desk's settings. The description of a field is its line in docs/operating.md."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(Path(".desk"), description="Folder of everything that is not in the database.")
    database_url: str = Field(
        "", repr=False, description="PostgreSQL 16 or newer; empty starts the embedded one."
    )
    redis_url: str = Field("", repr=False, description="Redis 6.2 or newer; empty starts the embedded one.")
    state_dir: Path = Field(
        Path("/var/lib/desk"), description="Started as root: where the embedded servers' data is kept."
    )
    public_url: str = Field(
        "",
        description="The address under which people reach the desk; empty takes this machine and the port.",
    )
    host: str = Field("127.0.0.1", description="Address the web process listens on.")
    port: int = Field(8800, ge=1, le=65535, description="Port the web process listens on.")
    web_processes: int = Field(1, ge=1, le=64, description="Web processes on this machine.")
    web_connections: int = Field(
        8000, ge=10, le=100_000, description="Open connections a web process takes at most."
    )
    workers: int = Field(1, ge=1, le=64, description="Worker processes on this machine.")
    analysts: int = Field(
        1, ge=1, le=64, description="Analyst processes on this machine: one leads, the others read with it."
    )
    drain_seconds: int = Field(
        25, ge=1, le=300, description="How long a process may finish its work after SIGTERM."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="Proxies in front whose X-Forwarded headers are believed."
    )
    secret_key: str = Field(
        "", repr=False, description="Signs tokens, seals channel passwords; made in home when empty."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="auto: text on a terminal, else JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is worth a line."
    )
    smtp_in_host: str = Field("127.0.0.1", description="Address of the door for mail handed over by SMTP.")
    smtp_in_port: int = Field(8825, ge=0, le=65535, description="Port of the SMTP door; 0 closes it.")
    lmtp_in_port: int = Field(0, ge=0, le=65535, description="Port of the LMTP door; 0 closes it.")
    mail_domain: str = Field(
        "", description="Right side of our Message-IDs; empty takes the host of public_url."
    )
    trusted_authserv_id: str = Field("", description="Our mail server's name in Authentication-Results.")
    check_signatures: bool = Field(
        True, description="Ask the DNS for a sender's key (DKIM) where our mail server has not judged."
    )
    session_idle_hours: int = Field(12, ge=1, description="A session unused for so long ends.")
    session_days: int = Field(7, ge=1, description="A session ends after so long, used or not.")
    chat_lines_per_address: int = Field(
        50, ge=1, le=100_000, description="Open chats of visitors from one address, in each web process."
    )
    acknowledgements_per_hour: int = Field(
        200, ge=0, description="Automatic mails an hour, all together, at most."
    )
    twilio_api: str = Field(
        "https://api.twilio.com", description="Address of Twilio's interface: of a region, or of a stand-in."
    )
    draft_writer: str = Field(
        "", description="module:factory of what may reword drafts of articles; see docs/insights.md."
    )
    failpoints: str = Field(
        "", description="For drills only: NAME:PROBABILITY,… where a process kills itself."
    )

    @field_validator("home", "state_dir")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        """A process that changes its folder must not change ours."""
        return folder.expanduser().resolve()

    @field_validator("database_url")
    @classmethod
    def _of_postgresql(cls, url: str) -> str:
        return _begins_with(url, "postgresql://", "postgresql+psycopg://")

    @field_validator("redis_url")
    @classmethod
    def _of_redis(cls, url: str) -> str:
        return _begins_with(url, "redis://", "rediss://", "unix://")

    @model_validator(mode="before")
    @classmethod
    def _reached_here(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Without a word about it, people reach the desk where it listens."""
        port = given.get("port", cls.model_fields["port"].default)
        return {**given, "public_url": given.get("public_url") or f"http://127.0.0.1:{port}"}

    @field_validator("public_url", "twilio_api")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url.rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in: `read_settings` has read the environment and checked every name."""
        return (init_settings,)

    @property
    def files(self) -> Path:
        return self.home / "files"

    @property
    def message_id_domain(self) -> str:
        return self.mail_domain or self.public_url.split("//", 1)[-1].split("/", 1)[0].split(":", 1)[0]

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process, with a key of its own when none is given.

    Raises Misconfigured with every variable that is wrong, each in a line that says how.
    """
    values, wrong = _values(environment)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        wrong += [_line(problem) for problem in error.errors()]
    if wrong:
        raise Misconfigured("\n".join(wrong))
    if settings.secret_key:
        return settings
    return settings.model_copy(update={"secret_key": _own_key(settings.home)})


def _begins_with(url: str, *schemes: str) -> str:
    """The address, or empty; a wrong one is never repeated, since it may hold a password."""
    if url and not url.startswith(schemes):
        raise ValueError(f"must begin with {' or '.join(schemes)}")
    try:
        urlsplit(url).port  # noqa: B018 - reading it is the check
    except ValueError:
        raise ValueError("has a port that is no number from 0 to 65535") from None
    return url


def _values(environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What the variables say, by setting, and a line for each that says nothing we can read.

    A value said plainly wins over one in a file.
    """
    plain: dict[str, Any] = {}
    filed: dict[str, Any] = {}
    wrong: list[str] = []
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable in _NOT_SETTINGS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in Settings.model_fields:
            plain[name] = value
        elif name.removesuffix("_file") in Settings.model_fields:
            try:
                filed[name.removesuffix("_file")] = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                wrong.append(f"{variable} names a file that cannot be read: {error}.")
        else:
            wrong.append(_unknown(variable))
    return filed | plain, wrong


def _unknown(variable: str) -> str:
    near = get_close_matches(variable, [PREFIX + name.upper() for name in Settings.model_fields], n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    return f"There is no setting {variable}. {hint}docs/operating.md lists them all."


def _line(problem: Mapping[str, Any]) -> str:
    name = "_".join(str(part) for part in problem["loc"])
    return f"{PREFIX}{name.upper()}: {str(problem['msg']).removeprefix('Value error, ')}."


def _own_key(home: Path) -> str:
    """The key made at the first start, kept beside the data and readable by its owner only."""
    path = home / "secret_key"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _keep_key(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Misconfigured(
            f"The key {path} cannot be kept or read: {error.strerror}. Set DESK_HOME to a folder of yours."
        ) from error


def _keep_key(path: Path) -> None:
    """Written aside and linked into place, so that two first starts at once agree on one whole key."""
    aside = path.with_name(f".secret_key.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
        path.hardlink_to(aside)
    except FileExistsError:
        return
    finally:
        aside.unlink()
