"""Rows of chats."""
