"""Rows, queries, the unit of work, the journal, files and presence: all that touches PostgreSQL and Redis."""
