"""Rows of articles, how they are found, used and kept up."""
