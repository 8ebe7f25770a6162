"""The pure parts of the channel chat."""
