"""One vector of a text: what a retriever's last token holds, through a projector (xRAG)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.hub.answering import Answering, Layout
from models.hub.lora import using
from models.hub.prompted import PromptedDecoder
from models.hub.settings import HubSettings
from models.hub.soft import SoftHub
from models.hub.tokens import HubTokenizer
from models.hub.weights import fill, model, pick, tokenizer

PROJECTOR = "projector.projector."


class Retrieved(Answering, SoftHub):
    """Retriever and decoder share a vocabulary; a window's text is tokenised anew, as a text that begins there."""

    asks: tuple[str, str, tuple[str, ...]]  # before the vectors of an answer; after them, with {} for the question; its stops

    def __init__(
        self, retriever: Any, projector: nn.Module, decoder: PromptedDecoder, tokenizer: HubTokenizer, window: int
    ) -> None:
        super().__init__(decoder, tokenizer, window)
        self.retriever, self.projector = retriever, projector

    def layout(self, question: str) -> Layout:
        before, after, stops = self.asks
        encode, begin = self.tokenizer.encode, self.tokenizer.tokenizer.bos_token_id
        asked = after.replace("{}", question if question.endswith("?") else f"{question}?")
        return Layout([begin, *encode(before).ids], encode(asked).ids, encode(" ").ids, stops)

    def vectors(self, texts: Sequence[str], ids: Sequence[Sequence[int]], ratio: int) -> list[Tensor]:
        own, made = self.tokenizer.tokenizer, []
        for text in texts:
            read = torch.tensor([[own.bos_token_id, *self.tokenizer.encode(text).ids, own.eos_token_id]])
            with using(self.retriever, None):
                last = self.retriever(input_ids=read.to(self.retriever.device), use_cache=False).last_hidden_state[:, -1]
            made.append(self.projector(last.to(self.decoder.embed.weight)))
        return made


def assembled(folder: Path, retriever: Path, settings: HubSettings, before: str, after: str, window: int) -> Retrieved:
    """The compressor from the decoder's folder, which holds the projector too, and the retriever's, which has the tokenizer.

    Raises:
        RuntimeError: no file holds the projector, or it belongs to another retriever or decoder.
    """
    network, reads = model(folder, "AutoModelForCausalLM", settings), model(retriever, "AutoModel", settings)
    tokens = tokenizer(retriever)
    begin, end = tokens.tokenizer.bos_token_id, tokens.tokenizer.eos_token_id
    prompt = [torch.tensor(ids) for ids in ([begin, *tokens.encode(before).ids], tokens.encode(after).ids)]
    decoder = PromptedDecoder(network, *prompt, len(tokens.tokenizer), frozenset((end,)))
    weight = decoder.embed.weight
    d, wide = decoder.width, reads.config.hidden_size
    projector = nn.Sequential(nn.Linear(wide, d), nn.GELU(), nn.Linear(d, d)).to(weight)
    fill(projector, pick(folder, PROJECTOR, settings), "the projector of xRAG")
    return Retrieved(reads, projector.eval().requires_grad_(False), decoder, tokens, window)
