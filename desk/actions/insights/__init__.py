"""What is asked, what it costs, what to change, and whether it worked."""
