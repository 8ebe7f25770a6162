"""The deeds: one function, one moment, one transaction."""
