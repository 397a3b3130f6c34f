"""Answers from memory: `[before; Z; between; Z …; after]`, read once, then greedy tokens up to an end token.

A published decoder was trained on one layout of memories and question; each adapter says which, in `layout`. Several memories
(windows of a text, or texts) stand in order. Without any the same prompt is read with nothing in it, as the prior is elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from models.compressor import Memory
    from models.hub.causal import CausalDecoder, State

Part = "Sequence[int] | Tensor"  # token ids [n], or input embeddings [n, d]


@dataclass(frozen=True)
class Layout:
    """What stands around the memories of one question."""

    before: Part
    after: Part
    between: Part = ()
    stops: tuple[str, ...] = ()  # what ends an answer as well, and is no part of it


class Answering:
    """Mixed into a compressor whose memories are vectors; makes it a `models.compressor.Answerer`."""

    def layout(self, question: str) -> Layout:
        """The prompt that the decoder was trained with.

        Raises:
            ValueError: the question cannot stand in it.
        """
        raise NotImplementedError

    def answer(self, memories: Sequence[Memory], question: str, tokens: int = 64) -> str:
        import torch

        found, decoder = self.layout(asked(question)), self.decoder
        with torch.inference_mode():
            prefix = _prefix(decoder, found, [memory.vectors for memory in memories])
            room(decoder, len(prefix), tokens)
            return said(self, decoder, begun(decoder, prefix), tokens, found.stops)


def asked(question: str) -> str:
    """A question without outer white space.

    Raises:
        ValueError: there is none.
    """
    if not question.strip():
        raise ValueError("The question is empty; ask something that a text can answer.")
    return question.strip()


def unspecial(question: str, tokenizer: Any) -> str:
    """A question for a prompt that is tokenised as a whole, where what spells a special token would be one.

    Raises:
        ValueError: it spells one.
    """
    names = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    if found := next((name for name in names if name in question), None):
        raise ValueError(f"The question holds {found}, which this decoder's prompt uses as a mark; leave it out.")
    return question


def room(decoder: CausalDecoder, before: int, tokens: int) -> None:
    """Raises ValueError where prompt and answer are longer than the decoder reads."""
    if decoder.limit and before + tokens > decoder.limit:
        raise ValueError(
            f"Memories and question take {before} places and the answer {tokens}, where the decoder reads {decoder.limit}; "
            "compress a shorter text, or fewer."
        )


def _prefix(decoder: CausalDecoder, layout: Layout, vectors: Sequence[Tensor]) -> Tensor:
    """Input embeddings [P, d]."""
    import torch

    def embedded(part: Part) -> Tensor:
        if isinstance(part, torch.Tensor) and part.dim() == 2:
            return part.to(decoder.embed.weight)
        return decoder.embed(torch.as_tensor(part, dtype=torch.long, device=decoder.device))

    parts = [embedded(layout.before)]
    for number, z in enumerate(vectors):
        parts += [embedded(layout.between)] * (number > 0) + [z.to(parts[0])]
    return torch.cat([*parts, embedded(layout.after)])


def begun(decoder: CausalDecoder, prefix: Tensor) -> State:
    """What the decoder has read, one row."""
    import torch
    from transformers import DynamicCache

    from models.hub.causal import State

    visible = torch.ones(1, len(prefix), dtype=torch.long, device=decoder.device)
    positions = visible.cumsum(1) - 1
    cache = DynamicCache(config=decoder.model.config)
    logits, cache = decoder._forward(prefix[None], visible, positions, cache, keep=1)
    return State(cache, visible, positions[:, -1] + 1, logits[:, -1])


def said(compressor: Any, decoder: CausalDecoder, state: State, tokens: int, stops: Sequence[str] = ()) -> str:
    """Greedy text of at most so many tokens from a state of one row, up to an end token or one of the stops."""
    ids: list[int] = []
    picked = None
    for _ in range(tokens):
        picked = decoder.step(state, picked).argmax(-1)
        if int(picked) in decoder.end_ids:
            break
        ids.append(int(picked))
        if stops and any(stop in compressor.text(ids) for stop in stops):
            break
    text = compressor.text(ids)
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    return text[: min(ends, default=len(text))].strip()
