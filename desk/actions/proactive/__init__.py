"""Messages before the question: to whom, by which way, and who wants none."""
