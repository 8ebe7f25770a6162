"""Rows of conversations and messages, their files, and by which way an answer can leave."""
