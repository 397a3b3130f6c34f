"""A database of annotations: where it is, how it is opened, what a transaction promises.

SQLite by default (write-ahead log, every commit flushed to disk), PostgreSQL by URL. Opening brings the tables up to date with
the Alembic migrations in this package; a database that a newer version made is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError

from inspector.annotations.schema import HEAD
from inspector.folders import data_folder

MIGRATIONS = Path(__file__).parent / "migrations"
WAIT = 30  # seconds that a writer waits for another
UNREACHABLE = (OperationalError, InterfaceError)
LOCK = 0x1A57EC70  # of PostgreSQL's advisory locks: the one for migrations


class StoreError(ValueError):
    """What was asked for cannot be done; the message is one sentence."""


class Conflict(StoreError):
    """Another tab, or another person, was first; nothing was overwritten."""


class NotAllowed(StoreError):
    """This person's role does not cover it."""


def default_database() -> Path:
    """`annotations.db` in the user's data folder."""
    return data_folder() / "annotations.db"


def now() -> str:
    """The time in UTC, ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Database:
    """An open database; safe to use from several threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of the data, as it was at one moment; for reading only.

        Raises:
            StoreError: the database cannot be reached.
        """
        options = {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == "postgresql" else {}
        try:
            with self.engine.connect().execution_options(reading=True, **options) as connection, connection.begin():
                yield connection
        except UNREACHABLE as error:
            raise StoreError(f"the database could not be read: {reason(error)}") from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All or nothing; when it returns, the data is on disk. On SQLite writers take turns from the start.

        Raises:
            StoreError: no confirmation came: the disk is full, the server is gone, or another writer took longer than 30 seconds.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except UNREACHABLE as error:
            # A server that goes away while it commits may have stored it or not: events sent again are stored once.
            raise StoreError(f"storing was not confirmed ({reason(error)}); send it again, it is stored once") from error

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def url_of(where: str | Path | None) -> URL:
    """A URL of a URL or a file's name; None for the default.

    Raises:
        StoreError: it is no usable URL.
    """
    where = str(where or default_database())
    if "://" not in where:
        return URL.create("sqlite", database=str(Path(where).expanduser()))
    try:
        url = make_url(where)
    except ArgumentError:
        raise StoreError("the database is no URL such as postgresql://user@host/name or sqlite:///file.db") from None
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise StoreError(f"databases are sqlite:///file.db and postgresql://user@host/name, not {url.drivername}")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError("a database in memory would lose labels; name a file")
    return url


def open_database(where: str | Path | None = None) -> Database:
    """Open a database, make it where there is none, and bring it up to date.

    Args:
        where: a URL, or a SQLite file's name; None for `default_database()`.

    Raises:
        StoreError: it cannot be reached or made, is none of ours, or a newer version made it.
    """
    url = url_of(where)
    shown = url.render_as_string(hide_password=True)
    try:
        if url.drivername == "sqlite":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            engine = create_engine(url, connect_args={"timeout": WAIT})
            event.listen(engine, "connect", _sqlite_connect)
            event.listen(engine, "begin", _sqlite_begin)
        else:
            engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
            event.listen(engine, "connect", _postgres_connect)
        bring_up_to_date(engine)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise StoreError('PostgreSQL needs psycopg: pip install "compression-inspector[postgres]"') from None
    except DatabaseError as error:
        raise StoreError(f"cannot open the database {shown}: {reason(error)}") from None
    except OSError as error:
        raise StoreError(f"cannot open the database {shown}: {error.strerror}") from None
    except StoreError as error:
        raise StoreError(f"the database {shown} {error}") from None
    return Database(engine)


def reason(error: DBAPIError) -> str:
    """The driver's own words, one line."""
    return " ".join(str(error.orig).split())


def _sqlite_connect(connection, _record) -> None:  # type: ignore[no-untyped-def]
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, not where the driver guesses
    cursor = connection.cursor()
    for setting in ("busy_timeout=30000", "foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {setting}")
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    # A writer waits here for the others; beginning as a reader, it could find later that its view is out of date.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")


def _postgres_connect(connection, _record) -> None:  # type: ignore[no-untyped-def]
    connection.autocommit = True
    connection.execute("SET synchronous_commit = on")  # whatever the server's own setting
    connection.autocommit = False


def bring_up_to_date(engine: Engine) -> None:
    """Run the migrations that this database lacks, one process at a time.

    Raises:
        StoreError: it holds other tables than ours, or a newer version made it.
    """
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        if revision(connection) == HEAD:
            return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        found = revision(connection)
        if found != HEAD:
            migrate(connection, found)


def revision(connection: Connection) -> str | None:
    """The migration that a database is at; None for an empty one.

    Raises:
        StoreError: other tables are there.
    """
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise StoreError(f"holds other tables ({', '.join(sorted(tables)[:3])} …); name one of its own for annotations")
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(connection: Connection, found: str | None) -> None:
    """Raises: StoreError where `found` is no migration of ours."""
    import logging

    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"was made by a newer version of this program (its tables are at {found}, these are at {HEAD}); update it"
        )
    command.upgrade(config, "head")
