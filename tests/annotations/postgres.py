"""A PostgreSQL of the tests' own, from Debian's binaries, on a Unix socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMED = "INSPECTOR_TEST_POSTGRES"


def binaries() -> Path | None:
    """The folder with `initdb`, of the newest version installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


def other_user() -> dict[str, object]:
    """PostgreSQL refuses to run as root: whom to be instead, as arguments for subprocess."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """URL of the database `postgres` of a fresh cluster, while it runs."""
    home = Path(tempfile.mkdtemp(prefix="inspector-pg-"))  # pytest's own folders are closed to other users
    other = other_user()
    if other:
        os.chown(home, other["user"], other["group"])
    run = {"check": True, "cwd": home, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "timeout": 120, **other}
    data = home / "data"
    try:
        subprocess.run(
            [folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], **run
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c max_connections=60"
        log = home / "log"
        start = [folder / "pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start"]
        subprocess.run(start, **(run | {"stderr": subprocess.DEVNULL}))  # the server would keep a pipe open
        yield f"postgresql://postgres@/postgres?host={home}"
    finally:
        if (data / "postmaster.pid").exists():
            subprocess.run([folder / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **(run | {"check": False}))
        shutil.rmtree(home, ignore_errors=True)
