"""Messages, whatever their channel: let in, shown, answered, begun by us."""
