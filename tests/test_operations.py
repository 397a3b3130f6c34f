"""docs/operations.md: the backup command as printed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from inspector.annotations import events
from inspector.annotations.database import open_database
from inspector.clients import Expected, Labels
from inspector.compare import compare

GUIDE = (Path(__file__).parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")


def test_the_backup_holds_what_was_submitted_a_moment_ago(tmp_path, fakes):
    labels = Labels(tmp_path / "annotations.db")
    labels.submit("Judy", Expected("One bee.", {}, compare("One bee.", ["fake-a@4"], registry=fakes)))
    command = shlex.split(re.search(r"^python (-c .*VACUUM.*)$", GUIDE, re.M)[1])
    subprocess.run([sys.executable, *command], cwd=tmp_path, check=True, timeout=60, env=os.environ)  # while it is open
    labels.db.close()
    with open_database(tmp_path / "copy.db") as copy:
        assert [who for _, who in events.all_of(copy, "clients")] == ["Judy"]
