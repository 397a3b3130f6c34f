"""A transformers tokenizer as compressors need it: ids with code point spans, text of ids, and no special tokens."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from models.pocket.tokenizer import Tokens, byte_alphabet

BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")  # a byte in vocabularies that fall back to them
MARK = re.compile(r"<\|[^|<>]+\|>|</?img>")  # what a prompt means as one token


class HubTokenizer:
    """Wraps a fast tokenizer. A text that spells a special token is tokenised as text."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        tokenizer.backend_tokenizer.encode_special_tokens = True
        self._lock = threading.Lock()  # while that is otherwise

    def encode(self, text: str) -> Tokens:
        """Ids and the code points of each; white space that a tokenizer leaves out belongs to the token after it."""
        with self._lock:
            found = self.tokenizer.backend_tokenizer.encode(text, add_special_tokens=False)
        spans, before = [], 0
        for start, end in found.offsets:
            start = min(start, before)
            end = max(end, start, min(start + 1, len(text)))
            spans.append((start, end))
            before = max(before, end)
        return Tokens(list(found.ids), spans)

    def prompt(self, text: str) -> list[int]:
        """Ids of a prompt, in which special tokens are meant.

        Raises:
            RuntimeError: the text has a `<|…|>` that is no token of this vocabulary.
        """
        for name in MARK.findall(text):
            if self.tokenizer.backend_tokenizer.token_to_id(name) is None:
                raise RuntimeError(f"the tokenizer has no token {name}, which the prompt needs")
        return self.marked(text)

    def marked(self, text: str) -> list[int]:
        """Ids of a text in which what spells a special token is one."""
        backend = self.tokenizer.backend_tokenizer
        with self._lock:
            backend.encode_special_tokens = False
            try:
                return backend.encode(text, add_special_tokens=False).ids
            finally:
                backend.encode_special_tokens = True

    def text(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def token_text(self, token: int) -> str:
        """One token as shown in a list; bytes inside a character as `\\xNN`, special tokens by name."""
        piece = self.tokenizer.convert_ids_to_tokens(token)
        if piece is None:  # rows of the output embedding beyond the vocabulary
            return f"<{token}>"
        if match := BYTE.fullmatch(piece):
            return bytes([int(match[1], 16)]).decode("utf-8", "backslashreplace")
        if self._byte_level and all(c in self._bytes for c in piece):
            return bytes(self._bytes[c] for c in piece).decode("utf-8", "backslashreplace")
        return piece.replace("\u2581", " ")

    @cached_property
    def _byte_level(self) -> bool:
        decoder = json.loads(self.tokenizer.backend_tokenizer.to_str()).get("decoder") or {}
        return any(d.get("type") == "ByteLevel" for d in (decoder, *decoder.get("decoders", ())))

    @cached_property
    def _bytes(self) -> dict[str, int]:
        return {symbol: byte for byte, symbol in byte_alphabet().items()}
