"""The embedded servers: shared, kept, given back, and never at a neighbour's cost."""

from __future__ import annotations

import fcntl
import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from redis import Redis

from desk.model.errors import Misconfigured
from desk.store.embedded import Embedded, start

ROOT = Path(__file__).resolve().parents[2]

USE = """
import sys, time
from pathlib import Path
from desk.store.embedded import start
home, state = Path(sys.argv[1]), Path(sys.argv[2])
embedded = start(home, state_dir=state)
print(embedded.database_url, flush=True)
sys.stdin.readline()
embedded.stop()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="desk-embedded-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "home"


@pytest.fixture
def open_desk(home: Path) -> Iterator[Callable[[], Embedded]]:
    opened: list[Embedded] = []

    def open_one() -> Embedded:
        opened.append(start(home, state_dir=home.parent / "state"))
        return opened[-1]

    yield open_one
    for embedded in opened:
        embedded.stop()


def another_process(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(home), str(home.parent / "state")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=120)


def postmaster(url: str) -> int:
    """The number of the server's main process."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    return int(row[0].splitlines()[0])


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=20).close()
    except psycopg.OperationalError:
        return False
    return True


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_both_servers_answer_and_know_what_we_need(open_desk: Callable[[], Embedded]) -> None:
    embedded = open_desk()
    with psycopg.connect(embedded.database_url) as connection:
        names = connection.execute(
            "SELECT name FROM pg_available_extensions WHERE name IN ('vector', 'pg_trgm', 'unaccent')"
        ).fetchall()
        settings = connection.execute("SELECT current_setting('fsync'), current_setting('listen_addresses')")
        assert settings.fetchone() == ("on", "")
    assert len(names) == 3
    with Redis.from_url(embedded.redis_url) as redis:
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert redis.config_get("appendonly") == {"appendonly": "yes"}


def test_two_first_starts_at_once_share_one_server(home: Path) -> None:
    ours, theirs = another_process(home), another_process(home)
    assert ours.stdout and theirs.stdout
    url, other = ours.stdout.readline().strip(), theirs.stdout.readline().strip()
    assert url == other
    assert answers(url)
    leave(ours)
    assert answers(url), "the one who stays keeps the server"
    leave(theirs)
    assert not answers(url)


def test_the_first_to_start_may_leave_first(home: Path, open_desk: Callable[[], Embedded]) -> None:
    first = another_process(home)
    assert first.stdout
    url = first.stdout.readline().strip()
    open_desk()
    leave(first)
    assert answers(url)


