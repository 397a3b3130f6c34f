"""`python -m inspector drift`: which does memory prefer, a text's own sentences or altered ones?"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.probes.asked import Asked
    from inspector.probes.drift import MinimalPair
    from inspector.studies.items import Item
    from models.registry import Address

VERSION = 1  # of the JSON
SIDES = (("memory", "given memory"), ("prior", "given nothing"), ("control", "given another text's memory"))
PREFERS = {1.0: "the true one", 0.5: "neither", 0.0: "the altered one", None: "not asked"}
LEGEND = (
    "Nats, ln p(true) − ln p(altered): above 0 the true sentence is preferred. True sentences are better English than altered "
    "ones,\nso read memory's count against the other two. The pairs and their dimensions are ours (docs/probes.md)."
)


def add(commands) -> None:  # type: ignore[no-untyped-def]  argparse's own class is private
    from inspector.cli import natural

    p = commands.add_parser(
        "drift",
        help="which does memory prefer, a text's sentences or altered ones?",
        description="Makes minimal pairs of an English text, from a file or standard input, along seven dimensions.",
        epilog="example: python -m inspector drift --compressor pocket-xs@16 pocket-l@16 < text.txt",
        allow_abbrev=False,
    )
    p.add_argument("file", nargs="?", metavar="FILE", help="the text, UTF-8 (default: standard input)")
    p.add_argument("--compressor", nargs="+", action="extend", required=True, metavar="NAME[@RATIO]", help="one or more")
    p.add_argument("--ratio", type=natural, metavar="R", help="for names without @RATIO; else each compressor's default")
    p.add_argument("--json", action="store_true", help="all that was asked as JSON, instead of tables")
    p.set_defaults(run=drift)


def drift(args: argparse.Namespace) -> int:
    import models.registry
    from inspector.cli import BadInput, ready, typed, write
    from inspector.cli_diverge import text
    from inspector.probes.drift.ask import LANGUAGE, NONE, ask, made_of
    from inspector.probes.own import bare, controls

    table = models.registry.registry()
    addresses = ready(args.compressor, table, args.ratio)
    item = bare(typed() if args.file is None else text(args.file))
    shared = controls([item])
    [pairs] = made_of([item], shared)
    if not pairs:
        raise BadInput(LANGUAGE if pairs is None else NONE)
    found = [(address, ask([item], address, table.load(address), shared)[0]) for address in addresses]
    write(dumped(item, pairs, found) if args.json else "\n".join(lines(item, pairs, found)))
    return 0


def dumped(item: Item, pairs: Sequence[MinimalPair], found: Sequence[tuple[Address, Sequence[Asked]]]) -> str:
    made = [
        {"dimension": p.dimension, "start": p.start, "end": p.end, "how": p.how}
        | {"true": p.true(item.text), "altered": p.altered(item.text)}
        for p in pairs
    ]
    readings = [
        {"compressor": str(address), "ratio": address.ratio, "asked": [each.model_dump() for each in asked]}
        for address, asked in found
    ]
    told = {"version": VERSION, "source": {"text": item.text}, "pairs": made, "readings": readings}
    return json.dumps(told, ensure_ascii=False)


def lines(item: Item, pairs: Sequence[MinimalPair], found: Sequence[tuple[Address, Sequence[Asked]]]) -> Iterator[str]:
    """Each pair with what every compressor prefers, then how often it is the true one, then why some were not asked."""
    from inspector.views.terminal import safe, table

    heads = ("", "memory prefers", *(name for _, name in SIDES))
    able = [(address, asked) for address, asked in found if asked[0].question]
    for k, pair in enumerate(pairs):
        yield f"{pair.dimension}: {safe(pair.how)}"
        yield f"  true     {one_line(pair.true(item.text))}"
        yield f"  altered  {one_line(pair.altered(item.text))}"
        if able:
            rows = [
                (str(a), PREFERS[asked[k].right], *(nats(getattr(asked[k], field)) for field, _ in SIDES)) for a, asked in able
            ]
            yield "\n".join(f"  {line}" for line in table(heads, rows).splitlines())
        yield ""
    if able:
        yield table(
            ("true one preferred", *(name for _, name in SIDES)),
            [(str(address), *(counted(asked, field) for field, _ in SIDES)) for address, asked in able],
        )
        yield ""
    for address, asked in found:
        for (note, put), times in Counter((each.note, each.right is not None) for each in asked if each.note).items():
            many = "" if put else f", {times} of {len(pairs)} pairs not asked" if asked[0].question else ", not asked"
            yield f"{safe(str(address))}{many}: {safe(note)}"
    yield LEGEND


def counted(asked: Sequence[Asked], field: str) -> str:
    """How often the true one is preferred, of the pairs that memory was asked about; a tie is half of one."""
    from inspector.probes.drift.ask import right

    values = [value for each in asked if each.right is not None and (value := getattr(each, field)) is not None]
    return f"{sum(map(right, values)):g} of {len(values)}" if values else "–"


def nats(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"


def one_line(text: str) -> str:
    from inspector.views.terminal import safe

    return safe(" ".join(text.split()))
