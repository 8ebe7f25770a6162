"""Rows of agents, their sessions and their day."""
