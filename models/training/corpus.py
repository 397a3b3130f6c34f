"""Text for training: paragraphs from `.jsonl` or `.jsonl.xz` files, tokenised once into one array on disk."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.pocket.tokenizer import PocketTokenizer

TRAIN_SETS = ("wikipedia2015-train", "openstax", "novels")
NEWLINE = "\n"


def paragraphs(data: Path, name: str) -> Iterator[str]:
    """Texts of one set, in file order.

    Raises:
        FileNotFoundError: neither `NAME.jsonl.xz` nor `NAME.jsonl` lies in `data`.
    """
    for path in (data / f"{name}.jsonl.xz", data / f"{name}.jsonl"):
        if path.exists():
            yield from texts(path)
            return
    raise FileNotFoundError(f"{data} holds neither {name}.jsonl.xz nor {name}.jsonl")


def texts(path: Path) -> Iterator[str]:
    """The field `text` of each line of a `.jsonl` or `.jsonl.xz` file; empty lines are left out.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line is no such object; the message has its number.
    """
    opener = lzma.open if path.suffix == ".xz" else open
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                number += 1
                if not line.strip():
                    continue
                found = json.loads(line)
                if not isinstance(found, dict) or not isinstance(found.get("text"), str) or not found["text"].strip():
                    raise ValueError("no object with a field 'text' that holds a text")
                found["text"].encode()  # half of a surrogate pair is no text
                yield found["text"]
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}, near line {number + 1}: no UTF-8 text, {error.reason}") from None
    except (ValueError, lzma.LZMAError, EOFError, RecursionError) as error:
        raise ValueError(f"{path}, line {max(number, 1)}: {error}") from None


def tokenised(data: Path, names: tuple[str, ...], tokenizer: PocketTokenizer, cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """All paragraphs in one row of ids, a newline after each.

    Returns:
        ids: uint16 [tokens]; starts: int64 [paragraphs], where each paragraph begins.
    """
    files = [cache / f"{'+'.join(names)}.{tokenizer.fingerprint}.{part}.npy" for part in ("ids", "starts")]
    if not all(f.exists() for f in files):
        cache.mkdir(parents=True, exist_ok=True)
        newline = tokenizer.ids(NEWLINE)
        rows: list[np.ndarray] = []
        starts, total = [], 0
        for name in names:
            texts = list(paragraphs(data, name))
            for first in range(0, len(texts), 4096):
                for ids in tokenizer.batch(texts[first : first + 4096]):
                    starts.append(total)
                    rows.append(np.asarray(ids + newline, np.uint16))
                    total += len(ids) + len(newline)
        np.save(files[0], np.concatenate(rows))
        np.save(files[1], np.asarray(starts, np.int64))
    return np.load(files[0], mmap_mode="r"), np.load(files[1])


class Windows:
    """Random windows of a row of ids: half begin where a paragraph begins, half anywhere."""

    def __init__(self, ids: np.ndarray, starts: np.ndarray) -> None:
        self.ids, self.starts = ids, starts

    def draw(self, random: np.random.Generator, batch: int, length: int) -> np.ndarray:
        """int64 [batch, length]

        Raises:
            ValueError: the corpus is shorter than one window.
        """
        last = len(self.ids) - length - 1
        if last < 1:
            raise ValueError(f"the training text has {len(self.ids)} tokens; a window needs {length + 2}")
        anywhere = random.integers(0, last, batch)
        begins = self.starts[random.integers(0, len(self.starts), batch)]
        firsts = np.where(random.random(batch) < 0.5, np.minimum(begins, last), anywhere)
        return np.stack([self.ids[f : f + length] for f in firsts]).astype(np.int64)
