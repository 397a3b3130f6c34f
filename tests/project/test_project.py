"""What the project promises about itself: commands, pins, style, and a README that is true."""

import importlib
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from models.registry import BUNDLED

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def python_files(*folders: str) -> list[Path]:
    return [ROOT / "app.py", *(path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))]


def leaves(words: object, path: str = "") -> dict[str, str]:
    """Strings of nested objects, by path."""
    if isinstance(words, dict):
        return {k: v for key, value in words.items() for k, v in leaves(value, f"{path}/{key}").items()}
    return {path: str(words)}


def test_the_readmes_make_commands_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"(?:^|`|cpu )make ([a-z]+)", README, re.M))
    assert {"run", "test"} <= named <= targets


def test_ci_runs_the_readmes_test_command():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text().rstrip().splitlines()[-1] == "make test"
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_the_readmes_inspector_commands_parse():
    from inspector.cli import parser

    commands = re.findall(r"^python -m inspector ([^|<>\n]+)", README, re.M)
    assert len(commands) >= 4
    for command in commands:
        parser().parse_args(shlex.split(command))


def test_every_file_on_the_readmes_map_exists_and_every_package_is_on_it():
    tree = re.search(r"## Map.*?```\n(.*?)```", README, re.S)[1]
    folders, named = [], set()
    for line in tree.splitlines():
        if match := re.match(r"( *)(\S+)(?:  |$)", line):
            depth = len(match[1]) // 2
            folders[depth:] = [match[2]]
            named.add("".join(folders))
    assert len(named) > 20
    assert not [name for name in named if not (ROOT / name).exists()]
    code = {str(p.relative_to(ROOT)) for p in python_files("inspector", "models") if p.name not in ("__init__.py", "__main__.py")}
    whole = {n for n in named if n.endswith("/") and not any(o.startswith(n) for o in named - {n})}  # folders named as one
    covered = {c for c in code if c in named or any(c.startswith(n) for n in whole)}
    assert code == covered


def test_links_of_the_readme_and_docs_lead_somewhere():
    for file in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name} → {target}"


def test_app_is_short():
    assert len((ROOT / "app.py").read_text().splitlines()) <= 60


@pytest.mark.parametrize("module", ["difflib", "pickle"])
def test_modules_that_are_not_used(module):
    pattern = re.compile(rf"^\s*(?:import|from)\s+{module}\b", re.M)
    assert not [
        path.name for path in python_files("inspector", "models", "tests") if pattern.search(path.read_text(encoding="utf-8"))
    ]


def test_labels_are_in_both_languages():
    words = json.loads((ROOT / "static" / "words.json").read_text(encoding="utf-8"))
    english, korean = leaves(words["en"]), leaves(words["ko"])
    assert set(english) == set(korean) and all(map(str.strip, (english | korean).values()))
    slots = {key: sorted(re.findall(r"\{\w+\}", english[key])) for key in english}
    assert slots == {key: sorted(re.findall(r"\{\w+\}", korean[key])) for key in korean}


def test_the_lock_pins_what_the_project_needs_within_its_ranges():
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)  # exact, and no local version such as +cpu
    pins = {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}
    assert len(pins) == len(lines)
    extras = PROJECT["project"]["optional-dependencies"].values()
    for text in (*PROJECT["project"]["dependencies"], *(need for extra in extras for need in extra)):
        need = Requirement(text)
        assert need.specifier.contains(pins[canonicalize_name(need.name)]), text


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]])
def test_style(command):
    ran = subprocess.run([sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_bundled_entry_points_are_the_registrys():
    declared = PROJECT["project"]["entry-points"]["inspector.compressors"].values()
    assert set(declared) == set(BUNDLED)
    for target in declared:
        module, name = target.split(":")
        assert [row.name for row in getattr(importlib.import_module(module), name)()]
