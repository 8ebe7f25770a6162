"""Those who work here: signing in, their rights, their day."""
