"""Cramming: vectors optimised for each text until a frozen language model reads the text from them.

Rows are made without importing torch. `cramming:MODEL` is a pattern: MODEL is a folder with a causal language model, or its
name on the hub. `cramming:pocket` reads with the decoder of the bundled pocket family. Any other decoder that is a
`models.hub.causal.PrefixReader` can be crammed into: give it to `Cramming`.
"""

from __future__ import annotations

from functools import lru_cache, partial

from models.compressor import Compressor, Row

RATIOS = (4, 8, 16, 32, 64, 128)
WINDOW = 128
DEFAULT_RATIO = 8
COMMON = {"kind": "optimised", "ratios": RATIOS, "default_ratio": DEFAULT_RATIO, "any_ratio": True}
COMMON |= {"optimises": True, "family": "cramming", "window": WINDOW}
NO_MODEL = (
    "put a model in MODEL's place: a folder with a causal language model, or a name on the hub, as in cramming:Qwen/Qwen3-0.6B"
)


def load_hub(model: str, _: tuple[str, ...]) -> Compressor:
    from models.cramming.compressor import Cramming
    from models.cramming.method import Settings
    from models.hub.causal import causal_decoder
    from models.hub.find import load_causal
    from models.hub.tokens import HubTokenizer
    from models.pocket import device

    settings = Settings.named()
    network, tokenizer = load_causal(model, device())
    return Cramming(causal_decoder(network, tokenizer), HubTokenizer(tokenizer), settings, WINDOW)


def load_pocket(_: tuple[str, ...]) -> Compressor:
    from models.cramming.compressor import Cramming
    from models.cramming.method import Settings
    from models.cramming.pocket import PocketReader, PocketTokens
    from models.pocket import device, free

    decoder, tokenizer = free(device())
    return Cramming(PocketReader(decoder.network), PocketTokens(tokenizer), Settings.named(), WINDOW)


@lru_cache(maxsize=64)
def hub_row(model: str) -> Row:
    """The row of `cramming:MODEL`; nothing is looked up before it is asked for."""
    from models.hub.find import missing

    title = f"Cramming: vectors optimised for each text, read by {model.rstrip('/').rpartition('/')[2] or model}"
    return Row(f"cramming:{model}", title, load=partial(load_hub, model), why_not=partial(missing, model), **COMMON)


def compressors() -> list[Row]:
    """The bundled decoder, where its weights are here, and the pattern."""
    from models.pocket import WEIGHTS, count, size
    from models.pocket import missing as absent

    own = Row(
        "cramming:pocket",
        "Cramming: vectors optimised for each text, read by the pocket family's decoder",
        load=load_pocket,
        parameters=size(count(WEIGHTS / "pocket-decoder.safetensors")),
        bundled=True,
        why_not=absent("pocket-decoder"),
        **COMMON,
    )
    title = "Cramming: vectors optimised for each text, read by a language model of yours"
    yours = Row(
        "cramming:MODEL",
        title,
        load=partial(load_hub, "MODEL"),
        pattern=hub_row,
        why_not=lambda: NO_MODEL,
        **COMMON,
    )
    return [own, yours]
