"""Files that the Annotate page takes in and hands out."""

from __future__ import annotations

import base64
import binascii
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from inspector.annotations import exchange, flat, formats, queues
from inspector.annotations.database import Database, StoreError

FORMATS = ("jsonl", "csv", "doccano", "label-studio", "label-studio-config", "argilla", "datasets")
MOST = 10_000_000  # bytes of an imported file


def content(file: Any) -> bytes:
    """Raises: StoreError where a file is too long or did not arrive whole."""
    name, data = str(file["name"])[:200], file["data"]
    if len(data) > MOST * 4 // 3 + 4:
        raise StoreError(f"{name} has more than {MOST // 1_000_000} MB; `python -m inspector annotations import` takes any size")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise StoreError(f"{name} did not arrive whole; import it again") from None


def exported(db: Database, queue: str, kind: str, person: exchange.Names) -> dict[str, Any]:
    """Raises: StoreError where there is no such format or queue."""
    queues.queue(db, queue)
    stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in queue)
    if kind == "datasets":
        with tempfile.TemporaryDirectory() as folder, io.BytesIO() as packed:
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in flat.as_folder(db, queue, Path(folder), person):
                    archive.write(path, f"{stem}/{path.name}")
            return {"file": f"{stem}.zip", "base64": base64.b64encode(packed.getvalue()).decode()}
    if kind == "jsonl":
        return {"file": f"{stem}.jsonl", "text": "\n".join(exchange.dump(db, [queue], person)) + "\n"}
    if kind == "csv":
        return {"file": f"{stem}.csv", "text": flat.as_csv(db, queue, person)}
    if kind == "label-studio-config":
        return {"file": f"{stem}-config.xml", "text": formats.LABEL_STUDIO + "\n"}
    rows, found = list(flat.rows(db, queue, person)), flat.suggestions(db, queue)
    if kind == "doccano":
        return {"file": f"{stem}-doccano.jsonl", "text": "".join(row + "\n" for row in formats.doccano_lines(rows))}
    if kind in ("label-studio", "argilla"):
        made = formats.label_studio(rows, found) if kind == "label-studio" else formats.argilla(rows, found)
        return {"file": f"{stem}-{kind}.json", "text": json.dumps(made, ensure_ascii=False, indent=1) + "\n"}
    raise StoreError(f"{kind!r} is no format; formats are {', '.join(FORMATS)}")
