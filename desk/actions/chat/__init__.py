"""Chat: the visitor, the widget, and where a talk stands."""
