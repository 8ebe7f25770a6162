"""The environment: every wrong word is found at the start."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from desk.model.errors import Misconfigured
from desk.settings import Settings, read_settings
from desk.store.failpoints import arm


def environment(home: Path, **more: str) -> dict[str, str]:
    return {"DESK_HOME": str(home), **more}


def test_an_unknown_setting_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"DESK_PROT.*DESK_PORT"):
        read_settings(environment(tmp_path, DESK_PROT="8800"))


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_settings(
            environment(
                tmp_path,
                DESK_PORT="http",
                DESK_PUBLIC_URL="desk.example",
                DESK_WORKER="2",
                DESK_SECRET_KEY_FILE="/nowhere",
            )
        )
    lines = refused.value.sentence.splitlines()
    assert len(lines) == 4
    assert any(line.startswith("DESK_PORT: ") for line in lines)
    assert "DESK_PUBLIC_URL: must begin with http:// or https://." in lines
    assert any("no setting DESK_WORKER. Did you mean DESK_WORKERS?" in line for line in lines)
    assert any(line.startswith("DESK_SECRET_KEY_FILE names a file that cannot be read") for line in lines)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DESK_DATABASE_URL", "hush@db/desk"),
        ("DESK_DATABASE_URL", "mysql://desk:hush@db/desk"),
        ("DESK_DATABASE_URL", "postgresql://desk:hush@db:port/desk"),
        ("DESK_REDIS_URL", "hush@cache"),
        ("DESK_REDIS_URL", "redis://:hush@cache:port/0"),
    ],
)
def test_what_leads_nowhere_is_refused_without_its_password(
    tmp_path: Path, variable: str, value: str
) -> None:
    with pytest.raises(Misconfigured, match=variable) as refused:
        read_settings(environment(tmp_path, **{variable: value}))
    assert "hush@" not in refused.value.sentence


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("from-the-file\n")
    assert (
        read_settings(environment(tmp_path, DESK_SECRET_KEY_FILE=str(secret))).secret_key == "from-the-file"
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"DESK_SECRET_KEY_FILE.*/nowhere"):
        read_settings(environment(tmp_path, DESK_SECRET_KEY_FILE="/nowhere"))


def test_a_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first = read_settings(environment(tmp_path / "home"))
    again = read_settings(environment(tmp_path / "home"))
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "home" / "secret_key").stat().st_mode) == 0o600


def test_no_secret_shows_in_the_settings_own_words(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        secret_key="hush-key",
        database_url="postgresql://desk:hush-database@db/desk",
        redis_url="redis://:hush-redis@cache",
    )
    assert "hush" not in repr(settings)


def test_a_home_stays_where_it_was_when_the_process_moves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({}).home == tmp_path / ".desk"


@pytest.mark.parametrize("specification", ["bogus:1", "after_note:often"])
def test_a_fail_point_that_does_not_exist_is_said(specification: str) -> None:
    with pytest.raises(Misconfigured, match="DESK_FAILPOINTS"):
        arm(specification)


def test_people_reach_the_desk_where_it_listens_unless_told_otherwise(tmp_path: Path) -> None:
    assert read_settings(environment(tmp_path, DESK_PORT="8901")).public_url == "http://127.0.0.1:8901"
    assert read_settings(environment(tmp_path)).public_url == "http://127.0.0.1:8800"
    told = read_settings(environment(tmp_path, DESK_PORT="8901", DESK_PUBLIC_URL="https://desk.example/"))
    assert told.public_url == "https://desk.example"
