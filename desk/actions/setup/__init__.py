"""Setting the desk up: its channels and rows, its policies, and the audit log."""
