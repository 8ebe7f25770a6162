"""Cases: the way to them, what is done to them, and what is shown of them."""
