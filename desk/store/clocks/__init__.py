"""Rows of calendars, targets and clocks."""
