"""What a run's snapshots do on swapped facts: overwriting, against tokens seen, written into the run's log."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file

from models.pocket.free import FREE_COMPRESSORS, RATIOS, FreeCompressorNetwork, FreeDecoderNetwork


def measure(run: Path, decoder: Path, texts: int | None = None) -> int:
    """Bring back the shipped swapped facts of the training text with every snapshot, and put `overwriting_4` … into the row
    of `log.jsonl` that is nearest in tokens.

    Args:
        run: folder of a compressor's run, with snapshots.
        decoder: folder of the decoder's run.
        texts: swapped facts taken, from the first; None for all.

    Returns:
        How many snapshots there were.

    Raises:
        ValueError: the run has no snapshots.
    """
    from inspector.probes.overwriting import overwriting_rate
    from inspector.probes.rows import SEEN, shipped
    from models.pocket.decoder import PrefixDecoder
    from models.pocket.soft import FreeCompressor
    from models.pocket.tokenizer import bundled
    from models.training.free import part

    files = sorted((run / "snapshots").glob("*.safetensors"))
    if not files:
        raise ValueError(f"{run} has no snapshots; a run of pocket-xs, -s, -m or -l keeps some")
    stage = json.loads((run / "state.json").read_text(encoding="utf-8"))["settings"]["stage"]
    network = FreeDecoderNetwork()
    network.load_state_dict(part(load_file(decoder / "model.safetensors"), "decoder"))
    reader, rows = PrefixDecoder(network), shipped(SEEN)[:texts]
    log = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    for file in files:
        with safe_open(file, "pt") as opened:
            tokens = int(opened.metadata()["tokens"])
        shaped = FreeCompressorNetwork(FREE_COMPRESSORS[stage])
        shaped.load_state_dict({k: v.float() for k, v in load_file(file).items()})
        nearest = min(log, key=lambda row: abs(row["tokens"] - tokens))
        for ratio in RATIOS:
            found = overwriting_rate(FreeCompressor(reader, bundled(), shaped), rows, ratio, scored=False)
            nearest |= {f"overwriting_{ratio}": round(found["overwriting"], 4)}
    (run / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in log), encoding="utf-8")
    return len(files)
