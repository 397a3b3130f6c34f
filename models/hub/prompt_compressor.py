"""The package llmlingua (0.2.2) around a model that is loaded already, and what it kept, by token.

Its own constructor is not used: that fetches a vocabulary of tiktoken's, loads with remote code allowed and pickle accepted,
reseeds every generator and enlarges the embeddings. Everything after loading is the package's code, unchanged.

What transformers 5 breaks in it (LLMLingua#210): a model returns a `DynamicCache`, whose items are neither pairs when it is
iterated nor subscriptable, and takes no list of pairs. The package wants both, from a text's second segment on. `Called`
stands between them, and gives logits in float32, which numpy needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from llmlingua import PromptCompressor
from torch import Tensor

from models.hub.tokens import HubTokenizer


class Called:
    """A transformers model as the package calls it: caches are lists of [keys, values], a layer each."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._last: tuple[Tensor, Tensor, Any] | None = None

    def __call__(
        self, input_ids: Tensor, attention_mask: Tensor, past_key_values: Any = None, use_cache: bool = False
    ) -> SimpleNamespace:
        if not use_cache:
            return self._classified(input_ids, attention_mask)
        from transformers import DynamicCache

        cache = DynamicCache()
        for layer, (keys, values) in enumerate(past_key_values or ()):
            cache.update(keys, values, layer)
        out = self.model(input_ids=input_ids, attention_mask=attention_mask, past_key_values=cache, use_cache=True)
        pairs = [[layer.keys, layer.values] for layer in out.past_key_values.layers]
        return SimpleNamespace(loss=None, logits=out.logits.float().to(input_ids.device), past_key_values=pairs)

    def _classified(self, ids: Tensor, mask: Tensor) -> SimpleNamespace:
        """Labels' logits; those of the last batch are kept, since the same text is asked for at several rates."""
        if self._last is None or not (torch.equal(self._last[0], ids) and torch.equal(self._last[1], mask)):
            out = self.model(input_ids=ids, attention_mask=mask)
            self._last = ids, mask, SimpleNamespace(loss=None, logits=out.logits.float().to(ids.device))
        return self._last[2]


class Counter:
    """In tiktoken's place: what the package counts, it counts in the model's own tokens, in which ratios are asked for."""

    def __init__(self, tokenizer: Any) -> None:
        self.encode = tokenizer.backend_tokenizer.model.tokenize  # of a word with its `\u2581` as it stands, splitting no further


@dataclass(frozen=True)
class Kept:
    text: str  # as the package returns it
    contexts: Sequence[int]  # those that were not dropped as a whole
    spans: Sequence[tuple[int, int]]  # of the kept tokens, in these contexts joined by empty lines
    dropped: Sequence[tuple[int, int]]  # of the others


