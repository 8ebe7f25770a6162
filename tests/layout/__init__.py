"""Tests of the source itself: floors, names, documents."""
