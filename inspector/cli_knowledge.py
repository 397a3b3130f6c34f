"""`python -m inspector knowledge`: does memory hold what a text says, or what the decoder knew before?"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspector.probes.asked import Asked
    from inspector.studies.items import Item
    from models.registry import Address, Registry

BATCH = 8  # texts of a file that are computed together
BAR = 24  # cells of a probability bar
SIDES = (("memory", "given memory"), ("prior", "given nothing"), ("control", "given another text's memory"))


def add(commands) -> None:  # type: ignore[no-untyped-def]  argparse's own class is private
    from inspector.cli import natural

    p = commands.add_parser(
        "knowledge",
        help="does memory hold what a text says, or what the decoder knew before?",
        description="Reads a text as UTF-8 from standard input, or many with --texts.",
        epilog="example: python -m inspector knowledge --compressor pocket-xs@16 --answer Lisbon --other Berlin "
        '--question "Where was she born?" < text.txt',
        allow_abbrev=False,
    )
    p.add_argument("--compressor", nargs="+", action="extend", required=True, metavar="NAME[@RATIO]", help="one or more")
    p.add_argument("--ratio", type=natural, metavar="R", help="for names without @RATIO; else each compressor's default")
    p.add_argument("--answer", nargs="+", action="extend", metavar="A", help="what the text says; several are wordings of one")
    p.add_argument("--other", nargs="+", action="extend", metavar="B", help="what a prior would say instead")
    p.add_argument("--question", default="", metavar="Q", help="put to decoders that answer, and to the reader")
    p.add_argument("--reader", metavar="MODEL", help="a causal language model that reads reconstructions: folder or hub name")
    p.add_argument(
        "--texts", metavar="FILE",
        help="JSON lines with text, answer, other and question, as `study` reads them; writes a line of JSON for each",
    )  # fmt: skip
    p.add_argument("--json", action="store_true", help="all that was asked as JSON, instead of bars")
    p.set_defaults(run=knowledge)


def knowledge(args: argparse.Namespace) -> int:
    import models.registry
    from inspector.cli import BadInput, ready, typed, write
    from inspector.probes.own import own

    table = models.registry.registry()
    addresses = ready(args.compressor, table, args.ratio)
    if args.texts is not None and (args.answer or args.other or args.question):
        raise BadInput("--answer, --other and --question stand in the lines of --texts; give the one or the other")
    more: dict[str, Any] = {}
    if args.reader:
        from inspector.probes.reader import load

        more["reader"] = load(args.reader)
    if args.texts is not None:
        for batch in batches(args.texts):
            for line in answered(batch, addresses, table, more):
                write(line)
        return 0
    if not args.answer:
        raise BadInput("--answer is needed: what the text says, in its own words")
    item = own(typed(), args.question, args.answer, args.other or ())
    found = [(address, asked[0]) for address, asked in asked_of([item], addresses, table, more)]
    write(dumped(item, found) if args.json else "\n".join(lines(item, found)))
    return 0


def asked_of(
    items: Sequence[Item], addresses: Sequence[Address], table: Registry, more: dict[str, Any]
) -> Iterator[tuple[Address, list[list[Asked]]]]:
    """By compressor, for each item what was asked."""
    from inspector.probes.knowledge import ask
    from inspector.probes.own import controls

    shared = controls(items) | more
    for address in addresses:
        yield address, ask(items, address, table.load(address), shared)


def batches(file: str) -> Iterator[list[Item | str]]:
    """Items of JSON lines, some at a time; of a line that cannot be used, why.

    Raises:
        BadInput: the file cannot be read.
    """
    from pathlib import Path

    from inspector.cli import BadInput, parsed, utf8
    from inspector.probes.own import own
    from inspector.studies.items import RowError, name, string, strings
    from models.said import first_line

    try:
        opened = Path(file).open("rb")  # noqa: SIM115, closed below: only opening it is bad input
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from None
    batch: list[Item | str] = []
    with opened:
        for number, line in enumerate(opened, 1):
            try:
                row = parsed(utf8(line, "the line"))
                if not isinstance(row, dict):
                    raise RowError('an object with "text" and "answer" is needed')
                asked = own(
                    string(row, "text"),
                    string(row, "question", needed=False) or "",
                    strings(row, "answer"),
                    strings(row, "other"),
                )
                batch.append(replace(asked, id=name(row) or str(number), line=number))
            except ValueError as error:
                batch.append(f"line {number}: {first_line(error)}")
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def answered(batch: Sequence[Item | str], addresses: Sequence[Address], table: Registry, more: dict[str, Any]) -> Iterator[str]:
    """A line of JSON for each: readings, or why there are none."""
    items = [each for each in batch if not isinstance(each, str)]
    found = list(asked_of(items, addresses, table, more)) if items else []
    at = iter(range(len(items)))
    for each in batch:
        if isinstance(each, str):
            yield json.dumps({"error": each}, ensure_ascii=False)
        else:
            k = next(at)
            yield dumped(each, [(address, asked[k]) for address, asked in found])


def dumped(item: Item, found: Sequence[tuple[Address, Sequence[Asked]]]) -> str:
    from inspector.probes.knowledge import VERSION

    made = {"version": VERSION, "id": item.id, "source": {"text": item.text}, "question": item.question}
    made |= {"answers": item.answers, "others": item.others}
    made["readings"] = [
        {"compressor": str(address), "ratio": address.ratio, "asked": [each.model_dump() for each in asked]}
        for address, asked in found
    ]
    return json.dumps(made, ensure_ascii=False)


def lines(item: Item, found: Sequence[tuple[Address, Sequence[Asked]]]) -> Iterator[str]:
    """For each compressor the verdict of each way, bars of the two answers' probabilities, and what came back."""
    from inspector.views.terminal import safe, table

    said = {"kept": f"kept: {item.answers[0]}", "other": f"the prior's: {next(iter(item.others), '')}", "neither": "neither"}
    for address, asked in found:
        yield safe(str(address))
        rows = []
        for each in asked:
            way = f"{each.way} ({each.reader})" if each.reader else each.way
            rows.append((way, each.note or said[each.verdict], each.given or "" if each.way == "answer" else ""))
            rows += [
                (f"  {name}", bar(margin), f"{share(margin):.1%}  {margin:+.2f} nats")
                for field, name in SIDES
                if (margin := getattr(each, field)) is not None
            ]
        yield "\n".join(f"  {line}" for line in table(("", "", ""), rows).splitlines()[1:])
        yield from (f"  {safe(each.given)}" for each in asked if each.way == "reconstruction" and each.given is not None)
        yield ""
    yield "Bars: the source's answer █ against the prior's ·. Sums over tokens favour the shorter one."


def share(margin: float) -> float:
    """p(source's answer) of the two, from the difference of their logarithms."""
    return 1 / (1 + math.exp(-margin)) if margin > -700 else 0.0


def bar(margin: float) -> str:
    full = round(share(margin) * BAR)
    return "█" * full + "·" * (BAR - full)
