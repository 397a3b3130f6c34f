"""`python -m inspector diverge`: two texts, or JSON lines of pairs, compared in meaning; no compressor."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from models.said import first_line

if TYPE_CHECKING:
    from inspector.inspection import Divergence, Report


def add(commands) -> None:  # type: ignore[no-untyped-def]  argparse's own class is private
    p = commands.add_parser(
        "diverge",
        help="what changed in meaning between two texts",
        description="Compares any source with any rewriting of it; UTF-8 files.",
        epilog="example: python -m inspector diverge --source article.txt --reconstruction summary.txt",
        allow_abbrev=False,
    )
    p.add_argument("--source", metavar="FILE", help="the text that is right")
    p.add_argument("--reconstruction", metavar="FILE", help="the text that came back")
    p.add_argument("--pairs", metavar="FILE", help="JSON lines with `source` and `reconstruction`; writes a line each, as JSON")
    p.add_argument("--pipeline", metavar="NAME", help="a spaCy pipeline in place of the bundled one")
    p.add_argument("--json", action="store_true", help="the report as JSON, instead of lines to read")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from inspector.cli import BadInput

    if args.pairs:
        if args.source or args.reconstruction:
            raise BadInput("give --pairs, or --source and --reconstruction, not both")
        return bulk(args)
    if not args.source or not args.reconstruction:
        raise BadInput("--source and --reconstruction are needed, or --pairs")
    from inspector.cli import write
    from inspector.divergence import diverge

    report = diverge(text(args.source), text(args.reconstruction), pipeline=args.pipeline)
    write(report.model_dump_json() if args.json else "\n".join(lines(report)))
    return 0


def text(name: str) -> str:
    """A file's text.

    Raises:
        BadInput: it cannot be read, is not UTF-8, or is empty.
    """
    from inspector.cli import BadInput, utf8

    try:
        found = utf8(Path(name).read_bytes(), name)
    except OSError as error:
        raise BadInput(f"cannot read {name}: {error.strerror}") from None
    return checked(found, name)


def checked(found: str, what: str) -> str:
    from inspector.cli import BadInput
    from inspector.compare import InputError, validate

    try:
        validate(found)
    except InputError as error:
        raise BadInput(f"{what}: {error}") from None
    return found


def bulk(args: argparse.Namespace) -> int:
    """A line for each line, in the same order; a bad one gives its error, and exit code 0 all the same."""
    import json

    from inspector.cli import BadInput, write
    from inspector.divergence import diverge_many

    try:
        found = Path(args.pairs).read_bytes().splitlines()
    except OSError as error:
        raise BadInput(f"cannot read {args.pairs}: {error.strerror}") from None
    errors: dict[int, str] = {}

    def good() -> Iterator[tuple[str, str]]:
        for number, line in enumerate(found):
            try:
                yield pair(line)
            except ValueError as error:
                errors[number] = f"line {number + 1}: {first_line(error)}"

    reports = diverge_many(good(), pipeline=args.pipeline)
    waiting: Report | None = None
    for number in range(len(found)):
        if number not in errors and waiting is None:
            waiting = next(reports, None)  # reads ahead, and so learns of errors further on
        if number in errors:
            write(json.dumps({"error": errors[number]}, ensure_ascii=False))
        elif waiting is not None:
            write(waiting.model_dump_json())
            waiting = None
    return 0


def pair(line: bytes) -> tuple[str, str]:
    """Source and reconstruction of a JSON line.

    Raises:
        BadInput: it is no such line.
    """
    from inspector.cli import BadInput, parsed, utf8

    row = parsed(utf8(line, "the line"))
    if not isinstance(row, dict) or not all(isinstance(row.get(k), str) for k in ("source", "reconstruction")):
        raise BadInput('an object with fields "source" and "reconstruction" that hold strings is needed')
    return checked(row["source"], "source"), checked(row["reconstruction"], "reconstruction")


def lines(report: Report) -> Iterator[str]:
    """A report to read: the verdict, then an entry a line, serious first."""
    from inspector.views.terminal import safe
    from inspector.views.verdict import known, verdict

    said = verdict(report.divergences, report.retention, read=known(report.language, report.pipeline))
    yield said[:1].upper() + said[1:]
    for d in report.divergences:
        yield safe(f"  {d.severity:<10} {d.kind:<12} {d.change:<12} {where(d)}{d.explanation}")
    yield from report.notes.values()
    if report.pipeline:
        yield f"language {report.language}, pipeline {report.pipeline}"


def where(d: Divergence) -> str:
    """Code points, so that an entry can be found in the files."""
    spans = [f"{side}{s.start}–{s.end}" for side, s in (("", d.source), ("→", d.reconstruction)) if s is not None]
    return f"[{' '.join(spans)}] "
