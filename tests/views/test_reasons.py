"""Every sentence that the engine can put on a page has its Korean, and no Korean is of a sentence that is gone."""

import ast
import itertools
import json
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from inspector.divergence import UNKNOWN
from inspector.notes import reasons
from inspector.pages.training import RUNS
from inspector.views.reasons import SLOT, bilingual, patterns, said, table
from inspector.views.words import STATIC
from models.compressor import Row
from models.registry import registry
from models.training.logs import read_folder

ROOT = Path(__file__).parents[2]
MODULES = json.loads((STATIC / "reasons.json").read_text(encoding="utf-8"))
HANGUL = re.compile("[가-힣]")
# Their errors are read by whoever types commands, trains, or writes programs; none reaches a page.
ELSEWHERE = re.compile(
    r"inspector\.(cli\w*|benchmark|clients|validation\..*|measures\.(bertscore|scores)|pages\.(programs|links)|views\.(export_html|words)"
    r"|studies\.(loaders|items|cluster|plan|rows|measured|run|questions)|probes\.(rows|overwriting|icl|answers|swaps))"
    r"|models\.(training\.(?!logs).*|hub\.(lora|kv|prompted)|pocket\..*)"
)


def blank(sentence: str) -> str:
    return re.sub(r"\{\w*\}", "{}", sentence).strip().removesuffix(".")


