"""Rows of customers: addresses, purchases, entitlements, values."""
