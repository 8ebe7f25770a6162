"""Encoders: how a question becomes a vector, best first, and all without a network."""
