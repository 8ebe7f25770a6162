"""django-helpdesk in a process of its own, run by the interpreter of its own environment.

    python helpdesk_process.py postgresql://… FOLDER

Reads folders of mails from standard input, one a line; takes every mail in as its own `get_email`
does, one after the other; answers each line with what it took and what became of it, as JSON.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

urlpatterns: list[Any] = []
"""Where Django looks for its pages: the links in the mails that it writes are made from them."""


def main() -> None:
    _configure(sys.argv[1], sys.argv[2])
    from helpdesk.models import Queue

    queue = Queue.objects.create(
        title="Bench", slug="bench", email_address="help@bench.example", allow_email_submission=True,
        email_box_type="local", new_ticket_cc="", updated_ticket_cc="",
    )  # fmt: skip
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_taken_in(queue, sorted(Path(line.strip()).iterdir()))), flush=True)


def _configure(url: str, media: str) -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    at = urlsplit(url)
    host = at.hostname or parse_qs(at.query).get("host", [""])[0]
    settings.configure(
        SECRET_KEY="bench" * 8,
        SITE_ID=1,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": at.path.lstrip("/"),
                "USER": unquote(at.username or ""),
                "PASSWORD": unquote(at.password or ""),
                "HOST": unquote(host),
                "PORT": str(at.port or ""),
                "CONN_MAX_AGE": None,
            }
        },
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
            "django.contrib.sites", "django.contrib.messages", "django.contrib.humanize",
            "django.contrib.admin", "rest_framework", "helpdesk",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        MEDIA_ROOT=media,
        STATIC_URL="/static/",
        ROOT_URLCONF=__name__,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        DEFAULT_FROM_EMAIL="help@bench.example",
        HELPDESK_TEAMS_MODE_ENABLED=False,
        USE_TZ=True,
    )  # fmt: skip
    django.setup()
    from django.urls import include, path

    urlpatterns.append(path("", include("helpdesk.urls")))
    call_command("migrate", verbosity=0)
    call_command("loaddata", "emailtemplate.json", verbosity=0)
    logging.disable(logging.CRITICAL)


def _taken_in(queue: Any, mails: list[Path]) -> dict[str, Any]:
    from django.utils import encoding
    from helpdesk.email import extract_email_metadata
    from helpdesk.models import FollowUp, Ticket

    logger = logging.getLogger("bench")
    contents = [encoding.force_str(mail.read_bytes(), errors="replace") for mail in mails]
    before = Ticket.objects.count(), FollowUp.objects.count()
    seconds, lost, spent = [], [], time.process_time()
    for content in contents:
        begun = time.perf_counter()
        try:
            extract_email_metadata(message=content, queue=queue, logger=logger)
        except Exception as error:
            lost.append(repr(error)[:300])
        seconds.append(time.perf_counter() - begun)
    return {
        "seconds": seconds,
        "cpu": time.process_time() - spent,
        "lost": lost,
        "cases": Ticket.objects.count() - before[0],
        "messages": FollowUp.objects.count() - before[1],
    }


if __name__ == "__main__":
    main()
