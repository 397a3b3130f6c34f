"""The command line run in-process on fakes, and its standard input as bytes."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest

import models.registry
from inspector import cli


@dataclass
class Ran:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one line on stderr that goes with bad input; nothing on stdout."""
        assert (self.code, self.out, self.err.count("\n")) == (2, "", 1), self
        assert "Traceback" not in self.err
        return self.err.strip()


@pytest.fixture
def run(fakes, monkeypatch, capsys):
    """Run `python -m inspector ARGS` with the fakes as the registry; `stdin` is bytes, or text to be UTF-8."""
    monkeypatch.setattr(models.registry, "registry", lambda: fakes)

    def call(*args: str, stdin: bytes | str = b"") -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        try:
            code = cli.main(args)
        except SystemExit as leaving:
            code = leaving.code
        return Ran(code, *capsys.readouterr())

    return call
