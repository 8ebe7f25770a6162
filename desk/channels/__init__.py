"""The ways to reach us: each translates the world into inbound messages, and ours into the world."""
