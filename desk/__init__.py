"""Desk: a contact centre and omnichannel service desk."""

__version__ = "0.1.0"
