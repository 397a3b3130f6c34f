"""In-context learning: demonstrations of made-up words and what they mean are compressed, a word is asked for in clear.

Nobody has met the words before, and which of sixteen plain words each means is drawn: what is right can only come from memory.
Asked of decoders that were trained to answer questions, with 4, 8, 16 and 32 demonstrations:

- `demonstrated`: the word is among the demonstrations;
- `other words`: it is not, so nothing says what it means;
- `shuffled`: it is, with another word's meaning. Whoever reads memory says that one (`other`), not the expected one;
- `no memory`: without any, once (no level).

The last three are controls: what is right there is guessed. A guess among the demonstrated meanings is right once in four with 4
demonstrations, once in eight with 8, once in sixteen with 16 and 32.

Every compressor that brings texts back is also asked how many of its demonstrations are intact (`pair`, one for each
demonstration). That is no in-context learning: nothing is learnt or applied, it is copying. All of this is ours, the form of the
task (Min et al. 2022, and key → value recall) is not. An item stands for one drawing, by its hash; its text is not read.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from inspector.probes.answers import exact_match, f1, plain
from inspector.probes.asked import Asked
from inspector.probes.back import brought_back, compressed
from inspector.probes.rag import mute, not_applicable
from inspector.studies.items import Item

if TYPE_CHECKING:
    from models.compressor import Answerer, Compressor, Memory
    from models.registry import Address

LEVELS = (4, 8, 16, 32)
TOKENS = 24  # of an answer, at most
FIRST = ("ba", "do", "fe", "gi", "ku", "lo", "mi", "na", "pe", "ru", "so", "ta", "ve", "wo", "zi", "qua")
MIDDLE = ("bru", "dal", "fim", "gon", "kel", "lut", "mor", "nip", "pag", "rem", "sav", "tol", "vun", "wex", "zor", "chi")
LAST = ("bit", "dan", "fol", "gam", "kin", "let", "mup", "nad", "pos", "rik", "sim", "tov", "vek", "wan", "zel", "thu")
MEANINGS = (
    *("river", "copper", "window", "ladder", "garden", "candle", "bridge", "button"),
    *("forest", "hammer", "island", "kettle", "meadow", "pocket", "saddle", "timber"),
)


@dataclass(frozen=True)
class Task:
    """One list of demonstrations and the word asked for. `meant` is its meaning there, None where it does not stand there."""

    kind: str
    level: int | None  # demonstrations
    pairs: tuple[tuple[str, str], ...]
    word: str
    expected: str
    meant: str | None

    @property
    def text(self) -> str:
        return "\n".join(f"{word} means {meaning}." for word, meaning in self.pairs)


def items(n: int, seed: int = 0) -> Iterator[Item]:
    """Stands for n drawings; the same seed gives the same ones."""
    for k in range(n):
        yield Item("generated", f"{seed}-{k}", k + 1, f"Demonstrations {k} of seed {seed}.")


def generated(where: str) -> Iterator[Item]:
    """Of a study's `generated:N` or `generated:N:SEED`.

    Raises:
        ValueError: it names no number from 1, or no seed.
    """
    count, _, seed = where.partition(":")
    if not (count.isascii() and count.isdigit() and int(count)) or not re.fullmatch(r"\d*", seed, re.ASCII):
        raise ValueError(f"generated:{where} says no number of texts; write generated:100, or generated:100:7 with a seed.")
    return items(int(count), int(seed or 0))


def tasks(item: Item) -> list[Task]:
    """The demonstrations of one item by kind and level. The word asked for is the same in all; where it stands is drawn."""
    draw = random.Random(item.hash)
    words = drawn(draw, 2 * max(LEVELS))
    word, rest, others = words[0], words[1 : max(LEVELS)], words[max(LEVELS) :]
    meanings = draw.sample(MEANINGS, len(MEANINGS))
    made = []
    for level in LEVELS:
        order = draw.sample(range(level), level)
        dealt = [meanings[k % len(meanings)] for k in range(level)]
        known = list(zip([word, *rest[: level - 1]], dealt, strict=True))
        turned = dealt[1:] + dealt[:1]  # each word gets the next one's meaning, which is another
        foreign = list(zip(others[:level], dealt, strict=True))
        shuffled = [(each, meaning) for (each, _), meaning in zip(known, turned, strict=True)]
        for kind, pairs in (("demonstrated", known), ("other words", foreign), ("shuffled", shuffled)):
            made.append(Task(kind, level, tuple(pairs[k] for k in order), word, meanings[0], dict(pairs).get(word)))
    return made


def drawn(draw: random.Random, count: int) -> list[str]:
    """Made-up words, no two of them with the same beginning and middle, so that they are not mistaken for each other easily."""
    stems = draw.sample([a + b for a in FIRST for b in MIDDLE], count)
    return [stem + draw.choice(LAST) for stem in stems]


def question(word: str) -> str:
    return f"What does {word} mean? Answer with one word."


def ask(given: Sequence[Item], address: Address, compressor: Compressor, shared: dict[str, Any]) -> list[list[Asked]]:
    """See `inspector.probes.asked`."""
    row, made = address.row, [tasks(item) for item in given]
    found: list[list[Asked]] = [[] for _ in given]
    for number, first in enumerate(made[0] if made else ()):  # every item has the same kinds and levels, in the same order
        chosen, spoken = [of[number] for of in made], row.reconstructs and first.kind == "demonstrated"
        if spoken or row.answers:
            back = (brought_back if spoken else compressed)(compressor, [task.text for task in chosen], address.ratio)
            for asked, task, each in zip(found, chosen, back, strict=True):
                asked += pairs(task, each.text) if spoken else ()
                asked += [answered(task, compressor, each.memories)] if row.answers else ()
    for asked, of in zip(found, made, strict=True):
        bare = replace(of[0], kind="no memory", level=None, pairs=(), meant=None)
        asked += () if row.reconstructs else [_about(replace(bare, kind="pair"), "reconstruction", note=mute(row))]
        asked.append(
            answered(bare, compressor, ())
            if row.answers
            else _about(replace(bare, kind="demonstrated"), "answer", note=not_applicable(row))
        )
    return found


def pairs(task: Task, reconstruction: str) -> list[Asked]:
    """For each demonstration: does its word still mean the same? `other`: it means what another word does."""
    words = plain(reconstruction).split()
    meanings = {meaning for _, meaning in task.pairs}
    made = []
    for word, meaning in task.pairs:
        said = meant(words, word)
        verdict = "kept" if said == meaning else "other" if said in meanings else "neither"
        about = {"kind": "pair", "level": task.level, "question": f"What does {word} mean?", "expected": meaning}
        right = float(said == meaning)
        made.append(Asked(probe="icl", way="reconstruction", **about, given=said, verdict=verdict, right=right))
    return made


def meant(words: Sequence[str], word: str) -> str | None:
    """What follows a word, `means` aside, which kept words may lack; None where the word is gone, or all after it."""
    for k, each in enumerate(words):
        if each == word:
            after = [follower for follower in words[k + 1 : k + 3] if follower != "means"]
            return after[0] if after else None
    return None


def answered(task: Task, compressor: Answerer, memories: Sequence[Memory]) -> Asked:
    """One question put to the decoder; a note where question and memories do not fit."""
    try:
        said = compressor.answer(memories, question(task.word), TOKENS)
    except ValueError as error:
        return _about(task, "answer", note=str(error))
    right = exact_match(said, [task.expected])
    other = task.meant if task.kind == "shuffled" else None
    verdict = "kept" if right else "other" if other and exact_match(said, [other]) else "neither"
    return _about(task, "answer", given=said, right=right, f1=f1(said, [task.expected]), other=other, verdict=verdict)


def _about(task: Task, way: str, **found: Any) -> Asked:
    about = {"kind": task.kind, "level": task.level, "question": question(task.word), "expected": task.expected}
    return Asked(probe="icl", way=way, **about, **found)
