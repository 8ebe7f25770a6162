"""Chats, with a real database and a real line."""
