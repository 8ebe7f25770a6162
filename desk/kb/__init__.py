"""Knowledge: what articles say, and how it is shown."""
