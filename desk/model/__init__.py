"""The ground floor: nouns and their rules, without I/O."""
