"""Texts in a shuffled order that a position brings back, and what training makes of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.training.corpus import texts
from models.training.finetune.settings import Settings

if TYPE_CHECKING:
    from models.hub.tokens import HubTokenizer
    from models.pocket.tokenizer import Tokens

BUFFER = 10_000  # texts that are shuffled at once
SHORT = 0.1  # share of windows that are cut to a random length: the last window of a text may have any
CHARACTERS = 16  # of a text read for each token taken from it; long texts are cut before they are tokenised


@dataclass(frozen=True)
class Sample:
    """Text to compress: in the compressor's tokens, in the decoder's, and the decoder's tokens that follow it."""

    row: Sequence[int]
    source: Sequence[int]
    following: Sequence[int]


def survey(files: Sequence[str]) -> tuple[int, int]:
    """How many texts and characters there are; every line is looked at, so that a bad one shows before training.

    Raises:
        FileNotFoundError: a file is not there.
        ValueError: a line cannot be used, or there is no text at all.
    """
    count = characters = 0
    for file in files:
        for text in texts(Path(file)):
            count, characters = count + 1, characters + len(text)
    if not count:
        raise ValueError(f"there is no text in {', '.join(files)}")
    return count, characters


def stream(files: Sequence[str], seed: int, start: int = 0) -> Iterator[str]:
    """Texts without end, from position `start` on: passes over the files in order, each shuffled within a buffer."""
    return islice(_passes(files, seed), start, None)


def _passes(files: Sequence[str], seed: int) -> Iterator[str]:
    number = 0
    while True:
        random, kept = np.random.default_rng((seed, number)), []
        for file in files:
            for text in texts(Path(file)):
                if len(kept) < BUFFER:
                    kept.append(text)
                    continue
                at = int(random.integers(BUFFER))
                kept[at], text = text, kept[at]
                yield text
        random.shuffle(kept)
        yield from kept
        number += 1


def sample(text: str, position: int, settings: Settings, own: HubTokenizer, tokenizer: HubTokenizer) -> Sample:
    """What is taken from the text at a position of the stream; a function of both and the seed.

    A text longer than window and continuation gives a random stretch of it; a shorter one is divided in their proportion.
    """
    random = np.random.default_rng((settings.seed, 1, position))
    room = settings.whole * CHARACTERS
    if len(text) > room:
        first = int(random.integers(len(text) - room + 1))
        text = text[first : first + room]
    tokens = tokenizer.encode(text)
    count = len(tokens.ids)
    first = int(random.integers(max(0, count - settings.whole) + 1))
    last = min(count, first + settings.whole)
    window = max(1, min(settings.window, round((last - first) * settings.window / settings.whole)))
    if random.random() < SHORT:
        window = int(random.integers(1, window + 1))
    following = settings.following if settings.continuation else 0
    return taken(text, tokens, first, first + window, min(last, first + window + following), own)


def opening(text: str, settings: Settings, own: HubTokenizer, tokenizer: HubTokenizer) -> tuple[str, Sample]:
    """The first window of a text, for measurements, and its text."""
    text = text[: settings.window * CHARACTERS]
    tokens = tokenizer.encode(text)
    end = tokens.spans[min(settings.window, len(tokens.ids)) - 1][1] if tokens.ids else 0
    tokens = tokenizer.encode(text[:end])
    return text[:end], taken(text, tokens, 0, min(settings.window, len(tokens.ids)), 0, own)


def taken(text: str, tokens: Tokens, first: int, middle: int, last: int, own: HubTokenizer) -> Sample:
    """Tokens [first, middle) are compressed, [middle, last) follow. A text without tokens gives none."""
    if not tokens.ids:
        return Sample((), (), ())
    source = text[tokens.spans[first][0] : tokens.spans[middle - 1][1]]
    return Sample(own.encode(source).ids, tokens.ids[first:middle], tokens.ids[middle:last])


def ratio(step: int, settings: Settings) -> int:
    """Of a step: the same on every device."""
    return int(np.random.default_rng((settings.seed, 2, step)).choice(settings.ratios))
