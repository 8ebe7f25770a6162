"""The shapes that cross HTTP, in and out."""
