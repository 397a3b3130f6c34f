"""How hub models are loaded, and what has to be allowed by name: two environment variables, read at each load."""

from __future__ import annotations

import argparse
import math
import os
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

VARIABLE, ALLOW = "INSPECTOR_HUB", "INSPECTOR_ALLOW"
DTYPES = ("auto", "float32", "bfloat16", "float16")
BITS = (16, 8, 4)
ALLOWED = {
    "pickle": "weights in a pickle, read without running what it holds (torch's weights_only)",
    "remote-code": "Python code that comes with a model",
    "low-memory": "loading where less memory is free than the weights need",
    "failed-self-test": "using a compressor that failed its self-test",
}


@dataclass(frozen=True)
class HubSettings:
    """Set by INSPECTOR_HUB, as in `dtype=bfloat16 bits=8 folder=/models`, and INSPECTOR_ALLOW, as in `pickle low-memory`."""

    dtype: str = "auto"  # of the weights: float32, bfloat16, float16, or as published (auto)
    bits: int = 16  # 8 or 4: weights of the language models quantised by bitsandbytes
    device_map: str = ""  # as transformers takes it (auto, balanced …); empty: all on INSPECTOR_DEVICE
    folder: str = ""  # FOLDER/ORG/NAME is looked in before the hub's cache
    minutes: float = 30.0  # a model that nobody used for so long is released; 0: never
    allow: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def named(cls, text: str | None = None, allow: str | None = None) -> HubSettings:
        """Settings from `NAME=VALUE …` and names of what is allowed; None for what the environment variables say.

        Raises:
            ValueError: an unknown name, or a value that cannot be used.
        """
        text = os.environ.get(VARIABLE, "") if text is None else text
        allow = os.environ.get(ALLOW, "") if allow is None else allow
        known = [f.name for f in fields(cls) if f.name != "allow"]
        values: dict[str, object] = {}
        for part in text.split():
            name, _, value = part.partition("=")
            if name not in known:
                raise ValueError(f"{VARIABLE} has no setting {name!r}; known: {', '.join(known)}")
            values[name] = _value(name, value)
        words = frozenset(allow.replace(",", " ").split())
        if unknown := sorted(words - ALLOWED.keys()):
            raise ValueError(f"{ALLOW} knows no {unknown[0]!r}; known: {', '.join(ALLOWED)}")
        return replace(cls(), allow=words, **values)

    def local(self, repo: str) -> Path | None:
        """The folder of a repository under `folder`, if it is there."""
        path = Path(self.folder).expanduser() / repo
        return path if self.folder and path.is_dir() else None

    @property
    def bytes_a_number(self) -> float:
        """Of the weights as held in memory, `auto` counted as 16 bits."""
        if self.bits < 16:
            return self.bits / 8 + 0.05  # the scales beside quantised numbers
        return 4.0 if self.dtype == "float32" else 2.0


def _value(name: str, value: str) -> object:
    if name == "dtype" and value not in DTYPES:
        raise ValueError(f"{VARIABLE}: dtype is one of {', '.join(DTYPES)}, not {value!r}")
    if name == "bits":
        if value not in map(str, BITS):
            raise ValueError(f"{VARIABLE}: bits is one of {', '.join(map(str, BITS))}, not {value!r}")
        return int(value)
    if name == "minutes":
        try:
            minutes = float(value)
        except ValueError:
            minutes = -1.0
        if not 0 <= minutes < math.inf:
            raise ValueError(f"{VARIABLE}: minutes takes a number from 0, not {value!r}")
        return minutes
    return value


def add_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Give a parser the options --allow and --hub, for `set_by`."""
    parser.add_argument(
        "--allow", nargs="+", action="extend", default=[], metavar="WHAT", help=f"what is refused otherwise: {' '.join(ALLOWED)}"
    )
    parser.add_argument("--hub", default="", metavar="'NAME=VALUE …'", help=f"how large models load, as {VARIABLE}: 'bits=4'")
    return parser


def set_by(options: argparse.Namespace) -> None:
    """Add what --allow and --hub say to the two environment variables; an option goes before the variable.

    Raises:
        ValueError: an unknown name, or a value that cannot be used.
    """
    added = {VARIABLE: options.hub, ALLOW: " ".join(options.allow)}
    given = {name: f"{os.environ.get(name, '')} {value}".strip() for name, value in added.items()}
    HubSettings.named(given[VARIABLE], given[ALLOW])
    os.environ.update({name: value for name, value in given.items() if value})


def refusal(what: str, reason: str) -> str:
    """One sentence for something that has to be allowed by name."""
    return f"{reason}; to allow it, set {ALLOW}={what} (the option --allow {what})"
