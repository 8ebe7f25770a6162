"""The help centre: pages for customers, which work without scripts."""
