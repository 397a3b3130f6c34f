"""`finetuned:FOLDER`: a compressor trained with `python -m models.training finetune`, by the folder of its result.

The folder holds `inspector.json` (the recipe, below) and `adapter.safetensors` (what was trained, and nothing else). The two
base models are named in the recipe: folders, or names on the hub. Rows are made without importing torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compressor import Compressor, Row
from models.hub.card import Card, Check, Part
from models.hub.row import hub_row
from models.hub.settings import HubSettings
from models.said import first_line

if TYPE_CHECKING:
    from models.hub.tokens import HubTokenizer

RECIPE, WEIGHTS = "inspector.json", "adapter.safetensors"
PROJECTORS = ("linear", "mlp")
RATIOS, WINDOW = (4, 16, 64), 512
LEAST_GAIN = 0.05  # nats a token: what memory has to give at least, or nothing was learnt
NO_FOLDER = "put a folder in FOLDER's place: the --out of python -m models.training finetune, as in finetuned:runs/mine"
LARGEST = 2**16  # tokens of a window, and the highest ratio


@dataclass(frozen=True)
class Recipe:
    """All that loading needs to know of a training, and what was said of it then. One JSON object, field by field."""

    compressor: str  # a folder, or a name on the hub
    decoder: str
    ratios: tuple[int, ...]
    window: int  # in the decoder's tokens
    projector: str = "linear"  # one of PROJECTORS
    rank: int | None = None  # of the LoRA; None: the whole compressor was trained
    alpha: float = 0.0
    targets: tuple[str, ...] = ()  # last names of the modules with LoRA
    trigger: str = "learned"  # the vector between memory and text that asks for the text itself
    steps: int = 0
    tokens: int = 0  # of source text seen
    continuation: float = 0.0  # weight of its loss
    parameters: Mapping[str, int] = field(default_factory=lambda: {"compressor": 0, "embeddings": 0, "decoder": 0})
    bytes: Mapping[str, int] = field(default_factory=dict)  # of the base models' weights: compressor, decoder
    probe: str = ""  # a text of the training data, for the self-test
    gain: float = 0.0  # nats a token that memory took away on it at the end of training
    versions: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def usual(ratios: Sequence[int]) -> int:
        """The ratio that stands in where none is named."""
        return 16 if 16 in ratios else min(ratios)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def read(cls, folder: Path) -> Recipe:
        """The recipe of a folder.

        Raises:
            ValueError: it is not there, or a field is missing or wrong; one sentence that names it.
        """
        file = folder / RECIPE
        if not folder.is_dir():
            raise ValueError(f"there is no folder {folder}; {NO_FOLDER}")
        if not file.is_file():
            raise ValueError(f"the folder {folder} holds no {RECIPE}; {NO_FOLDER}")
        try:
            given = json.loads(file.read_text(encoding="utf-8"))
        except (ValueError, OSError, RecursionError) as error:
            raise ValueError(f"{file} cannot be read: {first_line(error)}") from None
        if not isinstance(given, dict):
            raise ValueError(f"{file} holds no JSON object")
        known = {f.name for f in fields(cls)}
        for name, right in RULES.items():
            if name not in given or not right(given[name]):
                raise ValueError(f"{file}: {name!r} is {json.dumps(given.get(name))[:60]}, which cannot be used")
        lists = {name: tuple(given[name]) for name in ("ratios", "targets")}
        return cls(**{k: v for k, v in given.items() if k in known} | lists)


def _whole(value: Any, most: int = LARGEST) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _counts(value: Any) -> bool:
    return isinstance(value, dict) and all(_whole(v, 2**60) or v == 0 for v in value.values())


RULES = {
    "compressor": lambda v: isinstance(v, str) and v,
    "decoder": lambda v: isinstance(v, str) and v,
    "ratios": lambda v: isinstance(v, list) and v and all(map(_whole, v)) and len(set(v)) == len(v),
    "window": _whole,
    "projector": lambda v: v in PROJECTORS,
    "rank": lambda v: v is None or _whole(v),
    "alpha": _number,
    "targets": lambda v: isinstance(v, list) and all(isinstance(name, str) for name in v),
    "parameters": lambda v: _counts(v) and {"compressor", "embeddings", "decoder"} <= v.keys(),
    "bytes": _counts,
    "probe": lambda v: isinstance(v, str) and v.strip(),
    "gain": _number,
    "tokens": lambda v: v == 0 or _whole(v, 2**60),
}


def load(folders: Sequence[Path], settings: HubSettings, options: tuple[str, ...]) -> Compressor:
    """Base models, what was trained on top, and the decoder's prompt `[begin token; Z; trigger]`.

    Raises:
        RuntimeError: a tensor is missing, or belongs to another base model.
    """
    import torch

    from models.hub import weights
    from models.hub.finetuned_network import FinetunedCompressor, MemoryNetwork, first_token, fitted
    from models.hub.prompted import PromptedDecoder

    recipe = Recipe.read(folders[2])
    if recipe.rank is None and settings.bits < 16:
        raise RuntimeError("the whole compressor was trained, and its weights are not quantised: load it with bits=16")
    base = weights.model(folders[0], "AutoModel", settings, own=recipe.rank is None)
    reader = weights.model(folders[1], "AutoModelForCausalLM", settings)
    own, tokenizer = weights.tokenizer(folders[0]), weights.tokenizer(folders[1])
    width = reader.get_input_embeddings().weight.shape[1]
    network = MemoryNetwork(base, width, recipe.ratios, recipe.window, recipe.projector, first_token(own))
    fitted(network, weights.tensors(folders[2] / WEIGHTS, settings), recipe, str(folders[2].resolve()))
    begin = first_token(tokenizer)
    decoder = PromptedDecoder(
        reader,
        torch.tensor([] if begin is None else [begin], dtype=torch.long),
        network.head.trigger.detach(),
        len(tokenizer.tokenizer),
        frozenset((last_token(tokenizer),)),
    )
    return FinetunedCompressor(network.eval(), decoder, tokenizer, own, recipe.window)


def last_token(tokenizer: HubTokenizer) -> int:
    """The token that ends a text.

    Raises:
        RuntimeError: the tokenizer has none.
    """
    end = tokenizer.tokenizer.eos_token_id
    if end is None:
        raise RuntimeError("the decoder's tokenizer has no end token (eos_token), which a reconstruction has to end with")
    return end


def folder_row(name: str) -> Row:
    """The row of `finetuned:NAME`: not ready, with the reason, where the folder cannot be used."""
    file = Path(name).expanduser() / RECIPE
    return _row(name, file.stat().st_mtime_ns if file.is_file() else 0)


@lru_cache(maxsize=64)
def _row(name: str, changed: int) -> Row:
    folder = Path(name).expanduser()
    try:
        recipe = Recipe.read(folder)
    except ValueError as error:
        reason = str(error)
        return Row(f"finetuned:{name}", "A compressor of your own", "soft", RATIOS, 16, WINDOW, _never, family="hub",
                   why_not=lambda: reason)  # fmt: skip
    parts = tuple(Part(getattr(recipe, p), recipe.bytes.get(p, 0)) for p in ("compressor", "decoder"))
    card = Card(
        (*parts, Part(str(folder), licence="your own", files=(RECIPE, WEIGHTS))),
        Check(
            "memory_gain",
            max(LEAST_GAIN, round(recipe.gain / 2, 2)),
            f"Weaker than for published ones: half of the {recipe.gain:.2f} nats a token that memory gave at the end of "
            f"training on the text of the data that {RECIPE} keeps, {LEAST_GAIN} nats at least.",
            recipe.probe,
        ),
        limits=f"Your own, trained on {recipe.tokens:,} tokens in windows of {recipe.window}: "
        "what it learnt is only what the training shows.",
        packages=("peft",) if recipe.rank else (),
        published=None,
    )
    short = [value.rstrip("/").rpartition("/")[2] for value in (recipe.compressor, recipe.decoder)]
    return hub_row(f"finetuned:{name}", f"Fine-tuned: {short[0]}, read by {short[1]}", "soft", tuple(sorted(recipe.ratios)),
                   Recipe.usual(recipe.ratios), recipe.window, card, load, recipe.parameters)  # fmt: skip


def _never(options: tuple[str, ...]) -> Compressor:
    raise RuntimeError(NO_FOLDER)


def rows() -> list[Row]:
    """The pattern."""
    title = "A compressor of your own, trained with python -m models.training finetune"
    return [Row("finetuned:FOLDER", title, "soft", RATIOS, 16, WINDOW, _never, family="hub", pattern=folder_row,
                why_not=lambda: NO_FOLDER)]  # fmt: skip
