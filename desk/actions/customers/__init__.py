"""Customers: their one face, what they bought and are owed, what they are worth."""