class Prompt(PromptCompressor):
    """LLMLingua and LongLLMLingua with a causal language model."""

    def __init__(self, model: Any, tokenizer: HubTokenizer, limit: int) -> None:
        """Take a model of at most `limit` positions."""
        self.model, self.hub, self.tokenizer = Called(model), tokenizer, tokenizer.tokenizer
        self.device = str(model.get_input_embeddings().weight.device)
        self.oai_tokenizer = Counter(self.tokenizer)
        self.max_position_embeddings, self.cache_bos_num, self.prefix_bos_num = limit, 10, 100
        self.use_llmlingua2, self.context_idxs, self.open_api_config = False, [], {}
        self._contexts: list[int] = []
        self._alive: Tensor | None = None
        self._spans: tuple[list[tuple[int, int]], list[tuple[int, int]]] = [], []

    def kept(self, contexts: Sequence[str], **settings: Any) -> Kept:
        """What the package keeps of contexts; `settings` are its own."""
        self._contexts, self.context_idxs = list(range(len(contexts))), []
        with torch.no_grad():
            found = self.compress_prompt(list(contexts), **settings)
        return Kept(found["compressed_prompt"], self._contexts, *self._spans)

    def control_context_budget(self, *arguments: Any, **settings: Any) -> Any:
        found = super().control_context_budget(*arguments, **settings)
        self._contexts = list(found[2])
        return found

    def iterative_compress_prompt(self, context: list[str], *arguments: Any, start: int = 0, **settings: Any) -> Any:
        text = "\n\n".join(context)
        tokens = self.hub.encode(text)
        self._alive = torch.arange(len(tokens.ids), device=self.device) + SHIFT
        settings["iterative_size"] = segment(len(tokens.ids) - start)
        found = super().iterative_compress_prompt(context, *arguments, start=start, **settings)
        before = len(context[0]) + 2 if start else 0  # the question, which is read but not compressed
        spans = [(max(0, a - before), b - before) for a, b in tokens.spans]
        alive = (self._alive[start:] - SHIFT).tolist()
        stay = set(alive)
        self._spans = [spans[p] for p in alive], [spans[p] for p in range(start, len(spans)) if p not in stay]
        return found

    def get_compressed_input(self, *arguments: Any, keep_flag: Any = None, **settings: Any) -> Any:
        """Send the tokens' indices the way of the tokens: the package carries `keep_flag` along, and minds only 0 and 1 in it."""
        found = list(super().get_compressed_input(*arguments, keep_flag=self._alive, **settings))
        self._alive, found[2] = found[2], None
        return tuple(found)


SHIFT = 2
SEGMENT = 200  # tokens, the package's `iterative_size`


def segment(tokens: int) -> int:
    """A segment's size near 200 of which a text is a whole number.

    The package compresses no text shorter than a segment (LLMLingua#196), and no rest of a longer one (#73), so that less is
    compressed than was asked for (#195).
    """
    return max(1, min(tokens, (tokens + 1) // max(1, round(tokens / SEGMENT))))


class Labelled(PromptCompressor):
    """LLMLingua-2 with a token classifier."""

    def __init__(self, model: Any, tokenizer: Any, name: str, force: Sequence[str] = ()) -> None:
        """Take a classifier with two labels.

        Args:
            name: the published name: the package tells tokenizers apart by what stands in it.
            force: as `force_tokens`; those of several tokens get a token and an untrained embedding of their own.
        """
        self.model_name, self.use_llmlingua2, self.tokenizer = name, True, tokenizer
        self.device = str(model.get_input_embeddings().weight.device)
        self.oai_tokenizer = Counter(tokenizer)
        self.special_tokens = set(tokenizer.all_special_tokens)
        self.max_batch_size, self.max_seq_len, self.max_force_token = 8, 512, 100
        self.added_tokens = [f"[NEW{i}]" for i in range(len(force))]
        if force:
            tokenizer.add_tokens(self.added_tokens, special_tokens=True)
            with torch.random.fork_rng():
                torch.manual_seed(42)  # the package's seed
                if model.get_input_embeddings().weight.shape[0] < len(tokenizer):
                    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
        self.model = Called(model)

    def labels(self, text: str, rate: float, **settings: Any) -> tuple[str, list[tuple[str, bool]]]:
        """Kept text, and every word as the package reads it with whether it stays."""
        text = text.translate(SEPARATORS)
        if self.special_tokens.issuperset(self.tokenizer.tokenize(text)):  # unknown letters only: the package needs a word
            return "", []
        found: Mapping[str, str] = self.compress_prompt(
            [text], rate=rate, return_word_label=True, word_sep=BETWEEN, label_sep=BEFORE, **settings
        )
        lines = found["fn_labeled_original_prompt"]
        pairs = [line.rpartition(BEFORE) for line in lines.split(BETWEEN)] if lines else []
        return found["compressed_prompt"], [(word, label == "1") for word, _, label in pairs]


BETWEEN, BEFORE = "\x1e", "\x1f"  # control characters that separate records and fields
SEPARATORS = {ord(BETWEEN): " ", ord(BEFORE): " "}
