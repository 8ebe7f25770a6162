"""The web application, assembled: the one place that knows every entrance of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map, Rule

from desk.http import (
    access,
    agents,
    articles,
    calibrations,
    cases,
    changes,
    channels,
    chats,
    coaching,
    contacts,
    correlations,
    customers,
    decisions,
    deflection,
    demo,
    description,
    diary,
    entitlements,
    errors,
    exports,
    facts,
    files,
    health,
    knowledge,
    me,
    messages,
    metrics,
    offers,
    pages,
    policies,
    proactive,
    proposals,
    purchases,
    quarantine,
    question_letters,
    questions,
    reminders,
    routing_policies,
    routing_replays,
    scheduled_replies,
    scorecard,
    search,
    security,
    setup,
    sla,
    text_templates,
    texts,
    twilio,
    values,
    views,
    widget,
)
from desk.http.auth import cookie_name
from desk.http.ground import Ground
from desk.http.help import cases as help_cases
from desk.http.help import contact as help_contact
from desk.http.help import leaving as help_leaving
from desk.http.help import machines as help_machines
from desk.http.help import reading as help_reading
from desk.http.help import scoring as help_scoring
from desk.http.security import is_our_host, is_our_origin
from desk.http.written import Json
from desk.settings import Settings
from desk.sockets import live
from desk.store.limits import Limiter
from desk.store.opening import open_store, redis_for
from desk.store.unit_of_work import Store
from desk.store.vault import Vault

API = "/api/v1"
API_BLUEPRINTS: tuple[Blueprint, ...] = (
    me.blueprint,
    description.blueprint,
    changes.blueprint,
    access.blueprint,
    setup.blueprint,
    sla.blueprint,
    scorecard.blueprint,
    agents.blueprint,
    policies.blueprint,
    routing_policies.blueprint,
    routing_replays.blueprint,
    diary.blueprint,
    reminders.blueprint,
    scheduled_replies.blueprint,
    decisions.blueprint,
    offers.blueprint,
    quarantine.blueprint,
    cases.blueprint,
    messages.blueprint,
    customers.blueprint,
    search.blueprint,
    articles.blueprint,
    deflection.blueprint,
    knowledge.blueprint,
    contacts.blueprint,
    views.blueprint,
    purchases.blueprint,
    entitlements.blueprint,
    values.blueprint,
    proactive.blueprint,
    proposals.blueprint,
    question_letters.blueprint,
    questions.blueprint,
    calibrations.blueprint,
    coaching.blueprint,
    correlations.blueprint,
    files.blueprint,
    exports.blueprint,
    facts.blueprint,
    channels.blueprint,
    chats.blueprint,
    text_templates.blueprint,
    texts.blueprint,
    demo.blueprint,
)
"""Every group of endpoints under /api/v1."""

PAGE_BLUEPRINTS: tuple[Blueprint, ...] = (
    pages.blueprint,
    health.blueprint,
    metrics.blueprint,
    help_reading.blueprint,
    help_machines.blueprint,
    help_contact.blueprint,
    help_leaving.blueprint,
    help_scoring.blueprint,
    help_cases.blueprint,
    demo.pages,
    widget.blueprint,
    purchases.pages,
    twilio.pages,
)
"""Pages for people and probes for machines, outside the API."""

LARGEST_KEY = 2**63 - 1


class _Key(IntegerConverter):
    """A number that a row can have; a larger one is an address where nothing is."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, max=LARGEST_KEY, **options)


class _Rule(Rule):
    """Of three hundred routes a few are ever asked for their address: what puts it together is made then.

    Made with each route, it is nine tenths of the time that the application takes to be there.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            made[:] = made or [super(_Rule, self)._compile_builder(append_unknown)]
            return made[0](rule, **values)

        return build


class _Desk(Flask):
    json_provider_class = Json
    url_rule_class = _Rule


def create_app(settings: Settings, store: Store | None = None) -> Flask:
    """The WSGI application. Nothing connects before the first request."""
    app = _Desk(__name__, template_folder="http/templates", static_folder="static")
    app.url_map.converters["int"] = _Key
    store = store or open_store(settings, "web")
    redis = redis_for(settings)
    app.extensions["desk"] = Ground(
        settings=settings,
        store=store,
        redis=redis,
        limiter=Limiter(redis),
        vault=Vault(settings.secret_key),
    )
    metrics.register(app, store)
    security.register(app, settings)
    errors.register(app)
    for blueprint in API_BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=API)
    for blueprint in PAGE_BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.extensions["desk_live"] = live.mount(
        app, settings, store, redis, cookie=cookie_name(settings), ours=partial(_is_ours, settings.public_url)
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]  # how Flask documents it
    return app


def _is_ours(public_url: str, origin: str | None, environ: dict[str, Any]) -> bool:
    """Whether a socket's handshake asks for our host, and comes from a page of ours if from a page at all."""
    host = str(environ.get("HTTP_HOST", ""))
    return is_our_host(host, public_url) and (origin is None or is_our_origin(origin, host, public_url))
