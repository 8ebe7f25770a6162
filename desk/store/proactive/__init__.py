"""Rows of proactive messages, and whom they concern."""
