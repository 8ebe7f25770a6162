"""Benchmarks: each is one bounded command that checks its results before its times and prints ratios.

A ratio is measured against a baseline in the same run, both sides in turn (A B B A), because a
shared machine drifts. Absolute times are printed beside it, and never gate.
"""
