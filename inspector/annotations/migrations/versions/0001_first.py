"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPEND_ONLY = ("events", "gold")


def upgrade() -> None:
    def text(name: str, null: bool = False, **options: bool) -> sa.Column:
        return sa.Column(name, sa.Text, nullable=null, **options)

    op.create_table("people", text("name", primary_key=True), text("role"))
    op.create_table("guidelines", text("id", primary_key=True), text("content"), text("time"))
    op.create_table("items", text("id", primary_key=True), text("content"), text("time"))
    op.create_table(
        "suggestions",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("item", sa.Text, sa.ForeignKey("items.id"), nullable=False),
        text("id"),
        text("content"),
        sa.UniqueConstraint("item", "id"),
    )
    op.create_table(
        "queues",
        text("name", primary_key=True),
        sa.Column("annotators", sa.Integer, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("blind", sa.Boolean, nullable=False),
        text("shown"),
        sa.Column("guideline", sa.Text, sa.ForeignKey("guidelines.id")),
        text("time"),
    )
    op.create_table(
        "texts",
        sa.Column("queue", sa.Text, sa.ForeignKey("queues.name"), primary_key=True),
        text("id", primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        text("content"),
    )
    op.create_table(
        "runs",
        *(text(name, primary_key=True) for name in ("queue", "text", "compressor", "settings")),
        sa.Column("item", sa.Text, sa.ForeignKey("items.id")),
        text("error", null=True),
        sa.ForeignKeyConstraint(["queue", "text"], ["texts.queue", "texts.id"]),
    )
    op.create_table(
        "queue_items",
        sa.Column("queue", sa.Text, sa.ForeignKey("queues.name"), primary_key=True),
        sa.Column("item", sa.Text, sa.ForeignKey("items.id"), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("calibration", sa.Boolean, nullable=False),
    )
    op.create_table(
        "claims",
        sa.Column("number", sa.Integer, primary_key=True),
        text("queue"),
        text("item"),
        sa.Column("annotator", sa.Text, sa.ForeignKey("people.name"), nullable=False),
        sa.Column("time", sa.Float, nullable=False),
        sa.UniqueConstraint("queue", "item", "annotator"),
        sa.ForeignKeyConstraint(["queue", "item"], ["queue_items.queue", "queue_items.item"]),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        text("queue"),
        text("item"),
        sa.Column("annotator", sa.Text, sa.ForeignKey("people.name"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        text("action"),
        text("label", null=True),
        text("time"),
        sa.UniqueConstraint("queue", "item", "annotator", "number"),
        sa.ForeignKeyConstraint(["queue", "item"], ["queue_items.queue", "queue_items.item"]),
        sa.CheckConstraint("number >= 1"),
    )
    op.create_table(
        "gold",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("item", sa.Text, sa.ForeignKey("items.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("adjudicator", sa.Text, sa.ForeignKey("people.name"), nullable=False),
        text("action"),
        text("label", null=True),
        text("time"),
        sa.UniqueConstraint("item", "number"),
        sa.CheckConstraint("number >= 1"),
    )
    for table in APPEND_ONLY:
        append_only(table)


def append_only(table: str) -> None:
    """The database itself refuses to change or delete a row of this table."""
    says = f"{table} are only ever added"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{says}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{says}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
