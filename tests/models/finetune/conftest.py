"""The docs' example, once for all tests."""

import re

import pytest

from models.training.__main__ import main
from tests.models.finetune.made import GUIDE, TEXT, commands


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The docs' example, run as it is printed; the folder it was run in."""
    folder = tmp_path_factory.mktemp("finetune")
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(re.search(r"```python\n(.*?)```", GUIDE, re.S)[1], {})
        command = commands()[0]
        assert main(command[3:]) == 0
    return folder


@pytest.fixture(autouse=True)
def here(tiny, monkeypatch):
    monkeypatch.chdir(tiny)
