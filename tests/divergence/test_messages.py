"""Sentences: every key that a kind uses is there, in every language, with the same places to fill."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import inspector.divergence
from inspector.divergence.messages import sentence, templates
from inspector.inspection import KINDS

FOLDER = Path(inspector.divergence.__file__).parent
PLAIN = re.compile(rf'"((?:{"|".join(KINDS)})\.[a-z_]+)"')
VERDICTS = ("less exact", "more exact", "bound")  # what the key of a number may be made of


def used() -> set[str]:
    """Keys that stand in the source as they are; those made with an f-string are `number.{verdict}`."""
    return {key for file in FOLDER.glob("*.py") for key in PLAIN.findall(file.read_text(encoding="utf-8"))}


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_the_source_names_keys() -> None:
    assert len(used()) > 30
    assert {key.split(".")[0] for key in used()} == set(KINDS)


@pytest.mark.parametrize("key", sorted(used() | {f"number.{v.replace(' ', '_')}" for v in VERDICTS}))
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_key_has_a_sentence(key: str, language: str) -> None:
    assert templates()[language][key].strip()


def test_languages_have_the_same_keys_and_places() -> None:
    one, two = templates()["en"], templates()["ko"]
    assert list(one) == list(two)
    assert {key: places(one[key]) for key in one} == {key: places(two[key]) for key in two}


def test_no_sentence_is_left_over() -> None:
    made = {f"number.{v.replace(' ', '_')}" for v in VERDICTS}
    assert set(templates()["en"]) <= used() | made


@pytest.mark.parametrize("key", sorted(templates()["en"]))
@pytest.mark.parametrize("language", sorted(templates()))
def test_filled(key: str, language: str) -> None:
    template = templates()[language][key]
    arguments = {name: f"«{name}»" for name in places(template)}
    said = sentence(key, arguments, language)
    assert "{" not in said and "}" not in said
    assert all(value in said for value in arguments.values())
    assert said == template.format(**arguments)


@pytest.mark.parametrize("value", ["{reconstruction}", "{", "}", "{}", "{{x}}", "}{", "{0.__class__}", "%s", "\\1"])
def test_braces_in_a_text_are_text(value: str) -> None:
    said = sentence("entity.substituted", {"source": value, "reconstruction": "Bob"})
    assert said == templates()["en"]["entity.substituted"].replace("{reconstruction}", "Bob").replace("{source}", value)


def test_what_is_missing_leaves_dots() -> None:
    assert sentence("entity.dropped", {}) == "“…” is gone."


@pytest.mark.parametrize("key", ["entity.nothing", "", "{source}", "entity"])
def test_unknown_key(key: str) -> None:
    with pytest.raises(KeyError, match="No sentence for"):
        sentence(key, {"source": "x"})


def test_a_key_of_a_plug_in_brings_its_sentence() -> None:
    assert sentence("tone.sharper", {"sentence": "The tone is {sharper} now."}) == "The tone is {sharper} now."
    assert sentence("tone.sharper", {"sentence": "말투가 달라졌습니다."}, "ko") == "말투가 달라졌습니다."


def test_a_known_key_keeps_its_own_sentence() -> None:
    assert sentence("entity.dropped", {"source": "Bob", "sentence": "Something else."}) == "“Bob” is gone."
