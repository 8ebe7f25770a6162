"""Numbers for Prometheus. docs/operating.md says what each means."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from desk.http.auth import find_caller
from desk.http.entrance import public
from desk.model.errors import Forbidden
from desk.model.permission import Permission
from desk.store.standing import depths, standing
from desk.store.unit_of_work import Store

blueprint = Blueprint("metrics", __name__)


class Metrics:
    """The registry of one application: requests counted here, the rest read at each scrape."""

    def __init__(self, store: Store) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "desk_requests",
            "Requests answered by this process.",
            ("endpoint", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "desk_request_seconds",
            "Time to answer a request, without streaming its body.",
            ("endpoint",),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
            registry=self.registry,
        )
        self.registry.register(_Standing(store))


class _Standing(Collector):
    """What the database knows, asked at each scrape; the same from every process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked of the database at registration."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with Session(self._store.engine) as session:
            now, deep = standing(session), depths(session)
        oldest = now.oldest_unrelayed
        lag = max(0.0, (datetime.now(UTC) - oldest).total_seconds()) if oldest else 0.0
        yield GaugeMetricFamily("desk_relay_lag_seconds", "Age of the oldest entry not handed on.", lag)
        yield GaugeMetricFamily("desk_journal_unrelayed", "Journal entries not handed on.", now.unrelayed)
        yield GaugeMetricFamily("desk_journal_set_aside", "Journal entries in trouble.", now.set_aside)
        yield GaugeMetricFamily("desk_offers_live", "Offers that stand.", deep.live_offers)
        yield GaugeMetricFamily("desk_sessions", "Sessions that have not ended.", deep.sessions)
        for name, told, counted in (
            ("desk_inbox", "Mail and texts that are ours and not a message yet.", deep.inbox),
            ("desk_outbox", "Messages to hand over.", deep.outbox),
            ("desk_mailboxes", "Enabled mailboxes.", now.mailboxes),
            ("desk_agents", "Agents by presence.", deep.agents),
        ):
            family = GaugeMetricFamily(name, told, labels=("state",))
            for state, count in sorted(counted.items()):
                family.add_metric((state,), count)
            yield family


def register(app: Flask, store: Store) -> None:
    """Count every request of the application."""
    metrics = app.extensions["desk_metrics"] = Metrics(store)

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        metrics.requests.labels(endpoint, request.method, str(response.status_code)).inc()
        if "begun" in g:
            metrics.seconds.labels(endpoint).observe(time.perf_counter() - g.begun)
        return response


@blueprint.get("/metrics")
@public("Open to this machine; from elsewhere it takes a token with the right read_setup.")
def metrics() -> Response:
    """All numbers, in Prometheus's text form."""
    if not _from_this_machine():
        found = find_caller()
        if found is None or found.pending or not found.actor.may(Permission.READ_SETUP):
            raise Forbidden("The numbers are for this machine, or for a token that may read the setup.")
    own: Metrics = current_app.extensions["desk_metrics"]
    return Response(generate_latest(own.registry), content_type=CONTENT_TYPE_LATEST)


def _from_this_machine() -> bool:
    """Asked over loopback, and not by a proxy on behalf of somebody else."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
