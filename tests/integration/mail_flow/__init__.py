"""Mail from its bytes to a case, and an answer back to the world."""
