"""The contact form: what is written on our own pages."""
