"""The schema, one dated step at a time (Alembic)."""
