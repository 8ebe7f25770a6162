"""The forecast that is shown: the one that was made last."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from desk.model.routing_policy import Forecast


def keep_forecast(session: Session, forecast: Forecast) -> None:
    """This in the place of those before it."""
    session.execute(delete(Forecast))
    session.add(forecast)
    session.flush()


def newest_forecast(session: Session) -> Forecast | None:
    """The one that is kept."""
    return session.scalar(select(Forecast).order_by(Forecast.id.desc()).limit(1))
