"""Byte-level BPE of the pocket family, with exact code point spans for every token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("tokenizer.json")
SIZE = 8191  # the decoder's begin token is one id beyond


@dataclass(frozen=True)
class Tokens:
    """Ids of a text, and for each the code points [start, end) it touches."""

    ids: list[int]
    spans: list[tuple[int, int]]


class PocketTokenizer:
    """Loads lazily; has no special tokens, so no text can inject one."""

    def __init__(self, file: Path = FILE) -> None:
        self.file = file

    @cached_property
    def _tokenizer(self):
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self.file))

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.file.read_bytes()).hexdigest()[:12]

    @cached_property
    def _bytes(self) -> list[bytes]:
        """Bytes of each id, by undoing byte-level BPE's printable alphabet."""
        table = {symbol: byte for byte, symbol in byte_alphabet().items()}
        size = self._tokenizer.get_vocab_size()
        return [bytes(table[c] for c in self._tokenizer.id_to_token(i)) for i in range(size)]

    def ids(self, text: str) -> list[int]:
        return self._tokenizer.encode(text).ids

    def batch(self, texts: list[str]) -> list[list[int]]:
        return [e.ids for e in self._tokenizer.encode_batch_fast(texts)]

    def encode(self, text: str) -> Tokens:
        """Ids and spans; a token inside a character carries that character's whole span."""
        ids = self.ids(text)
        first, last = [], []  # code point at which each byte begins and ends
        for index, character in enumerate(text):
            width = len(character.encode("utf-8"))
            first += [index] * width
            last += [index + 1] * width
        spans, at = [], 0
        for i in ids:
            end = at + len(self._bytes[i])
            spans.append((first[at], last[end - 1]))
            at = end
        return Tokens(ids, spans)

    def token_bytes(self, i: int) -> bytes:
        """Bytes of one id; empty for the begin token."""
        return self._bytes[i] if i < len(self._bytes) else b""

    def decode(self, ids: list[int]) -> str:
        """Text of ids; bytes that form no character become U+FFFD."""
        return b"".join(self.token_bytes(i) for i in ids).decode("utf-8", "replace")


@lru_cache(maxsize=1)
def bundled() -> PocketTokenizer:
    """The shipped tokenizer, one for the process."""
    return PocketTokenizer()


def byte_alphabet() -> dict[int, str]:
    """Byte → printable character, as byte-level BPE defines it (Radford et al. 2019, GPT-2's vocabulary)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {b: chr(b) for b in plain}
    table.update({b: chr(256 + n) for n, b in enumerate(b for b in range(256) if b not in table)})
    return table


def train(texts, size: int = SIZE):
    """Train byte-level BPE on an iterator of texts; deterministic for the same texts in the same order."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False))
    return tokenizer
