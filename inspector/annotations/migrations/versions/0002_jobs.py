"""Jobs in place of runs: what waits, who works on it, why it failed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("queue", sa.Text, sa.ForeignKey("queues.name"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("subject", "compressor", "settings", "state")),
        sa.Column("item", sa.Text, sa.ForeignKey("items.id")),
        sa.Column("error", sa.Text),
        sa.Column("worker", sa.Text),
        sa.Column("beat", sa.Float),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.UniqueConstraint("queue", "subject", "compressor", "settings"),
    )
    op.create_index("jobs_state", "jobs", ["state", "number"])
    op.execute(
        "INSERT INTO jobs (queue, subject, compressor, settings, state, item, error, tries) "
        "SELECT queue, text, compressor, settings, CASE WHEN item IS NULL THEN 'failed' ELSE 'done' END, item, error, 0 FROM runs"
    )
    op.drop_table("runs")
