"""Opening: migrations, who made the database, what cannot be one."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from inspector.annotations import database, jobs, schema
from inspector.annotations.database import StoreError, open_database, url_of


def test_the_migrations_make_the_tables_that_the_code_expects(db):
    with db.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == schema.HEAD


def test_the_newest_migration_is_the_one_that_opening_looks_for():
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_a_newer_database_is_refused_in_one_sentence(db, where):
    with db.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"made by a newer version .*9999.* update it") as told:
        open_database(where)
    assert "\n" not in str(told.value)


def test_what_was_inspected_before_there_were_jobs_is_kept(where):
    with open_database(where) as db, db.write() as connection:
        before_jobs(connection)
        connection.execute(text("INSERT INTO queues VALUES ('q', 1, 1, false, 'after', NULL, 'now')"))
        connection.execute(text("INSERT INTO items VALUES ('i', '{}', 'now')"))
        connection.execute(text("INSERT INTO texts VALUES ('q', 't', 1, '\"one\"')"))
        connection.execute(
            text("INSERT INTO runs VALUES ('q', 't', 'a@4', '{}', 'i', NULL), ('q', 't', 'b@4', '{}', NULL, '\"full\"')")
        )
    with open_database(where) as db:
        assert jobs.failures(db, "q") == [("t", "b@4", "full")]
        assert {state: n for state, n in jobs.counts(db)["q"].items() if n} == {"done": 1, "failed": 1}
        assert jobs.ask(db, "q", ["a@4"]) == 0 and jobs.ask(db, "q", ["b@4"]) == 1


def before_jobs(connection) -> None:
    """As migration 0001 left the tables that 0002 changes."""
    connection.execute(text("DROP TABLE jobs"))
    columns = ", ".join(f"{name} TEXT NOT NULL" for name in ("queue", "text", "compressor", "settings"))
    connection.execute(text(f"CREATE TABLE runs ({columns}, item TEXT, error TEXT)"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def test_other_tables_are_left_alone(where):
    with open_database(where) as db, db.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(StoreError, match="holds other tables"):
        open_database(where)


def test_several_open_an_empty_database_at_once(where):
    failed, start = [], threading.Barrier(4)

    def come() -> None:
        start.wait()
        try:
            open_database(where).close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=come) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert failed == []


def test_sqlite_is_opened_for_durability(small):
    with small.read() as connection:
        settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
        assert settings == {"journal_mode": "wal", "synchronous": 2}
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("mysql://a@b/c", "not mysql"),
        ("://", "no URL"),
        ("sqlite://", "in memory"),
        ("postgresql://nobody:secret@127.0.0.1:1/none?connect_timeout=2", r"cannot open the database .*nobody:\*\*\*@127"),
    ],
)
def test_what_is_no_database(where, words):
    with pytest.raises(StoreError, match=words) as told:
        open_database(where)
    assert "secret" not in str(told.value) and "\n" not in str(told.value)


def test_a_file_that_is_none(tmp_path):
    (tmp_path / "notes.txt").write_text("This is not a database, but a text that is long enough to be looked at." * 20)
    with pytest.raises(StoreError, match="file is not a database"):
        open_database(tmp_path / "notes.txt")
    with pytest.raises(StoreError, match="cannot open the database"):
        open_database(tmp_path / "notes.txt" / "under.db")
    (tmp_path / "other.db").touch()
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE birds (name)")
    with pytest.raises(StoreError, match="birds"):
        open_database(tmp_path / "other.db")


def test_the_default_is_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("INSPECTOR_DATA", raising=False)
    monkeypatch.setattr("inspector.folders.sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert database.default_database() == tmp_path / "share" / "compression-inspector" / "annotations.db"
    monkeypatch.setenv("INSPECTOR_DATA", str(tmp_path / "mine"))
    assert Path(url_of(None).database) == tmp_path / "mine" / "annotations.db"
    open_database().close()
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o700


def test_urls():
    assert url_of("postgres://u@h/d").drivername == url_of("postgresql://u@h/d").drivername == "postgresql+psycopg"
    assert url_of("some/file.db").database == "some/file.db"
