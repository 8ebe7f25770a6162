"""Insights: what people ask, how often, and whether a change made them ask less."""