def templates(node: ast.AST) -> list[str]:
    """What a string expression can be, `{}` for what is filled in."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return templates(node.body) + templates(node.orelse)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [a + b for a in templates(node.left) for b in templates(node.right)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(parts) for parts in itertools.product(*map(templates, node.values))]
    if isinstance(node, ast.FormattedValue):
        return templates(node.value) if isinstance(node.value, ast.IfExp) else ["{}"]
    return []


@cache
def tree(module: str) -> ast.Module:
    path = ROOT.joinpath(*module.split("."))
    return ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8"))


def modules() -> list[str]:
    found = [p.relative_to(ROOT).with_suffix("") for top in ("inspector", "models") for p in sorted((ROOT / top).rglob("*.py"))]
    names = [".".join(p.parts).removesuffix(".__init__") for p in found]
    return [name for name in names if not ELSEWHERE.fullmatch(name)]


def raised(module: str) -> list[str]:
    """First arguments of what a module raises, where they are sentences."""
    calls = (n.exc for n in ast.walk(tree(module)) if isinstance(n, ast.Raise) and isinstance(n.exc, ast.Call) and n.exc.args)
    return [t for call in calls for t in templates(call.args[0]) if re.search(r"\w+ \w+", t)]


@pytest.mark.parametrize("module", [name for name in modules() if raised(name)])
def test_every_error_that_a_page_can_show_is_worded_in_korean(module):
    known = {blank(english) for english in table()}
    assert not [sentence for sentence in raised(module) if blank(sentence) not in known]


@pytest.mark.parametrize("module", MODULES)
def test_no_korean_is_of_a_sentence_that_is_gone(module):
    """By its words: some sentences are put together of several strings."""
    if module == "models.pocket.runs":  # logs, not code
        strings = " ".join(file.read_text(encoding="utf-8") for file in RUNS.glob("*.json"))
    else:
        constants = (n.value for n in ast.walk(tree(module)) if isinstance(n, ast.Constant))
        strings = " ".join(value for value in constants if isinstance(value, str))
    there = set(re.findall("[A-Za-z]{4,}", strings.replace("_", " ")))
    assert not [e for e in MODULES[module] if set(re.findall("[A-Za-z]{4,}", SLOT.sub("", e).replace("_", " "))) - there]


def foreign(sentence: str) -> str:
    """What is still English of a sentence in Korean: words in a row, where quotes, names and commands are none."""
    korean = re.sub(r"“.*?”|'.*?'|`.*?`|pip install .*|python -m .*", "", said(sentence, "ko"))
    found = re.search(r"(?<![\w.:/@-])[a-z]+(?: [a-z]+){2,}", korean)
    return found[0] if found else "" if HANGUL.search(korean) else korean


@pytest.mark.parametrize("module", ["divergence.overwriting", "probes.answer_odds", "probes.knowledge", "probes.counterfactual"])
def test_every_reason_of_a_table_is_worded_in_korean(module):
    why = import_module(f"inspector.{module}").WHY
    assert len(why) > 5 and not [sentence for sentence in why.values() if foreign(sentence)]
    together = " ".join(why.values())
    assert said(together, "ko") == " ".join(said(sentence, "ko") for sentence in why.values())


def test_other_sentences_that_stand_in_constants_and_functions_are_worded_in_korean():
    from inspector.pages.loads import how_to_load
    from inspector.probes import rag
    from inspector.probes.drift import score
    from models.hub.room import ran_out, too_small
    from models.hub.settings import ALLOWED, refusal

    ask = import_module("inspector.probes.drift.ask")
    kept = Row("it", "", "words", (4,), 4, None, lambda options: None, reconstructs=False, traces=False, vectors=False)
    cache = Row("it", "", "kv", (4,), 4, None, lambda options: None, traces=False, vectors=False)
    large = registry().resolve("c3")
    sentences = [
        UNKNOWN,
        *(sentence for row in (kept, cache) for sentence in reasons(row, truncated=True).values()),
        *(ask.LANGUAGE, ask.NONE, ask.WORDS, ask.TRACES, ask.PRIOR, score.WINDOW, score.SAME, score.TIED),
        *(rag.NO_QUESTION, rag.NOT_THERE, rag.mute(kept), rag.not_applicable(kept), rag.not_applicable(cache)),
        *(ran_out("it", "cpu"), ran_out("it", "nowhere"), too_small(10**15, "cpu")),
        *(refusal(what, "the weights of it are published as a pickle only, which can hold code") for what in ALLOWED),
        how_to_load(large),
    ]
    assert not [sentence for sentence in sentences if foreign(sentence)]


@pytest.mark.parametrize("name", registry().rows)
def test_what_a_compressor_says_of_itself_is_worded_in_korean(name):
    row = registry().rows[name]
    card = row.card
    told = [row.title, row.why_not(), *((card.limits, card.check.why, card.blocked, card.to_fetch()) if card else ())]
    named = re.compile(r"(PISCO, |OSCAR, |COCOM |CLaRa )")  # titles without a word of English
    assert not [sentence for sentence in told if sentence and not named.match(sentence) and foreign(sentence)]


def test_what_is_said_of_the_training_runs_is_worded_in_korean():
    logs, _ = read_folder(RUNS)
    told = {told for log in logs for told in (log.title, log.start, log.machine)}
    assert len(told) > 8 and not [sentence for sentence in told if sentence[:6] != "Pocket" and foreign(sentence)]


def test_slots_are_the_same_in_both_languages_and_every_pattern_has_words_of_its_own():
    assert table() and sum(map(len, MODULES.values())) == len(table())  # no sentence twice
    for english, korean in table().items():
        assert sorted(SLOT.findall(english)) == sorted(SLOT.findall(korean)) == sorted(set(SLOT.findall(english)))
        assert re.search("[A-Za-z0-9]", SLOT.sub("", english))
    assert len(patterns()) == len(table())


def test_a_sentence_within_a_sentence_and_several_in_a_row_are_told_and_a_strange_one_stays():
    ready = "it is not ready: the weights of a/b are published as a pickle only, which can hold code"
    assert said(ready, "ko") == "it: 아직 쓸 수 없습니다. a/b의 가중치는 코드가 들어 있을 수 있는 피클로만 공개되었습니다."
    size = "The text has {}; the limit here is 4,000 tokens. Cut it, or use the command line, which has no limit."
    assert said(size.format("5,001 tokens"), "ko").startswith("글이 5,001토큰입니다. 여기서는 4,000토큰까지")
    row = "No question is given. The plug-in lost its {thread}. No question is given."
    assert said(row, "ko") == "질문이 없습니다. The plug-in lost its {thread}. 질문이 없습니다."
    assert said("There is no {queue} 'x'.", "ko") == "There is no {queue} 'x'." and said("", "ko") == ""
    assert said(ready, "en") == ready and bilingual(None) is None and bilingual(ready) == {"en": ready, "ko": said(ready, "ko")}


@pytest.mark.parametrize(
    "strange", ["x " * 9_000, "it is not ready: " * 280, "a: b has c is d, line 3: " * 190, "\ud800 in \n. A"]
)
def test_whatever_a_plug_in_says_comes_through(strange):
    assert said(strange, "ko")
