"""Promises of time: calendars, targets, the clocks of each case, and how promises were kept."""
