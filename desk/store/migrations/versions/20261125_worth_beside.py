"""What a customer is worth beside the mean: what routing goes by."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_worth_beside"
down_revision = "20261125_vote_reasons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer_values", sa.Column("worth", sa.Float(), nullable=True))
    op.execute(
        "UPDATE customer_values SET worth = found.worth FROM"
        " (SELECT customer_id, value / nullif(avg(value) OVER (), 0) AS worth FROM customer_values) found"
        " WHERE found.customer_id = customer_values.customer_id"
    )


def downgrade() -> None:
    op.drop_column("customer_values", "worth")
