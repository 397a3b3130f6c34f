"""Items, suggestions, people and guidelines in a database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Connection, Table, select, update

from inspector.annotations.database import Database, NotAllowed, StoreError, now
from inspector.annotations.items import Item, Suggestions, canonical
from inspector.annotations.labels import Guideline, clean_name
from inspector.annotations.schema import guidelines, items, people, suggestions

Role = Literal["annotator", "adjudicator", "admin"]
ROLES: tuple[str, ...] = Role.__args__  # type: ignore[attr-defined]  each may do what those before it may


def put(connection: Connection, table: Table, **row: object) -> bool:
    """Insert a row unless one with the same primary or unique key is there. False where it was there."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_or
    else:
        from sqlalchemy.dialects.sqlite import insert as insert_or
    done = insert_or(table).values(row).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return connection.execute(done).first() is not None


def put_item(connection: Connection, item: Item, suggested: Suggestions | None = None) -> str:
    """Raises: StoreError where a suggestion does not lie in the item."""
    put(connection, items, id=item.id, content=canonical(item.model_dump(mode="json")), time=now())
    if suggested is not None:
        try:
            suggested.check(item)
        except ValueError as error:
            raise StoreError(f"a suggestion does not fit its item: {error}") from None
        put(connection, suggestions, item=item.id, id=suggested.id, content=canonical(suggested.model_dump(mode="json")))
    return item.id


def add_items(db: Database, pairs: Iterable[tuple[Item, Suggestions | None]]) -> list[str]:
    """Store items with their suggestions; those that are there stay as they are. Returns their ids, in order."""
    with db.write() as connection:
        return [put_item(connection, item, suggested) for item, suggested in pairs]


def get_item(connection: Connection, identity: str) -> Item:
    """Raises: StoreError where there is no such item."""
    found = connection.execute(select(items.c.content).where(items.c.id == identity)).scalar()
    if found is None:
        raise StoreError(f"there is no item {identity[:12]}")
    return Item.model_validate_json(found)


def item(db: Database, identity: str) -> Item:
    with db.read() as connection:
        return get_item(connection, identity)


def get_suggestions(connection: Connection, item: str, identity: str | None = None) -> Suggestions | None:
    """An item's suggestions: those named, else the newest; None where it has none.

    Raises:
        StoreError: the named ones are not there.
    """
    rows = select(suggestions.c.content).where(suggestions.c.item == item)
    if identity is not None:
        rows = rows.where(suggestions.c.id == identity)
    found = connection.execute(rows.order_by(suggestions.c.number.desc()).limit(1)).scalar()
    if found is None and identity is not None:
        raise StoreError(f"item {item[:12]} has no suggestions {identity[:12]}")
    return Suggestions.model_validate_json(found) if found is not None else None


def all_suggestions(connection: Connection, item: str) -> list[Suggestions]:
    """Oldest first."""
    rows = select(suggestions.c.content).where(suggestions.c.item == item).order_by(suggestions.c.number)
    return [Suggestions.model_validate_json(found) for found in connection.execute(rows).scalars()]


def set_person(db: Database, name: str, role: Role | None = None) -> str:
    """Make a person known, or give one a role (None: as it is; annotator at first). Returns the name as stored."""
    with db.write() as connection:
        return put_person(connection, name, role)


def put_person(connection: Connection, name: str, role: str | None = None) -> str:
    try:
        name = clean_name(name, "annotator's name")
    except ValueError as error:
        raise StoreError(str(error)) from None
    if role is not None and role not in ROLES:
        raise StoreError(f"{role!r} is no role; roles are {', '.join(ROLES)}")
    if not put(connection, people, name=name, role=role or "annotator") and role is not None:
        connection.execute(update(people).where(people.c.name == name).values(role=role))
    return name


def person(connection: Connection, name: str) -> str:
    """A person's role.

    Raises:
        StoreError: nobody has that name.
    """
    role = connection.execute(select(people.c.role).where(people.c.name == name)).scalar()
    if role is None:
        raise StoreError(f"there is nobody called {name!r} here; choose a name first")
    return role


def roles(db: Database) -> dict[str, str]:
    with db.read() as connection:
        return {row.name: row.role for row in connection.execute(select(people).order_by(people.c.name))}


def require(connection: Connection, name: str, least: Role) -> None:
    """Raises: NotAllowed where the person's role is a lesser one."""
    role = person(connection, name)
    if ROLES.index(role) < ROLES.index(least):
        raise NotAllowed(f"{name} is {role}; this needs the role {least}")


def allowed(db: Database, name: str, least: Role) -> None:
    """Raises: NotAllowed where the person's role is a lesser one; StoreError where nobody has that name."""
    with db.read() as connection:
        require(connection, name, least)


def add_guideline(db: Database, text: str) -> str:
    """Store a version of the guideline; returns its id, the hash of the text."""
    with db.write() as connection:
        return put_guideline(connection, text)


def put_guideline(connection: Connection, text: str, time: str | None = None) -> str:
    try:
        made = Guideline(text=text)
    except ValueError:
        raise StoreError("the guideline is empty; write some Markdown") from None
    put(connection, guidelines, id=made.id, content=canonical(text), time=time or now())
    return made.id


def guideline(db: Database, identity: str) -> str:
    """A guideline's text, by id or by the start of one.

    Raises:
        StoreError: none, or several, begin so.
    """
    with db.read() as connection:
        rows = connection.execute(select(guidelines).where(guidelines.c.id.startswith(identity, autoescape=True))).all()
    if len(rows) != 1:
        raise StoreError(f"{'several guidelines begin' if rows else 'no guideline begins'} with {identity!r}")
    return json.loads(rows[0].content)


def all_guidelines(db: Database) -> list[tuple[str, str]]:
    """(id, time) of each version, oldest first."""
    with db.read() as connection:
        return [(row.id, row.time) for row in connection.execute(select(guidelines).order_by(guidelines.c.time))]
