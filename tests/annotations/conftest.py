"""Every test of the store runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from inspector.annotations import queues, store
from inspector.annotations.database import Database, open_database
from inspector.annotations.items import Item, Suggestions
from tests.annotations import postgres
from tests.annotations.made import ITEMS, suggested


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of a PostgreSQL database from which others can be made; skips with the reason where there is none, but not in CI."""
    if named := os.environ.get(postgres.NAMED):
        yield named
        return
    folder = postgres.binaries()
    if folder is None:
        why = f"no PostgreSQL: install Debian's package postgresql, or name a server in {postgres.NAMED}"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with postgres.cluster(folder) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path) -> Iterator[str]:
    """URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/labels.db"
        return
    import psycopg
    from sqlalchemy import make_url

    url = request.getfixturevalue("server")
    name = f"inspector_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def db(where) -> Iterator[Database]:
    with open_database(where) as opened:
        yield opened


@pytest.fixture
def small(tmp_path) -> Iterator[Database]:
    """A SQLite database, for what does not depend on the database."""
    with open_database(tmp_path / "small.db") as opened:
        yield opened


def fill(opened: Database, **settings: object) -> list[str]:
    """A queue `q` with three items and their suggestions, and Ann, Bo, and Judy, who adjudicates."""
    queues.create(opened, queues.Queue("q", **{"annotators": 2, "seed": 7, "shown": "first"} | settings))
    for name, role in (("Ann", "annotator"), ("Bo", "annotator"), ("Judy", "adjudicator")):
        store.set_person(opened, name, role)
    pairs: list[tuple[Item, Suggestions | None]] = [(item, suggested(item)) for item in ITEMS]
    return queues.add_items(opened, "q", pairs)
