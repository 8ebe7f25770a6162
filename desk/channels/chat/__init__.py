"""The channel chat: a widget on the pages of a site."""
