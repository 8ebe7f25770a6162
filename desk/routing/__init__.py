"""Who gets which work next, and why: pure decisions over plain values."""
