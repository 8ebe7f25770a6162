"""Who gets what: offers, assignments, presence, policies and their trials, staffing."""
