"""Rows of cases: read, listed, shown, locked, and the work on them kept."""
