"""The help centre: articles, their upkeep, their use, and the customer's own door."""
