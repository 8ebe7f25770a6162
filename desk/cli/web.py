"""`desk web`: gunicorn with gevent, which holds thousands of open lines in one process."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import click

from desk.cli.collector import set_aside
from desk.model.errors import Misconfigured

if TYPE_CHECKING:
    from desk.settings import Settings

# At the end requests may finish, but a socket stays open for as long as its page does: it is cut off after
# this, and the page opens another to the next process.
LONGEST_REQUEST_SECONDS = 10

# Modules that look at the sockets when they are imported, and so must come after the patch.
_AFTER_THE_PATCH = ("psycopg", "redis", "sqlalchemy", "flask", "socketio")


@click.command()
@click.option("--supervisor", type=int, hidden=True, help="Number of the process to end with.")
def web(supervisor: int | None) -> None:
    """Answer browsers and programs. Runs until SIGTERM, then finishes what it holds."""
    refuse_a_broken_server()
    from gevent import monkey

    monkey.patch_all()

    from desk.cli.process import ready_process

    with ready_process("web", supervisor=supervisor) as settings:
        _serve(settings)


def refuse_a_broken_server() -> None:
    """Stop before the first socket fails instead of at it. Raises Misconfigured."""
    if importlib.util.find_spec("geventwebsocket"):
        raise Misconfigured(
            "The package gevent-websocket is installed. With it every websocket of this server fails; "
            "run `pip uninstall gevent-websocket`."
        )
    early = [name for name in _AFTER_THE_PATCH if name in sys.modules]
    if early:
        raise Misconfigured(
            f"{', '.join(early)} came before gevent's patch; `desk web` needs a process of its own."
        )


def _serve(settings: Settings) -> None:
    from gunicorn.app.base import BaseApplication

    # Imported once, before gunicorn forks: its processes have all of this in the same memory.
    from desk.app import create_app

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is not typed
        """Gunicorn, told in code what its file would say."""

        def load_config(self) -> None:
            for name, value in gunicorn_settings(settings).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            app = create_app(settings)
            set_aside()
            return app

    set_aside()
    Server().run()


def gunicorn_settings(settings: Settings) -> dict[str, Any]:
    """What the server is told. X-Forwarded headers are read in one place only, by the application."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": [f"{host}:{settings.port}"],
        "workers": settings.web_processes,
        "worker_class": "gevent",
        "worker_connections": settings.web_connections,
        "graceful_timeout": max(1, min(settings.drain_seconds - 3, LONGEST_REQUEST_SECONDS)),
        "timeout": 60,
        "keepalive": 75,
        "forwarded_allow_ips": "",
        "logger_class": "desk.cli.web_log.Quiet",
        "control_socket_disable": True,
        "proc_name": "desk web",
    }
