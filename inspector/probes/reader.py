"""A reader: a language model named by the user that answers a question from a text in clear, such as a reconstruction.

It is no part of any compressor. What it answers or weighs carries its name (`Asked.reader`), so that no figure of its making is
taken for a decoder's own. A reader answers from what it knows, too: read the margin over an empty text (`prior`) beside it.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

PROMPT = "Read the text and answer the question with a few words from it.\n\nText: {text}\n\nQuestion: {question}"  # ours
ANSWER = "\nAnswer:"  # where the model has no chat template
_LOADING = threading.Lock()


class Reader:
    """A causal language model of transformers' kind, frozen, that reads one prompt at a time."""

    def __init__(self, model: Any, tokenizer: Any, name: str) -> None:
        self.model, self.tokenizer, self.name = model, tokenizer, name
        self.limit = getattr(model.config.get_text_config(), "max_position_embeddings", None)

    def answer(self, text: str, question: str, tokens: int = 64) -> str:
        """Greedy answer, its first line, of at most so many tokens.

        Raises:
            ValueError: text and question are too long for the model, or the question is empty.
        """
        import torch
        from transformers import GenerationConfig

        ids = self._prompt(text, question, tokens)
        end, pad = self.tokenizer.eos_token_id, self.tokenizer.pad_token_id
        settings = {"max_new_tokens": tokens, "eos_token_id": end, "pad_token_id": end if pad is None else pad}
        with torch.inference_mode():
            given = torch.tensor([ids], device=self.model.device)
            greedy = GenerationConfig(do_sample=False, **settings)  # not the model's own, which may draw or punish repetition
            made = self.model.generate(given, attention_mask=torch.ones_like(given), generation_config=greedy)
        said = self.tokenizer.decode(made[0, len(ids) :], skip_special_tokens=True).strip()
        return said.split("\n", 1)[0].strip()

    def margin(self, text: str, question: str, answers: Sequence[str], others: Sequence[str]) -> float:
        """ln p(answer) − ln p(other) in nats after the prompt, sums over tokens; of several wordings the likeliest.

        Raises:
            ValueError: as `answer`; or there is no wording on a side.
        """
        if not answers or not others:
            raise ValueError("The reader needs an answer and another to weigh against it.")
        return max(self._scores(text, question, answers)) - max(self._scores(text, question, others))

    def _scores(self, text: str, question: str, answers: Sequence[str]) -> list[float]:
        import torch

        found = []
        for answer in answers:
            ids = self._ids(" " + answer.strip())
            before = self._prompt(text, question, len(ids))
            with torch.inference_mode():
                logits = self.model(torch.tensor([before + ids], device=self.model.device)).logits[0]
            given = logits[len(before) - 1 : -1].float().log_softmax(-1)
            found.append(math.fsum(given[range(len(ids)), ids].tolist()))
        return found

    def _prompt(self, text: str, question: str, room: int) -> list[int]:
        """Tokens of the prompt; `room` more have to fit behind it."""
        if not question.strip():
            raise ValueError("The question is empty; ask something that a text can answer.")
        said = PROMPT.format(text=text.strip(), question=question.strip())
        if getattr(self.tokenizer, "chat_template", None):
            turns = [{"role": "user", "content": said}]
            ids = self.tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=True)["input_ids"]
        else:
            begin = self.tokenizer.bos_token_id
            ids = [*(() if begin is None else (begin,)), *self._ids(said + ANSWER)]
        if self.limit and len(ids) + room > self.limit:
            raise ValueError(
                f"Text and question take {len(ids)} places and the answer {room}, where {self.name} reads {self.limit}; "
                "give a shorter text."
            )
        return list(ids)

    def _ids(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]


def called(name: str) -> str:
    """What visitors of the page see of a reader's name: of a folder its last part, since they need not know where it lies."""
    from models.hub.find import folder_of

    folder = folder_of(name)
    return name if folder is None else folder.resolve().name


def load(name: str) -> Reader:
    """The reader of a folder or hub name, loaded once: safetensors, and no code that comes with it (`models.hub.find`).

    Raises:
        RuntimeError: it cannot be loaded, or is refused; one sentence with the reason.
    """
    with _LOADING:  # a second thread waits for the first, in place of loading it too
        return _loaded(name)


@lru_cache(maxsize=1)
def _loaded(name: str) -> Reader:
    from models.hub.find import load_causal, missing
    from models.pocket import device

    if reason := missing(name):
        raise RuntimeError(reason)
    return Reader(*load_causal(name, device()), name)
