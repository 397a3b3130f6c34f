"""What a compressor is: the whole contract an adapter has to meet, in one screen.

text → `Compressor.source` (tokens, windows) → `compress` (one `Memory` a window) → `Decoder` (reads memories).
Kinds of memory: `soft` and `optimised` carry vectors [M, d]; `kv` carries a cache; `words` carries kept text,
which is its own reconstruction. Memory that is also read at each step keeps what it needs in `extra`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from models.hub.card import Card

Kind = Literal["soft", "kv", "words", "optimised"]


@dataclass(frozen=True)
class Source:
    """A text as one compressor sees it: ids, the code points [start, end) of each, and its windows in tokens."""

    text: str
    ids: Sequence[int]
    spans: Sequence[tuple[int, int]]
    windows: Sequence[tuple[int, int]]

    def window_ids(self, window: tuple[int, int]) -> tuple[int, ...]:
        return tuple(self.ids[window[0] : window[1]])


@dataclass(frozen=True)
class Memory:
    """What replaces one window of text. `size` vectors (or kept tokens) stand for `length` source tokens."""

    kind: Kind
    length: int
    size: int
    bits: int  # everything the decoder is given, side information such as the length included
    vectors: Tensor | None = None  # [M, d], float32
    text: str | None = None  # kept words
    kept: Sequence[tuple[int, int]] = ()  # code points of the source that were kept
    stops_by_length: bool = True  # else at one of the decoder's `end_ids`
    extra: Mapping[str, Any] = field(default_factory=dict)


class Decoder(Protocol):
    """Reads memories. Rows are independent; `None` in place of a memory is the prior (no memory, same prefix).

    An attribute `rows` bounds the rows of a batch, where logits over a large vocabulary would not fit otherwise.
    """

    end_ids: frozenset[int]

    def begin(self, memories: Sequence[Memory | None], capacity: int) -> Any:
        """State of a batch that will be stepped at most `capacity` times."""

    def step(self, state: Any, tokens: Tensor | None) -> Tensor:
        """Logits [batch, vocabulary] of the next token, after `tokens` [batch] (None at the first step)."""

    def score(self, memories: Sequence[Memory | None], targets: Sequence[Sequence[int]]) -> list[Tensor]:
        """Teacher-forced logits, one [len(target), vocabulary] a row: row t is given the target's tokens before t."""


class Compressor(Protocol):
    """One loaded checkpoint. `decoder` is shared by identity: rows with the same one are decoded in one batch."""

    decoder: Decoder | None

    def source(self, text: str) -> Source:
        """Tokens, spans and windows of a text; nothing is cut off."""

    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        """One memory for each of the windows asked for (some of the source's)."""

    def text(self, ids: Sequence[int]) -> str:
        """Text of token ids, special tokens left out."""

    def token_text(self, token: int) -> str:
        """One token as shown in a list of alternatives; bytes inside a character as `\\xNN`."""


class Answerer(Compressor, Protocol):
    """A compressor whose decoder was trained to answer questions about what memory holds; its row says `answers`."""

    def answer(self, memories: Sequence[Memory], question: str, tokens: int = 64) -> str:
        """Greedy answer of at most so many tokens to a question in clear text, given all memories of a text, in order.

        Without memories it is what the decoder says when its prompt holds none: the control.

        Raises:
            ValueError: the question is empty or cannot stand in the prompt, or memories and question do not fit into the decoder.
        """


@dataclass(frozen=True)
class Progress:
    """How far an optimisation has come. Sequences hold an entry for each of the windows asked for."""

    share: float  # of the work, 0 to 1
    memories: Sequence[Memory]  # as they are now
    tokens: Sequence[Sequence[int]]  # that the decoder is known to bring back exactly, from the window's start


class Optimiser(Compressor, Protocol):
    """A compressor that searches for its memories, in seconds or minutes; its row says `optimises`."""

    def optimise(
        self, source: Source, windows: Sequence[tuple[int, int]], ratio: int, stop: Callable[[], bool]
    ) -> Iterator[Progress]:
        """`compress` step by step, one `Progress` at least. Once `stop()` is true it ends with what there is so far."""

    def told(self, memories: Sequence[Memory]) -> str:
        """One sentence on what the optimisation of a text's memories reached."""


@dataclass(frozen=True)
class Loading:
    """How far the loading of a large compressor has come."""

    stage: str  # download, weights or self-test
    share: float  # of the stage, 0 to 1
    detail: str


@dataclass(frozen=True)
class Row:
    """A line of the registry: all that can be said of a compressor before it is loaded."""

    name: str
    title: str
    kind: Kind
    ratios: tuple[int, ...]
    default_ratio: int
    window: int | None
    load: Callable[..., Compressor]  # called with the options of the address; with a card also with who is told of `Loading`
    parameters: Mapping[str, int] = field(default_factory=lambda: {"compressor": 0, "embeddings": 0, "decoder": 0})
    reconstructs: bool = True
    traces: bool = True
    answers: bool = False  # the compressor is an `Answerer`
    vectors: bool = True
    live: bool = False  # fast enough to follow typing
    optimises: bool = False  # the compressor is an `Optimiser`: slow, tells how far it is, can be stopped
    bundled: bool = False
    family: str = ""  # `pocket`, `superposition`, `cramming` or `hub`: whose limits the page states
    any_ratio: bool = False  # takes ratios beside the listed ones, up to the last of them
    options: tuple[str, ...] = ()  # switches, addressed as NAME+OPTION
    one_option: bool = False  # they exclude each other, as checkpoints of one run do
    why_not: Callable[[], str | None] = lambda: None  # one sentence if it cannot run here, else None
    card: Card | None = None  # of one that may have to be downloaded, and is large: loaded only when asked for, released unused
    pattern: Callable[[str], Row] | None = None  # of a row named `NAME:MODEL`: makes the row of a model in MODEL's place


def cut(tokens: int, window: int | None) -> list[tuple[int, int]]:
    """Windows [first, last) over `tokens` tokens; the last may be short. No tokens, no windows."""
    step = window or max(tokens, 1)
    return [(first, min(first + step, tokens)) for first in range(0, tokens, step)]
