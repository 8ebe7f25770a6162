"""Why an article did not help."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_vote_reasons"
down_revision = "20261125_retention"
branch_labels = None
depends_on = None

REASON = sa.Enum(
    "missing", "unclear", "wrong", "other_question", name="votereason", native_enum=False, length=24
)


def upgrade() -> None:
    op.add_column("article_votes", sa.Column("reason", REASON, nullable=True))


def downgrade() -> None:
    op.drop_column("article_votes", "reason")
