"""Rows that routing decides over: queues, presence, offers, policies."""
