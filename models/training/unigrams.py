"""How frequent each token of the bundled tokenizer is in the training text: the baseline that knows words but no context.

`python -m models.training.unigrams runs/corpus/SETS.FINGERPRINT.ids.npy` writes `models/pocket/unigrams.safetensors`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from models.pocket.tokenizer import SIZE

OUT = Path(__file__).parents[1] / "pocket" / "unigrams.safetensors"


def write_unigrams(ids: np.ndarray, out: Path, fingerprint: str, size: int = SIZE) -> np.ndarray:
    """Count tokens and write their log-probabilities, smoothed by adding one to each count.

    Args:
        ids: integers [tokens] in [0, size), one row of text.
        out: the safetensors file; its metadata holds `fingerprint` (of the tokenizer) and the number of tokens.

    Returns:
        log-probabilities in nats, float16 [size]: exact to about 0.01 nats.
    """
    from safetensors.numpy import save_file

    counts = np.bincount(ids, minlength=size).astype(np.float64) + 1
    table = np.log(counts / counts.sum()).astype(np.float16)
    save_file({"log_probabilities": table}, out, {"fingerprint": fingerprint, "tokens": str(len(ids))})
    return table


def main(argv: list[str] | None = None) -> None:
    p = argparse.ArgumentParser(prog="python -m models.training.unigrams", description=__doc__.splitlines()[0])
    p.add_argument("ids", type=Path, help="ids of the training text, as `python -m models.training train` leaves them")
    p.add_argument("--out", type=Path, default=OUT)
    args = p.parse_args(argv)
    write_unigrams(np.load(args.ids, mmap_mode="r"), args.out, fingerprint=args.ids.name.split(".")[-3])


if __name__ == "__main__":
    main()
