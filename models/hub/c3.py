"""C3, Context Cascade Compression: a Qwen2.5 1.5B reads the text, 32 learned queries after it, a Qwen2.5 3B brings it back.

From liufanfanlff/C3-Context-Cascade-Compression (C3-master/C3: model/C3.py, train/trainer_C3.py, utils/conversation.py; C3-hf/
run_c3.py) and, for the tokenizer's file and sizes, notes in ds22058/C3-Context-Cascade-Compression (docs/tokenizer_analysis.md):
one checkpoint with the decoder, `model.Q` and `model.mm_projector`, the encoder in its folder `llm1`, and one tokenizer for both.
The encoder reads `text <img> Q </img>`; its last hidden states at Q, projected, stand between `<img>` and `</img>` in the
decoder's user turn. An answer ends with `<|im_end|>`. The published code also forbids a repeated run of 20 tokens, which would
alter a reconstruction; here nothing is forbidden. `</img>` is not given to the encoder: it is causal, and nothing reads it.

The tokenizer is published as `qwen.tiktoken` with code, which is not run: ranks, pattern and order of special tokens make the
same one. Order and pattern are those of GOT-OCR2.0, whose tokenizer this is; they give `<img>` the id 151857 that C3's data code
names. [inferred] Weights in bfloat16, output embedding tied, as in Qwen2.5 3B. The published code takes a text of any length in
one piece; windows here have 1,280 tokens, 40 a vector, the most that the paper reports on.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compressor import Decoder, Row
from models.hub.card import FILES, Card, Check, Part
from models.hub.row import hub_row
from models.hub.settings import HubSettings
from models.hub.soft import SoftHub

if TYPE_CHECKING:
    from torch import Tensor, nn

    from models.hub.tokens import HubTokenizer

REPO, RANKS = "liufanfanlff/C3-Context-Cascade-Compression", "qwen.tiktoken"
RATIO, WINDOW = 40, 1280
PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
END, TURN = "<|endoftext|>", "<|im_end|>"
SPECIAL = (END, "<|im_start|>", TURN, *(f"<|extra_{i}|>" for i in range(205)))
SPECIAL += ("<ref>", "</ref>", "<box>", "</box>", "<quad>", "</quad>", "<img>", "</img>", "<imgpad>")
SYSTEM = "You should follow the instructions carefully and explain your answers in detail."
BEFORE = f"<|im_start|>system\n{SYSTEM}<|im_end|><|im_start|>user\n<img>"
AFTER = "</img>\nRepeat the text: <|im_end|><|im_start|>assistant\n"
SIZE = {"compressor": 1_546_911_232, "embeddings": 311_009_280, "decoder": 2_774_773_760}
LIMITS = (
    "Trained for nothing but repeating. A window takes 32 vectors however short it is; the paper reports 98 % of tokens right at "
    "640 tokens, 93 % at 1,280, and most of what is lost near the end."
)
CHECK = Check("token_accuracy", 0.9, "The paper reports 98 % of tokens right for texts ten times as long.")


def rows() -> list[Row]:
    files = (*FILES, "*.tiktoken", "config.json", "llm1/config.json")
    part = Part(REPO, 2 * sum(SIZE.values()), "Apache-2.0 (code); CC BY-NC 4.0 (data)", files=files)
    card = Card((part,), CHECK, "https://arxiv.org/abs/2511.15244", f"https://github.com/{REPO}", LIMITS)
    title = "C3: Qwen2.5 1.5B compresses to 32 vectors, Qwen2.5 3B decodes"
    return [hub_row("c3", title, "soft", (RATIO,), RATIO, WINDOW, card, load, SIZE)]


class C3(SoftHub):
    """Encoder, queries and projector; see `SoftHub`."""

    def __init__(self, decoder: Decoder, tokenizer: HubTokenizer, encoder: Any, queries: Tensor, projector: nn.Linear) -> None:
        super().__init__(decoder, tokenizer, RATIO * len(queries))
        self.encoder, self.queries, self.projector = encoder, queries, projector
        self.start = tokenizer.prompt("<img>")

    def vectors(self, texts: Sequence[str], ids: Sequence[Sequence[int]], ratio: int) -> list[Tensor]:
        import torch

        embed = self.encoder.get_input_embeddings()
        text = embed(torch.tensor([[*row, *self.start] for row in ids], device=embed.weight.device))
        x = torch.cat([text, self.queries.expand(len(ids), *self.queries.shape)], 1)
        hidden = self.encoder(inputs_embeds=x, use_cache=False).last_hidden_state[:, -len(self.queries) :]
        return list(self.projector(hidden.to(self.projector.weight)))


def load(folders: Sequence[Path], settings: HubSettings, _: tuple[str, ...] = ()) -> C3:
    """From the folder of the checkpoint.

    Raises:
        RuntimeError: queries or projector are missing or fit neither model, or the tokenizer lacks a token.
    """
    import torch

    from models.hub import weights
    from models.hub.prompted import PromptedDecoder

    folder = Path(folders[0])
    queries = weights.pick(folder, "model.Q.", settings).get("weight")
    encoder = weights.model(folder / "llm1", "Qwen2Model", settings)
    width = encoder.config.hidden_size
    if queries is None or queries.shape[1] != width:
        said = "none" if queries is None else f"one of shape {list(queries.shape)}"
        raise RuntimeError(f"{folder} should hold a tensor model.Q.weight with rows of {width} numbers, and has {said}")
    model = weights.model(folder, "Qwen2ForCausalLM", settings)
    projector = torch.nn.Linear(width, model.config.hidden_size)
    weights.fill(projector, weights.pick(folder, "model.mm_projector.", settings), f"model.mm_projector in {folder}")
    embed = model.get_input_embeddings().weight
    projector.to(embed.device, embed.dtype).requires_grad_(False)
    tokenizer = read_ranks(folder / RANKS) if (folder / RANKS).is_file() else weights.tokenizer(folder)
    before, after = (torch.tensor(tokenizer.prompt(part)) for part in (BEFORE, AFTER))
    ends = frozenset(tokenizer.prompt(END + TURN))
    decoder = PromptedDecoder(model, before, after, len(tokenizer.tokenizer), ends)
    return C3(decoder, tokenizer, encoder, queries.to(encoder.get_input_embeddings().weight), projector)


def read_ranks(file: Path) -> HubTokenizer:
    """Qwen's first tokenizer from its ranks; special tokens follow them.

    Raises:
        RuntimeError: the file is no list of tokens and ranks.
    """
    from tokenizers import normalizers
    from transformers import PreTrainedTokenizerFast
    from transformers.convert_slow_tokenizer import TikTokenConverter

    from models.hub.tokens import HubTokenizer

    try:
        lines = [line.split() for line in file.read_bytes().splitlines() if line]
        ranks = {base64.b64decode(token, validate=True): int(rank) for token, rank in lines}
    except ValueError as error:
        raise RuntimeError(f"{file} should hold a token in base64 and its rank on each line") from error
    converter = TikTokenConverter(str(file), PATTERN, extra_special_tokens=list(SPECIAL))
    converter.load_tiktoken_bpe = lambda _: ranks  # its own way needs the package tiktoken
    backend = converter.converted()
    backend.normalizer = normalizers.NFC()  # as its code does
    return HubTokenizer(PreTrainedTokenizerFast(tokenizer_object=backend, eos_token=END))
