"""LLMLingua-2, LLMLingua and LongLLMLingua: words kept by the package llmlingua, told as spans of the source.

Facts from the package's code, version 0.2.2 (microsoft/LLMLingua, MIT): LLMLingua-2 labels chunks of at most 510 tokens with a
classifier (label 1 stays) and keeps words above a percentile; LLMLingua drops tokens segment by segment by a language model's
surprisal; LongLLMLingua wants a question, first drops paragraphs by how well they predict it, then tokens that it does not
make more likely. Sizes in bytes are counted from the shapes (XLM-R large, multilingual BERT base, two labels, 100 tokens of the
package's own, float32) [inferred].

Known faults of the package, and what is done here: cut chunks can lose their end (#213 is about a lost ending), so windows are
smaller than chunks and end after sentences; short texts are not compressed (#196) and ratios missed (#195), see `segment` and
`nearest`; XLM-R is given `<unk>` where `<s>` and `</s>` belong (#181), which stands as published; spaces between Chinese letters
(#131) stay in the text and out of the spans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from models.compressor import Compressor, Memory, Row, Source
from models.hub.card import Card, Check, Part
from models.hub.lingua_settings import VARIABLE, LinguaSettings
from models.hub.readers import CHECK, SMALL, SMALL_SIZE, called, part, reader_rows
from models.hub.row import hub_row
from models.hub.settings import HubSettings

if TYPE_CHECKING:
    from models.hub.prompt_compressor import Kept

RATIOS = (2, 3, 4, 5, 8, 16)
MARGIN = 24  # positions left free: for a begin token, and where text splits into more tokens alone than within the whole
LABELS_WINDOW, PROMPT_WINDOW = 400, 800
CHUNK = 509  # tokens, one less than a chunk of the package's may have
CODE = "https://github.com/microsoft/LLMLingua"
CLASSIFIERS = {
    "llmlingua-2-xlm-roberta-large": (
        "LLMLingua-2: words kept by a classifier, XLM-R large",
        Part("microsoft/llmlingua-2-xlm-roberta-large-meetingbank", 2_235_781_128, "MIT"),
    ),
    "llmlingua-2-bert-base": (
        "LLMLingua-2: words kept by a classifier, multilingual BERT base",
        Part("microsoft/llmlingua-2-bert-base-multilingual-cased-meetingbank", 709_364_744, "Apache-2.0"),
    ),
}
SIZES = {  # parameters, counted from the shapes
    "llmlingua-2-xlm-roberta-large": {"compressor": 302_840_834, "embeddings": 256_104_448, "decoder": 0},
    "llmlingua-2-bert-base": {"compressor": 85_452_290, "embeddings": 91_888_896, "decoder": 0},
}
KEEPS_WORDS = {"traces": False, "vectors": False}
LABELS_LIMITS = (
    "Trained on meetings in English; a word of letters that the tokenizer does not know is never kept. In Chinese XLM-R's words "
    "are whole clauses, and BERT's kept text has a space between letters."
)
PROMPT_LIMITS = (
    "Keeps tokens, so words can lose letters. The package judges a token by how surprising the one after it is, and always "
    "keeps a text's last."
)
NO_QUESTION = f"""LongLLMLingua keeps what helps to answer a question: set {VARIABLE}='question="…"'"""
LABELS_CHECK = Check(
    "content_kept", 0.4, "One that drops function words first reaches 0.7 or more; of 600 random classifiers the best had 0.35."
)


class Words:
    """What the three share: tokens, windows that end after sentences, and memories of kept code points."""

    decoder = None

    def __init__(self, tokenizer: Any, window: int) -> None:
        self.tokenizer, self.window = tokenizer, max(1, window)
        self.text, self.token_text = tokenizer.text, tokenizer.token_text
        self.notes: dict[str, str] = {}
        self._lock = Lock()  # the package keeps what it found in attributes

    def source(self, text: str) -> Source:
        from models.hub.words import windows

        tokens = self.tokenizer.encode(text)
        return Source(text, tokens.ids, tokens.spans, windows(text, tokens.spans, self.window))

    def compress(self, source: Source, windows: Sequence[tuple[int, int]], ratio: int) -> list[Memory]:
        with self._lock:
            return [self.keep(source, window, ratio) for window in windows]

    def keep(self, source: Source, window: tuple[int, int], ratio: int) -> Memory:
        raise NotImplementedError


class LabelledWords(Words):
    """LLMLingua-2."""

    def __init__(self, model: Any, package: Any, tokenizer: Any, name: str, force: Sequence[str], digits: bool) -> None:
        """Take a classifier, and its tokenizer twice: the package adds tokens to its own and has special ones read in a text."""
        from models.hub.prompt_compressor import Labelled

        super().__init__(tokenizer, LABELS_WINDOW)
        self.force, self.digits = list(force), digits
        self.prompt = Labelled(model, package, name, force)

    def keep(self, source: Source, window: tuple[int, int], ratio: int) -> Memory:
        from models.hub.words import by_word, carried

        spans = source.spans[window[0] : window[1]]
        texts, kept, within = [], set(), (spans[0][0], spans[-1][1])
        for start, stop in self._chunks(source.text, *within):
            text, places = self._labels(source.text, [s for s in spans if start < s[1] <= stop], start, stop, ratio)
            texts.append(text)
            kept |= places
        text = " ".join(t for t in texts if t)
        words = by_word(source.text, kept, within)
        return Memory(
            "words", len(spans), carried(source.text, spans, kept), 8 * len(text.encode("utf-8")), text=text, kept=words
        )

    def _labels(self, text: str, spans: Sequence[tuple[int, int]], start: int, stop: int, ratio: int) -> tuple[str, set[int]]:
        """The kept text and code points, at the rate whose number of kept tokens is nearest to what the ratio leaves."""
        from models.hub.words import carried, find, nearest

        part, where = text[start:stop], []

        def ask(share: float) -> tuple[str, set[int]]:
            said, words = self.prompt.labels(part, share, force_tokens=self.force, force_reserve_digit=self.digits)
            where[:] = where or find(part, [word for word, _ in words])  # the same words at every rate
            return said, {start + place for (_, stays), places in zip(words, where, strict=True) if stays for place in places}

        return nearest(ask, lambda found: carried(text, spans, found[1]), len(spans) / ratio, 1 / ratio)

    def _chunks(self, text: str, first: int, end: int) -> list[tuple[int, int]]:
        """The window, halved at white space until the package takes each part in one chunk, so that it cuts nothing off."""
        part = text[first:end]
        for i, token in enumerate(self.force):
            part = part.replace(token, f"[NEW{i}]")
        if len(self.prompt.tokenizer.tokenize(part)) <= CHUNK or end - first < 2:
            return [(first, end)]
        middle = (first + end) // 2
        space = text.rfind(" ", first + 1, middle)
        middle = space if space > 0 else middle
        return [*self._chunks(text, first, middle), *self._chunks(text, middle, end)]


class PromptWords(Words):
    """LLMLingua, or LongLLMLingua where there is a question."""

    def __init__(self, model: Any, tokenizer: Any, question: str = "") -> None:
        from models.hub.causal import causal_decoder
        from models.hub.prompt_compressor import Prompt

        self.reader = causal_decoder(model, tokenizer.tokenizer)
        limit = self.reader.limit or PROMPT_WINDOW + 2 * MARGIN
        asked = len(tokenizer.encode(question).ids) + MARGIN if question else 0
        if limit - asked < 2 * MARGIN:
            raise RuntimeError(f"{VARIABLE}: the question leaves no room for a text in the model's {limit} positions")
        super().__init__(tokenizer, min(PROMPT_WINDOW, limit - asked - MARGIN))
        self.question, self.prompt = question, Prompt(model, tokenizer, limit)

    def keep(self, source: Source, window: tuple[int, int], ratio: int) -> Memory:
        from models.hub.words import by_word, covered, nearest

        first, end = source.spans[window[0]][0], source.spans[window[1] - 1][1]
        parts = paragraphs(source.text, first, end) if self.question else [(first, end)]
        if not parts:
            return Memory("words", window[1] - window[0], 0, 0, text="")

        def ask(share: float) -> Kept:
            return self.prompt.kept([source.text[a:b] for a, b in parts], rate=share, **self._settings())

        length = window[1] - window[0]
        try:
            found = nearest(ask, lambda found: len(found.spans), length / ratio, 1 / ratio)
        except AssertionError as error:  # the package compares texts that a tokenizer does not bring back
            raise RuntimeError("LongLLMLingua cannot tell the question from the text with this model's tokenizer") from error
        kept, lost, at = [], [], 0
        for a, b in (parts[i] for i in found.contexts):
            for mine, spans in ((kept, found.spans), (lost, found.dropped)):
                mine += [(max(s, at) - at + a, min(e, at + b - a) - at + a) for s, e in spans if s < at + b - a and e > at]
            at += b - a + 2  # the empty line between
        alive = covered(kept) - covered(lost)  # a letter of several tokens is kept if all of them are
        words = by_word(source.text, alive, (first, end))
        return Memory("words", length, len(found.spans), 8 * len(found.text.encode("utf-8")), text=found.text, kept=words)

    def _settings(self) -> dict[str, Any]:
        """LongLLMLingua's as in the package's README, but paragraphs stay in order and the question is not part of the memory."""
        if not self.question:
            return {}
        ask = {"question": self.question, "rank_method": "longllmlingua", "condition_in_question": "after_condition"}
        ask |= {"condition_compare": True, "dynamic_context_compression_ratio": 0.3, "context_budget": "+100"}
        return ask | {"reorder_context": "original", "concate_question": False}


def paragraphs(text: str, first: int, end: int) -> list[tuple[int, int]]:
    """Spans of the lines between `first` and `end` that hold something."""
    return [m.span() for m in re.compile(r"[^\n]*\S[^\n]*").finditer(text, first, end)]


def load_labelled(name: str, folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> Compressor:
    from models.hub import weights

    lingua = LinguaSettings.named()
    model = weights.model(folders[0], "AutoModelForTokenClassification", settings)
    if model.config.num_labels != 2:
        raise RuntimeError(f"the classifier in {folders[0]} has {model.config.num_labels} labels, not two, drop and keep")
    package = weights.tokenizer(folders[0]).tokenizer
    package.backend_tokenizer.encode_special_tokens = False
    hub = weights.tokenizer(folders[0])
    return LabelledWords(model, package, hub, name, lingua.force_tokens, "digits" in options)


def load_prompt(long: bool, folders: Sequence[Path], settings: HubSettings, _: tuple[str, ...]) -> Compressor:
    from models.hub import weights

    question = LinguaSettings.named().question
    if long and not question:
        raise RuntimeError(NO_QUESTION)
    model = weights.model(folders[0], "AutoModelForCausalLM", settings)
    return PromptWords(model, weights.tokenizer(folders[0]), question if long else "")


def labelled_row(name: str) -> Row:
    title, weights = CLASSIFIERS[name]
    card = Card(
        (weights,),
        LABELS_CHECK,
        paper="https://aclanthology.org/2024.findings-acl.57",
        code=CODE,
        limits=LABELS_LIMITS,
        packages=("llmlingua",),
        extra="lingua",
    )
    load = partial(load_labelled, weights.repo)
    sizes = SIZES[name]
    return hub_row(name, title, "words", RATIOS, 4, LABELS_WINDOW, card, load, sizes, options=("digits",), **KEEPS_WORDS)


def prompt_row(long: bool, name: str, model: str) -> Row:
    """LLMLingua or LongLLMLingua with a causal language model: its name on the hub, or a folder."""
    card = Card(
        (part(model),),
        CHECK,
        paper="https://aclanthology.org/2024.acl-long.91" if long else "https://aclanthology.org/2023.emnlp-main.825",
        code=CODE,
        limits=PROMPT_LIMITS,
        packages=("llmlingua",),
        extra="lingua",
    )
    what = "LongLLMLingua: tokens kept by how a question needs them" if long else "LLMLingua: tokens kept by their surprisal"
    title = f"{what}, read by {called(model)}"
    sizes = SMALL_SIZE if model == SMALL else None
    row = hub_row(name, title, "words", RATIOS, 4, PROMPT_WINDOW, card, partial(load_prompt, long), sizes, **KEEPS_WORDS)
    return replace(row, why_not=partial(_asked, row.why_not)) if long else row


def _asked(why_not: Callable[[], str | None]) -> str | None:
    try:
        asked = LinguaSettings.named().question
    except ValueError as error:
        return str(error)
    return why_not() or (None if asked else NO_QUESTION)


def rows() -> list[Row]:
    prompts = (("llmlingua", False), ("longllmlingua", True))
    readers = [row for kind, long in prompts for row in reader_rows(kind, partial(prompt_row, long))]
    return [*(labelled_row(name) for name in CLASSIFIERS), *readers]
