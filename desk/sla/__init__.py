"""Promises of time: business hours, targets, and clocks whose every move is written down. All of it pure."""
