"""`python -m inspector export`: a comparison as one HTML file, a Markdown table or JSON; gallery cases as a talk."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    export = commands.add_parser(
        "export",
        help="a comparison as one HTML file, a Markdown table or JSON; gallery cases as a talk",
        description="Reads a comparison from standard input, as `inspect --json` writes it; --talk takes stored results.",
        epilog="example: python -m inspector export --html made.html < comparison.json",
        allow_abbrev=False,
    )
    export.add_argument("cases", nargs="*", metavar="CASE", help="with --talk: cases of the gallery in this order; default: all")
    to = export.add_mutually_exclusive_group(required=True)
    to.add_argument("--html", type=Path, metavar="FILE", help="one file that opens from disk, with marks and figures alive")
    to.add_argument("--markdown", action="store_true", help="a table on standard output")
    to.add_argument("--json", action="store_true", help="the comparison, once it is checked, on standard output")
    to.add_argument("--talk", type=Path, metavar="FILE", help="cases of the gallery in one file, stepped through with ← and →")
    export.add_argument("--language", choices=("en", "ko"), help="of labels (default: the reader's browser; English in Markdown)")
    export.set_defaults(run=export_to)


def export_to(args: argparse.Namespace) -> int:
    import models.registry
    from inspector.cli import BadInput, write

    if args.cases and args.talk is None:
        raise BadInput("cases of the gallery go with --talk")
    table = models.registry.registry()
    if args.talk is not None:
        from inspector import gallery
        from inspector.views.export_html import talk

        chosen = [(case, _stored(case.id)) for case in (map(gallery.case, args.cases) if args.cases else gallery.cases())]
        _save(args.talk, talk(chosen, table, args.language))
        return 0
    made = _given()
    if args.html is not None:
        from inspector.views.export_html import standalone

        _save(args.html, standalone(made, table, args.language))
    elif args.markdown:
        from inspector.views.export import markdown

        write(markdown(made, args.language or "en").rstrip("\n"))
    else:
        write(made.to_json())
    return 0


def _stored(name: str) -> Any:
    from inspector import gallery
    from inspector.cli import BadInput

    found = gallery.stored(name)
    if found is None:
        raise BadInput(f"nothing is stored of {name}; run it: python -m inspector gallery {name} --run --store")
    return found


def _given() -> Any:
    """The comparison on standard input.

    Raises:
        BadInput: there is none, several, or it breaks the contract; the message says where.
    """
    from inspector.cli import BadInput, utf8
    from inspector.cli_validate import parts, problems
    from inspector.inspection import Comparison

    if sys.stdin.isatty():
        raise BadInput("give a comparison on standard input, such as < comparison.json")
    text = utf8(sys.stdin.buffer.read(), "standard input")
    if not text.strip():
        raise BadInput("standard input is empty; give a comparison, as `inspect --json` writes it")
    found = list(parts(text))
    if len(found) > 1:
        raise BadInput(f"standard input holds {len(found)} lines; give one comparison")
    if problem := next(problems(found[0][1]), None):
        raise BadInput(problem)
    return Comparison.from_json(found[0][1])


def _save(file: Path, text: str) -> None:
    from inspector.cli import BadInput

    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {file}: {error.strerror}") from None
