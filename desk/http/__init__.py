"""The HTTP entrance: parse, call one action, answer."""