def test_data_outlives_a_stop(open_desk: Callable[[], Embedded]) -> None:
    first = open_desk()
    with psycopg.connect(first.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    first.stop()
    assert not answers(first.database_url)
    with psycopg.connect(open_desk().database_url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_killed_user_leaves_no_server_behind(home: Path) -> None:
    user = another_process(home)
    assert user.stdout and user.stdin
    url = user.stdout.readline().strip()
    server = postmaster(url)
    user.kill()
    user.wait()
    user.stdout.close()
    user.stdin.close()
    assert within(60, lambda: not psutil.pid_exists(server))


def test_a_start_waits_for_the_stop_after_a_killed_user(
    home: Path, open_desk: Callable[[], Embedded]
) -> None:
    first = another_process(home)
    assert first.stdout is not None
    url = first.stdout.readline().strip()
    first.kill()
    first.communicate()
    place = Path((home / "place").read_text().strip()) if (home / "place").exists() else home
    # A stop may be over before a busy machine looks again.
    assert within(60, lambda: is_stopping(place / "postgres.users") or not answers(url))
    assert answers(open_desk().database_url)


def is_stopping(users: Path) -> bool:
    """Whether the keeper has found that nobody uses its server."""
    with users.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_killed_server_comes_back_under_its_users(open_desk: Callable[[], Embedded]) -> None:
    embedded = open_desk()
    os.kill(postmaster(embedded.database_url), signal.SIGKILL)
    assert within(60, lambda: answers(embedded.database_url))


def test_a_killed_keeper_takes_its_server_along_and_the_next_start_recovers(
    home: Path, open_desk: Callable[[], Embedded]
) -> None:
    first = open_desk()
    note = home / "place"
    place = Path(note.read_text().strip()) if note.exists() else home
    os.kill(int((place / "postgres.keeper").read_text()), signal.SIGKILL)
    assert within(60, lambda: not answers(first.database_url))
    assert answers(open_desk().database_url)


def test_a_stale_note_of_a_dead_postmaster_is_no_obstacle(
    home: Path, open_desk: Callable[[], Embedded]
) -> None:
    first = open_desk()
    data = Path(first.database_url.partition("host=")[2]).parent / "data"
    first.stop()
    # Our own number stands for a process that took the old one's after a restart of the machine.
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n\n\n")
    assert answers(open_desk().database_url)


def test_a_deep_home_does_not_break_the_sockets(home: Path) -> None:
    deep = home / ("deep" * 20) / ("deeper" * 10)
    embedded = start(deep, state_dir=home.parent / ("state" * 20))
    try:
        assert answers(embedded.database_url)
    finally:
        embedded.stop()


def test_no_folder_that_was_there_changes_its_mode(home: Path) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    before = stat.S_IMODE(closed.stat().st_mode)
    embedded = start(closed / "home", state_dir=home.parent / "state")
    try:
        assert answers(embedded.database_url)
        assert stat.S_IMODE(closed.stat().st_mode) == before
        sockets = Path(embedded.database_url.partition("host=")[2])
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE(sockets.parent.stat().st_mode) == 0o700
    finally:
        embedded.stop()


def test_throw_away_data_is_gone_with_its_last_user(home: Path) -> None:
    embedded = start(home, durable=False)
    sockets = Path(embedded.database_url.partition("host=")[2])
    with psycopg.connect(embedded.database_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    embedded.stop()
    assert not sockets.parent.exists()


def test_a_state_directory_that_the_server_cannot_reach_is_said(home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root hands its servers to another user")
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(Misconfigured, match="DESK_STATE_DIR"):
        start(home, state_dir=closed / "state")


def test_root_runs_no_server_as_root(open_desk: Callable[[], Embedded]) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root hands its servers to another user")
    embedded = open_desk()
    assert psutil.Process(postmaster(embedded.database_url)).uids().real != 0
    with Redis.from_url(embedded.redis_url) as redis:
        assert psutil.Process(redis.info()["process_id"]).uids().real != 0


def test_an_ordinary_user_needs_no_other(home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("every other test here runs as an ordinary user already")
    nobody = pwd.getpwnam("nobody")
    interpreter = Path(sys.executable).resolve()
    if not all(place.stat().st_mode & 0o001 for place in (*ROOT.parents, *interpreter.parents)):
        pytest.skip("the checkout or the interpreter is closed to other users")
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    done = subprocess.run(
        [sys.executable, "-c", USE, str(home), str(home.parent / "state")],
        cwd=ROOT,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        input="\n",
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.stdout.startswith("postgresql://"), done.stderr
    assert {(home / "postgres" / "data").stat().st_uid} == {nobody.pw_uid}
    assert not (home.parent / "state").exists()


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only as root the data lies elsewhere")


@as_root
def test_half_a_note_of_the_place_is_no_place(home: Path, open_desk: Callable[[], Embedded]) -> None:
    home.mkdir()
    (home / "place").write_text("")
    assert answers(open_desk().database_url)
    assert Path((home / "place").read_text().strip()).parent == home.parent / "state"


@as_root
def test_a_place_that_cannot_be_written_is_said(home: Path) -> None:
    home.mkdir()
    (home / "place.lock").mkdir()
    with pytest.raises(Misconfigured, match="cannot be written"):
        start(home, state_dir=home.parent / "state")
