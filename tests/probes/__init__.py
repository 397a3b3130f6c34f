"""What the probes' tests share: readings by hand, and a compressor whose reconstruction is scripted."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inspector.divergence.reading import Name, Reading
from inspector.probes.swaps import Swap, swap
from models.compressor import Memory, Source, cut

ANNA = "Anna Kern was born in Lisbon in 1987. In 1987 the family left Lisbon for Oslo with 24 trunks."


def reading(text: str, **named: str) -> Reading:
    """A reading with names only: `LOC="Lisbon Oslo"`; underscores stand for spaces."""
    found = list(re.finditer(r"\w+|[^\w\s]", text))
    start, end, n = [m.start() for m in found], [m.end() for m in found], len(found)
    words = [m.group() for m in found]
    names = [
        Name(start.index(m.start()), end.index(m.end()), label)
        for label, every in named.items()
        for name in every.replace("_", "\0").split()
        for m in re.finditer(rf"\b{re.escape(name.replace(chr(0), ' '))}\b", text)
    ]
    empty = [""] * n
    return Reading(
        text, words, [w.lower() for w in words], empty, empty, empty, empty, [0] * n, start, end, [0] * n, [False] * n,
        sorted(names, key=lambda name: name.first),
    )  # fmt: skip


def swapped(text: str, original: str, replacement: str, type: str = "LOC", **more) -> Swap:
    altered, spans = swap(text, original, replacement)
    fields = {"id": text, "set": "a-set", "decoys": (), "frequency": 0} | more
    return Swap(type=type, original=original, replacement=replacement, text=altered, original_text=text, spans=spans, **fields)


class Scripted:
    """Brings back what the script says for a text, else the text. Its prior finds each id of `liked` e^bonus times likelier."""

    end_ids = frozenset()

    def __init__(self, script: Mapping[str, str], liked: str = "", bonus: float = 3.0, window: int = 128) -> None:
        from models.pocket.tokenizer import bundled

        self.script, self.tokenizer, self.decoder, self.window = script, bundled(), self, window
        self.liked, self.bonus, self.compressed = self.tokenizer.ids(liked), bonus, []

    def source(self, text: str) -> Source:
        tokens = self.tokenizer.encode(text)
        return Source(text, tokens.ids, tokens.spans, cut(len(tokens.ids), self.window))

    def compress(self, source, windows, ratio):
        self.compressed.append((source.text, ratio))
        said = self.tokenizer.ids(self.script.get(source.text, source.text))
        cuts = [(a, b) for a, b in windows[:-1]] + [(windows[-1][0], max(len(said), windows[-1][0] + 1))]
        return [Memory("soft", len(said[a:b]), 1, 32, extra={"says": said[a:b]}) for a, b in cuts]

    def text(self, ids):
        return self.tokenizer.decode(ids)

    def token_text(self, token):
        return self.tokenizer.decode([token])

    def begin(self, memories, capacity):
        return {"says": [m.extra["says"] for m in memories], "at": 0}

    def step(self, state, tokens):
        import torch

        logits = torch.zeros(len(state["says"]), 8191)
        for row, says in enumerate(state["says"]):
            logits[row, says[min(state["at"], len(says) - 1)]] = 1.0
        state["at"] += 1
        return logits

    def score(self, memories, targets):
        import torch

        rows = []
        for memory, target in zip(memories, targets, strict=True):
            logits = torch.zeros(len(target), 8191)
            if memory is None and self.liked:
                logits[:, self.liked] = self.bonus
            rows.append(logits)
        return rows
