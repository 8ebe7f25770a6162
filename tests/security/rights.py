"""The declared table: every route and the right it asks. `python -m tests.security.rights` writes it anew."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from desk.app import create_app
from desk.http.entrance import declared_right
from desk.model.permission import Permission
from desk.settings import Settings

TABLE = Path(__file__).with_name("rights.txt")
FILES = "static"
"""Flask's own endpoint for the files of the front end, which are the same for everybody."""


def declared(app: Flask) -> list[str]:
    """One line a method and route, e.g. `GET /api/v1/cases read_cases`; `NONE` is a fault."""
    lines = []
    for rule in app.url_map.iter_rules():
        right = declared_right(app.view_functions[rule.endpoint])
        name = right.value if isinstance(right, Permission) else "public" if right else "NONE"
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != FILES:
            lines += [f"{method} {rule.rule} {name}" for method in methods]
    return sorted(lines)


if __name__ == "__main__":
    unconnected = Settings(database_url="postgresql:///none", redis_url="unix:///none", secret_key="none")
    TABLE.write_text("\n".join(declared(create_app(unconnected))) + "\n")
