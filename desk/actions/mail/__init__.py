"""Mail: kept, read, quarantined, acknowledged, sent, and what became of what was sent."""
