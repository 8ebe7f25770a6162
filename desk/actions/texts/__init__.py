"""Texts: kept, read, sent, and what became of what was sent."""
