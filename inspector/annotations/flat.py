"""Labels as flat rows: CSV, and a folder that `datasets.load_dataset` reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.annotations import gold, queues, store
from inspector.annotations.database import Database
from inspector.annotations.exchange import Names, as_they_are, line
from inspector.annotations.items import SIDES, Item, Suggestions
from inspector.annotations.labels import Label

GOLD = "gold"


@dataclass(frozen=True)
class Row:
    """One label of one item; `gold`: it was adjudicated."""

    id: str
    item: Item
    annotator: str
    label: Label
    time: str | None
    gold: bool = False


def rows(db: Database, queue: str, person: Names = as_they_are) -> Iterator[Row]:
    """The labels of a queue that hold, item by item; an item's gold label last."""
    right = gold.all_of(db)
    for identity, by in queues.labels_of(db, queue).items():
        item = store.item(db, identity)
        for who, event in sorted(by.items()):
            yield Row(identity, item, person(who), event.label, event.time)  # type: ignore[arg-type]  a submit has one
        if identity in right:
            yield Row(identity, item, GOLD, right[identity], None, True)


def suggestions(db: Database, queue: str) -> dict[str, Suggestions | None]:
    """item → its newest suggestions."""
    with db.read() as connection:
        return {item: store.get_suggestions(connection, item) for item in queues.items_of(connection, queue)}


def flat(row: Row) -> dict[str, Any]:
    """What all marks of a label share."""
    label, item = row.label, row.item
    return {
        "item": row.id,
        "annotator": row.annotator,
        "gold": row.gold,
        "verdict": label.verdict,
        "comment": label.comment,
        "shown": label.shown,
        "blind": label.blind,
        "guideline": label.guideline,
        "seconds": label.seconds,
        "time": row.time,
        "compressor": item.compressor,
        "ratio": item.ratio,
        "settings": json.dumps(item.settings, ensure_ascii=False) if item.settings else None,
        "source": item.source,
        "reconstruction": item.reconstruction,
    }


MARK = ("kind", "severity", *(f"{side}_{part}" for side in SIDES for part in ("start", "end", "text")), "suggestion")


def flat_marks(label: Label) -> list[dict[str, Any]]:
    made = []
    for mark in label.marks:
        row: dict[str, Any] = {"kind": mark.kind, "severity": mark.severity}
        for side in SIDES:
            span = getattr(mark, side)
            for part in ("start", "end", "text"):
                row[f"{side}_{part}"] = getattr(span, part) if span else None
        made.append(row | {"suggestion": mark.suggestion})
    return made


def as_csv(db: Database, queue: str, person: Names = as_they_are) -> str:
    """A line for each mark, and one with empty mark columns for a label without any."""
    out = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    fields = [*flat(Row("", Item(source="-", reconstruction=""), "", Label(verdict="unsure"), None)), *MARK]
    writer = csv.DictWriter(out, fields, lineterminator="\n")
    writer.writeheader()
    for row in rows(db, queue, person):
        for mark in flat_marks(row.label) or [dict.fromkeys(MARK)]:
            writer.writerow(flat(row) | mark)
    return out.getvalue()


TYPES = {
    **dict.fromkeys(("gold", "blind"), "bool"),
    **dict.fromkeys(("seconds", "ratio"), "float64"),
    **dict.fromkeys((name for name in MARK if name.endswith(("_start", "_end")) or name == "suggestion"), "int64"),
}
CARD = """---
pretty_name: Labels of compressed texts
tags: [faithfulness, context-compression]
configs:
- config_name: labels
  default: true
  data_files: labels.jsonl
- config_name: items
  data_files: items.jsonl
dataset_info:
- config_name: labels
  features:
{labels}
- config_name: items
  features:
{items}
---

# Labels of compressed texts

Made with Compression Inspector: what people say is lost in reconstructions of compressed texts. `labels` has a row for each
annotator's label of an item (`gold`: adjudicated), `items` a row for each text pair with the automatic divergences. Offsets are
Unicode code points, end exclusive. `annotator` is a name of a person's choice, or a pseudonym.

```python
from datasets import load_dataset

labels = load_dataset("PATH/TO/THIS/FOLDER", "labels", split="train")
```
"""


def feature(name: str, indent: str = "  ") -> str:
    return f"{indent}- name: {name}\n{indent}  dtype: {TYPES.get(name, 'string')}"


def listed(name: str, parts: tuple[str, ...]) -> str:
    return f"  - name: {name}\n    list:\n" + "\n".join(feature(part, "    ") for part in parts)


FOUND = (*MARK[:-1], "dimension", "change", "explanation", "confidence", "overwriting")
TYPES |= {"confidence": "float64", "overwriting": "bool"}
ITEM = ("item", "compressor", "ratio", "settings", "source", "reconstruction", "language", "pipeline")


def as_folder(db: Database, queue: str, folder: Path, person: Names = as_they_are) -> list[Path]:
    """Write `README.md`, `labels.jsonl` and `items.jsonl`; features stand in the README, so nothing is guessed from the data.

    Raises:
        FileExistsError: the folder holds something else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / name for name in ("README.md", "labels.jsonl", "items.jsonl")]
    if strangers := sorted(path.name for path in folder.iterdir() if path not in files):
        raise FileExistsError(f"{folder} holds other files ({strangers[0]}); name an empty folder")
    shared = list(flat(Row("", Item(source="-", reconstruction=""), "", Label(verdict="unsure"), None)))
    labels = "\n".join([*map(feature, shared), listed("marks", MARK)])
    items = "\n".join([*map(feature, ITEM), listed("divergences", FOUND)])
    files[0].write_text(CARD.format(labels=labels, items=items), encoding="utf-8")
    with files[1].open("w", encoding="utf-8", newline="\n") as out:
        for row in rows(db, queue, person):
            out.write(line(flat(row) | {"marks": flat_marks(row.label)}) + "\n")
    with files[2].open("w", encoding="utf-8", newline="\n") as out:
        for identity, found in suggestions(db, queue).items():
            out.write(line(_item(identity, store.item(db, identity), found or Suggestions())) + "\n")
    return files


def _item(identity: str, item: Item, found: Suggestions) -> dict[str, Any]:
    divergences = []
    for d in found.divergences:
        row = {name: getattr(d, name, None) for name in FOUND}
        for side in SIDES:
            span = getattr(d, side)
            row |= {f"{side}_{part}": getattr(span, part) if span else None for part in ("start", "end", "text")}
        divergences.append(row)
    shared = flat(Row(identity, item, "", Label(verdict="unsure"), None))
    made = {name: shared.get(name) for name in ITEM} | {"language": found.language, "pipeline": found.pipeline}
    return made | {"divergences": divergences}
