"""`python -m inspector validate`: does a file hold to the contract; or with labelled pairs, how right is the ledger?"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from models.said import first_line


def add(commands) -> None:  # type: ignore[no-untyped-def]  argparse's own class is private
    from inspector.cli import natural

    check = commands.add_parser(
        "validate",
        help="check JSON against the contract, or the ledger against labelled pairs",
        description="With files: do they hold to the contract? With --data: how right is the divergence ledger?",
        allow_abbrev=False,
    )
    check.add_argument("files", nargs="*", metavar="FILE", help="one comparison, or JSON lines of them; - for standard input")
    check.add_argument(
        "--data", type=Path, metavar="FOLDER", help="labelled pairs, in FOLDER/divergence; prints a Markdown table"
    )
    check.add_argument(
        "--sets", nargs="+", metavar="SET", help="with --data: summedits bump condaqa grammar constructions frank (default: all)"
    )
    check.add_argument("--limit", type=natural, metavar="N", help="with --data: pairs of each set at most")
    check.add_argument("--pipeline", metavar="NAME", help="with --data: a spaCy pipeline in place of the bundled one")
    check.add_argument("--pairs", type=Path, metavar="FILE", help="with --data: also write each pair with what was found")
    check.add_argument("--json", type=Path, metavar="FILE", dest="out", help="with --data: also write the figures as JSON")
    check.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """A line for each file; exit 1 if one does not hold to the contract. With --data the ledger's figures."""
    from inspector.cli import FAILED, BadInput, plural, utf8, write

    if bool(args.files) == bool(args.data):
        raise BadInput("give files to check, or --data with labelled pairs (see python -m inspector validate --help)")
    if args.data:
        from inspector.validation.run import main as measure

        return measure(args.data, args.sets, args.limit, args.pipeline, args.pairs, args.out)
    bad = 0
    for name in args.files:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            raise BadInput(f"cannot read {name}: {error.strerror}") from None
        try:
            count, errors = check(utf8(data, "the file"))
            write(f"{name}: valid, {plural(count, 'comparison')}" + (f", {plural(errors, 'error line')}" if errors else ""))
        except ValueError as error:
            bad += 1
            write(f"{name}: {first_line(error)}")
    return FAILED if bad else 0


def check(text: str) -> tuple[int, int]:
    """Comparisons and error lines in a file of one comparison, or of JSON lines.

    Raises:
        ValueError: the first breach of the contract, with its line and field.
    """
    from inspector.cli import BadInput, parsed

    counts = [0, 0]
    for place, part in parts(text):
        try:
            row = parsed(part)
            error = isinstance(row, dict) and set(row) == {"error"} and isinstance(row["error"], str)
            if not error and (problem := next(problems(part), None)):
                raise BadInput(problem)
        except BadInput as problem:
            raise BadInput(f"{place}{problem}") from None
        counts[error] += 1
    return counts[0], counts[1]


def parts(text: str) -> Iterator[tuple[str, str]]:
    """(Place, JSON text) of each comparison: lines where the first line is JSON by itself, else the whole."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    try:
        json.loads(lines[0][1] if len(lines) > 1 else "")
        yield from ((f"line {number}: ", line) for number, line in lines)
    except (json.JSONDecodeError, RecursionError):
        yield "", text


def problems(text: str) -> Iterator[str]:
    """What breaks the contract in the JSON of a comparison: first its shape, then what its values say of each other."""
    from pydantic import ValidationError

    from inspector.inspection import VERSION, Comparison

    try:
        made = Comparison.from_json(text)
    except ValidationError as error:
        for each in error.errors():
            yield f"{'.'.join(map(str, each['loc'])) or 'the file'}: {each['msg']}"
        return
    if made.version != VERSION:
        yield f"version: {made.version} is not {VERSION}, the version of this contract"
    length = len(made.source.text)
    for index, inspection in enumerate(made.inspections):
        tokens = inspection.trace.tokens if inspection.trace else ()
        for field, spans in (("memory.windows", inspection.memory.windows), ("trace.tokens", tokens)):
            for number, span in enumerate(spans):
                if not 0 <= span.start <= span.end <= length:
                    yield f"inspections.{index}.{field}.{number}: span {span.start}–{span.end} lies outside the source"
        values = inspection.spectrum.singular_values if inspection.spectrum else ()
        if any(a < b for a, b in pairwise(values)):
            yield f"inspections.{index}.spectrum.singular_values: not descending"
