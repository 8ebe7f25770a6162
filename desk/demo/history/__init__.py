"""Ninety days before the demo began: some thousand contacts that were asked, answered and closed."""

from desk.demo.history.telling import HistoryTeller, tell_history

__all__ = ["HistoryTeller", "tell_history"]
