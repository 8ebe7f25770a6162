"""The web process refuses what would break its sockets, and believes no header of strangers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desk.cli.web import gunicorn_settings, refuse_a_broken_server
from desk.model.errors import Misconfigured
from desk.settings import Settings

REFUSE = "from desk.cli.web import refuse_a_broken_server as refuse; refuse()"


def test_gevent_websocket_beside_us_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "geventwebsocket").mkdir()
    (tmp_path / "geventwebsocket" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Misconfigured, match="pip uninstall gevent-websocket"):
        refuse_a_broken_server()


def test_a_database_driver_that_came_before_the_patch_is_refused() -> None:
    done = subprocess.run([sys.executable, "-c", f"import psycopg; {REFUSE}"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "psycopg came before gevent's patch" in done.stderr


def test_a_process_of_its_own_is_fine() -> None:
    subprocess.run([sys.executable, "-c", REFUSE], check=True)


def test_the_server_itself_believes_no_forwarded_header(tmp_path: Path) -> None:
    assert gunicorn_settings(Settings(home=tmp_path))["forwarded_allow_ips"] == ""


def test_an_address_of_ipv6_is_bound_as_one(tmp_path: Path) -> None:
    assert gunicorn_settings(Settings(home=tmp_path, host="::1", port=8800))["bind"] == ["[::1]:8800"]
