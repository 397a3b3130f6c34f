"""`python -m inspector truncation`: what is left of a text when only a memory's strongest directions are kept."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.said import first_line

if TYPE_CHECKING:
    from inspector.measures.truncation import Step
    from models.registry import Address


def add(commands) -> None:  # type: ignore[no-untyped-def]  argparse's own class is private
    from inspector.cli import natural

    p = commands.add_parser(
        "truncation",
        help="measure what rank truncation does to the reconstruction",
        description="Keeps the strongest k directions of each memory, for several k, and measures what comes back. Reads a text "
        "as UTF-8 from standard input, or many with --texts. Prints a Markdown table.",
        epilog="example: python -m inspector truncation --compressor superposition-s@16 --directions 1 2 4 8 < text.txt",
        allow_abbrev=False,
    )
    p.add_argument("--compressor", nargs="+", action="extend", required=True, metavar="NAME[@RATIO]", help="one or more")
    p.add_argument("--ratio", type=natural, metavar="R", help="for names without @RATIO; else each compressor's default")
    p.add_argument("--texts", metavar="FILE", help="JSON lines with a field `text`; means over all of them")
    p.add_argument("--limit", type=natural, metavar="N", help="with --texts: the first N texts at most")
    p.add_argument(
        "--directions", nargs="+", metavar="K", help="numbers to keep, or shares of all such as 25%% (default: 1 2 3 4 6 8 12 …)"
    )
    p.add_argument("--json", type=Path, metavar="FILE", help="also write every text's figures and the means, as JSON")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from inspector.cli import write

    addresses, steps = compressors(args), wanted(args.directions)
    texts = given(args)
    from inspector.measures.truncation import summarise, sweep
    from inspector.views.truncation import markdown
    from models.registry import registry

    swept, told = [], []
    for address in addresses:
        name, points = str(address), []
        for point in sweep(registry().load(address), address.ratio, texts, steps, traces=address.row.traces):
            if len(texts) > 1 and (not points or point.text > points[-1].text):
                print(f"\r{name}: {point.text + 1} of {len(texts)}", end="", file=sys.stderr, flush=True)
            points.append(point)
        if len(texts) > 1:
            print(file=sys.stderr)
        rows = summarise(points, steps)
        swept.append((name, rows))
        told.append({"compressor": name, "means": [asdict(row) for row in rows], "points": [asdict(point) for point in points]})
    if args.json:
        save(args.json, {"texts": len(texts), "compressors": told})
    write(markdown(swept))
    return 0


def compressors(args: argparse.Namespace) -> list[Address]:
    """Addresses that can be swept here.

    Raises:
        BadInput, UnknownCompressor: one cannot.
    """
    from inspector.cli import BadInput, ready
    from inspector.measures.truncation import refusal
    from models.registry import registry

    found = ready(args.compressor, registry(), args.ratio)
    for address in found:
        if reason := refusal(address.row):
            raise BadInput(reason)
    return found


def wanted(directions: list[str] | None) -> list[Step] | None:
    """Steps of `--directions`, fewest first within each sort, and the whole memory, against which all are read.

    Raises:
        BadInput: one is neither a count nor a share.
    """
    from inspector.cli import BadInput
    from inspector.measures.truncation import WHOLE, Step

    if directions is None:
        return None
    found = set()
    for text in directions:
        number, share = text.removesuffix("%"), text.endswith("%")
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= (100 if share else 10**9)):
            raise BadInput(f"cannot keep {text[:40]!r} directions: give a count from 1 such as 8, or a share of all such as 25%")
        found.add(Step(share=int(number) / 100) if share else Step(count=int(number)))
    return [*sorted(found - {WHOLE}, key=lambda step: (step.count is None, step.count or step.share)), WHOLE]


def given(args: argparse.Namespace) -> list[str]:
    """The texts to sweep over.

    Raises:
        BadInput: none, or one that cannot be used; says which line.
    """
    from inspector.cli import BadInput, text_of, typed
    from inspector.compare import validate

    if args.texts is None:
        if args.limit:
            raise BadInput("--limit goes with --texts")
        text = typed()
        validate(text)
        return [text]
    try:
        lines = Path(args.texts).read_bytes().splitlines()
    except OSError as error:
        raise BadInput(f"cannot read {args.texts}: {error.strerror}") from None
    found = []
    for number, line in enumerate(lines[: args.limit], 1):
        try:
            found.append(text_of(line))
            validate(found[-1])
        except ValueError as error:
            raise BadInput(f"{args.texts}, line {number}: {first_line(error)}") from None
    if not found:
        raise BadInput(f"{args.texts} holds no texts; give JSON lines with a field `text`")
    return found


def save(file: Path, figures: dict[str, Any]) -> None:
    from inspector.cli import BadInput

    try:
        file.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {file}: {error.strerror}") from None
