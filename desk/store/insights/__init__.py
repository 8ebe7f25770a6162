"""Rows of questions, topics and proposals; metrics, facts and goals."""
