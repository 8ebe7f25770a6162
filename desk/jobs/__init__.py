"""The entrance of time and of the journal: what follows later, and what talks to the world."""
