"""`python -m inspector gallery`: the failure cases, and whether they still fail."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any


def add(commands: Any) -> None:
    gallery = commands.add_parser(
        "gallery",
        help="failure cases: what got lost, and whether it still does",
        description="Shows the stored results; --run computes them again.",
        epilog="example: python -m inspector gallery birthplace except --run",
        allow_abbrev=False,
    )
    gallery.add_argument("cases", nargs="*", metavar="CASE", help="such as birthplace; default: all")
    gallery.add_argument(
        "--run", action="store_true", dest="again", help="run the compressors again; exit code 1 if a case no longer fails"
    )
    gallery.add_argument("--store", action="store_true", help="with --run: keep what came back as the stored results")
    gallery.add_argument("--json", action="store_true", help="an object a case, in place of two lines")
    gallery.set_defaults(run=show)


def show(args: argparse.Namespace) -> int:
    from inspector import gallery
    from inspector.cli import BadInput, write
    from inspector.compare import compare

    if args.store and not args.again:
        raise BadInput("--store keeps what --run finds; give both")
    chosen = [gallery.case(name) for name in args.cases] or list(gallery.cases())
    mended = False
    for case in chosen:
        found = compare(case.text, case.compressors) if args.again else gallery.stored(case.id)
        if found is None:
            raise BadInput(f"nothing is stored of {case.id}; run it: python -m inspector gallery {case.id} --run --store")
        if args.store:
            gallery.store(case.id, found)
        texts = gallery.texts(found)
        lost, fails = gallery.lost(case, texts), gallery.fails(case, texts)
        mended = mended or not fails
        first = found.inspections[0]
        piece = gallery.piece(case.text, first.reconstruction.text, case.focus[0])
        if args.json:
            row = {"case": case.id, "fails": fails, "stored": not args.again, "lost": lost}
            row |= {"compressor": first.compressor, "source": list(piece.source), "reconstruction": list(piece.reconstruction)}
            write(json.dumps(row, ensure_ascii=False))
        else:
            write(f"{case.id}  {first.compressor}{'' if fails else '  (no longer fails)'}")
            write(f"  − {_marked(piece.source)}\n  + {_marked(piece.reconstruction)}")
            counts = ", ".join(f"{name} {len(phrases)}" for name, phrases in lost.items())
            write(f"  of {len(case.focus)} phrases lost: {counts}")
    if mended:
        print("gallery: a case no longer fails", file=sys.stderr)
    return 1 if args.again and mended else 0


def _marked(parts: tuple[str, str, str]) -> str:
    before, stretch, after = (" ".join(part.split()) for part in parts)
    return f"… {before} [{stretch}] {after} …"
