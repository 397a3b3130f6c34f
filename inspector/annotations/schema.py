"""The tables. Texts that people wrote are stored as JSON text (`\\u0000` for NUL): SQLite and PostgreSQL hold that without loss.

Events are only ever added: triggers refuse to change or delete one (migrations/versions/0001). The key (queue, item, annotator,
number) makes a second event with the same number impossible, in whatever process.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy import UniqueConstraint as Unique

HEAD = "0002"  # the newest migration; a test holds it to the folder
metadata = MetaData()

people = Table("people", metadata, Column("name", Text, primary_key=True), Column("role", Text, nullable=False))

guidelines = Table(
    "guidelines",
    metadata,
    Column("id", Text, primary_key=True),
    Column("content", Text, nullable=False),  # JSON string
    Column("time", Text, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("id", Text, primary_key=True),
    Column("content", Text, nullable=False),  # items.Item as JSON
    Column("time", Text, nullable=False),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("item", ForeignKey("items.id"), nullable=False),
    Column("id", Text, nullable=False),
    Column("content", Text, nullable=False),  # items.Suggestions as JSON
    Unique("item", "id"),
)

queues = Table(
    "queues",
    metadata,
    Column("name", Text, primary_key=True),
    Column("annotators", Integer, nullable=False),  # k: how many label each item
    Column("seed", Integer, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("shown", Text, nullable=False),
    Column("guideline", ForeignKey("guidelines.id")),
    Column("time", Text, nullable=False),
)

texts = Table(  # what a queue is made of, before and after a compressor has seen it
    "texts",
    metadata,
    Column("queue", ForeignKey("queues.name"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("content", Text, nullable=False),  # JSON string
)

jobs = Table(  # what compressors are to make of a queue's texts, and who works on it (jobs.py)
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True),  # the order in which they were asked for
    Column("queue", ForeignKey("queues.name"), nullable=False),
    Column("subject", Text, nullable=False),  # a text's id; an item's, where there is no compressor
    Column("compressor", Text, nullable=False),
    Column("settings", Text, nullable=False),  # canonical JSON
    Column("state", Text, nullable=False),  # jobs.STATES
    Column("item", ForeignKey("items.id")),  # what came of it
    Column("error", Text),  # JSON string; why nothing did
    Column("worker", Text),  # who works on it
    Column("beat", Float),  # when the worker last confirmed that, in seconds since 1970
    Column("tries", Integer, nullable=False),  # how often it was taken since it was asked for
    Unique("queue", "subject", "compressor", "settings"),
    Index("jobs_state", "state", "number"),
)

queue_items = Table(
    "queue_items",
    metadata,
    Column("queue", ForeignKey("queues.name"), primary_key=True),
    Column("item", ForeignKey("items.id"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("calibration", Boolean, nullable=False),
)

claims = Table(  # who has an item on the desk
    "claims",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("annotator", ForeignKey("people.name"), nullable=False),
    Column("time", Float, nullable=False),  # seconds since 1970
    Unique("queue", "item", "annotator"),
    ForeignKeyConstraint(["queue", "item"], ["queue_items.queue", "queue_items.item"]),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("annotator", ForeignKey("people.name"), nullable=False),
    Column("number", Integer, nullable=False),  # of this annotator's events on this item, from 1
    Column("action", Text, nullable=False),  # events.ACTIONS
    Column("label", Text),  # labels.Label as JSON, with submit and draft
    Column("time", Text, nullable=False),
    Unique("queue", "item", "annotator", "number"),
    ForeignKeyConstraint(["queue", "item"], ["queue_items.queue", "queue_items.item"]),
    CheckConstraint("number >= 1"),
)

gold = Table(  # adjudicated labels, events as well: the last that was not undone holds
    "gold",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item", ForeignKey("items.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("adjudicator", ForeignKey("people.name"), nullable=False),
    Column("action", Text, nullable=False),  # submit or undo
    Column("label", Text),
    Column("time", Text, nullable=False),
    Unique("item", "number"),
    CheckConstraint("number >= 1"),
)
