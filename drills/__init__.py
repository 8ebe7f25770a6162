"""Drills: kill, cut and flush while work flows, then count. Each prints one line and fails on a miss."""
