"""docs/annotations.md says what the code does."""

import re
import shlex
from pathlib import Path

import pytest

from inspector.annotations.events import Event
from inspector.annotations.exchange import _Line
from inspector.annotations.items import Item, Suggestions
from inspector.annotations.labels import VERDICTS, Decision, Label, Mark
from inspector.inspection import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "annotations.md").read_text(encoding="utf-8")


def test_the_commands_parse():
    from inspector.cli import parser

    commands = re.findall(r"^python -m inspector (.+)$", PAGE, re.M)
    assert len(commands) >= 8
    for command in commands:
        parser().parse_args(shlex.split(command))


@pytest.mark.parametrize("model", [Item, Suggestions, Label, Mark, Decision, Event, _Line])
def test_every_field_is_named(model):
    assert [name for name in model.model_fields if f'"{name}"' not in PAGE and f"`{name}`" not in PAGE] == []


def test_verdicts_and_kinds_of_the_example_are_the_codes():
    assert f'"{" ".join(VERDICTS)}".split()' in PAGE and f'"{" ".join(KINDS)}".split()' in PAGE
