"""The command line, `python -m inspector COMMAND …`: a contract that others script against (docs/contract.md).

Exit codes: 0; 1 where something asked for could not be done; 2 for bad input. Both come with one line on stderr.
torch and the models load only where a text is inspected.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from inspector import (
    cli_annotations,
    cli_diverge,
    cli_drift,
    cli_export,
    cli_gallery,
    cli_knowledge,
    cli_overwriting,
    cli_probes,
    cli_study,
    cli_truncation,
    cli_validate,
)
from models.hub.settings import add_options, set_by
from models.said import first_line

if TYPE_CHECKING:
    from inspector.inspection import Comparison
    from models.registry import Address, Registry

BAD_INPUT, FAILED, BROKEN_PIPE, INTERRUPTED = 2, 1, 141, 130
MOST_ALTERNATIVES = 100
LOADING = (  # take --allow, --hub
    *("compressors", "inspect", "overwriting", "truncation"),
    *("counterfactual", "sample", "knowledge", "drift", "benchmark"),
)


class BadInput(ValueError):
    """What was given cannot be used; the message is one sentence."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line in place of argparse's usage and message."""
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def natural(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def alternatives(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MOST_ALTERNATIVES:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {MOST_ALTERNATIVES}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="python -m inspector", description="Shows what LLM context compressors lose.", allow_abbrev=False)
    top.add_argument("--debug", action="store_true", help="log to stderr, and show tracebacks")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)

    listing = commands.add_parser("compressors", help="list the compressors that can be named", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="a list with an object for each, instead of a table")
    listing.set_defaults(run=compressors)

    inspect = commands.add_parser(
        "inspect",
        help="compress a text, bring it back, and measure what was lost",
        description="Reads a text as UTF-8 from standard input, or many with --texts.",
        epilog="example: python -m inspector inspect --compressor pocket-l@4 pocket-l@16 --json < text.txt > made.json",
        allow_abbrev=False,
    )
    inspect.add_argument("--compressor", nargs="+", action="extend", required=True, metavar="NAME[@RATIO]", help="one or more")
    inspect.add_argument("--ratio", type=natural, metavar="R", help="for names without @RATIO; else each compressor's default")
    inspect.add_argument(
        "--truncate", metavar="N|P%", help="keep the N strongest directions of the memory, or those that hold P %% of its energy"
    )
    inspect.add_argument(
        "--kv", metavar="LAYER.HEAD", help="spectrum of KV caches: of this head's keys, or values with LAYER.HEAD.values"
    )
    inspect.add_argument(
        "--max-top", type=alternatives, default=5, metavar="K", help="alternatives listed for each token (default 5)"
    )
    inspect.add_argument(
        "--bertscore", metavar="MODEL", help="also BERTScore, with this transformers model: a folder, or a name on the hub"
    )
    inspect.add_argument("--pipeline", metavar="NAME", help="a spaCy pipeline for the ledger, in place of the bundled one")
    inspect.add_argument("--limit", type=natural, metavar="TOKENS", help="refuse longer texts (default: no limit)")
    inspect.add_argument("--texts", metavar="FILE", help="JSON lines with a field `text`; writes a comparison a line, as JSON")
    inspect.add_argument("--json", action="store_true", help="the comparison as JSON, instead of a table and marked texts")
    inspect.set_defaults(run=inspect_texts)

    cli_diverge.add(commands)
    cli_export.add(commands)
    cli_gallery.add(commands)
    cli_overwriting.add(commands, natural)
    cli_truncation.add(commands)
    cli_probes.add(commands)
    cli_knowledge.add(commands)
    cli_drift.add(commands)
    cli_annotations.add(commands, natural)
    cli_study.add(commands)
    cli_validate.add(commands)

    speed = commands.add_parser("benchmark", help="speed against a plain loop, or with many clients", allow_abbrev=False)
    speed.add_argument(
        "--compressor", nargs="+", action="extend", metavar="NAME[@RATIO]", help="compressors that share a decoder"
    )
    speed.add_argument(
        "--repeat", type=natural, default=3, metavar="N", help="runs that each figure is the median of (default 3)"
    )
    speed.add_argument(
        "--clients",
        type=natural,
        metavar="N",
        help="instead: N clients use the page at once, and all answers are checked",
    )
    speed.set_defaults(run=benchmark)
    for name in LOADING:
        add_options(commands.choices[name])
    return top


def compressors(args: argparse.Namespace) -> int:
    from inspector.views.compressors import row_json, table
    from models.registry import registry

    rows = [row_json(row) for row in registry().rows.values()]
    write(json.dumps(rows, ensure_ascii=False, indent=2) if args.json else table(rows))
    return 0


def inspect_texts(args: argparse.Namespace) -> int:
    if args.pipeline:
        from inspector.divergence.language import load

        load(args.pipeline)
        os.environ["INSPECTOR_PIPELINE"] = args.pipeline
    comparison_of = comparer(args)
    if args.texts is None:
        made = comparison_of(typed())
        if args.json:
            write(made.to_json())
        else:
            from inspector.views.terminal import comparison

            write(comparison(made, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
        return 0
    try:
        file = Path(args.texts).open("rb")  # noqa: SIM115, closed below: only opening it is bad input
    except OSError as error:
        raise BadInput(f"cannot read {args.texts}: {error.strerror}") from None
    with file:
        for number, line in enumerate(file, 1):
            try:
                made = comparison_of(text_of(line)).to_json()
            except (ValueError, RuntimeError) as error:
                made = json.dumps({"error": f"line {number}: {first_line(error)}"}, ensure_ascii=False)
            write(made)
    return 0


def typed() -> str:
    """A text from standard input; a person at a terminal is told what is awaited."""
    if sys.stdin.isatty():
        print("Type or paste the text, then Ctrl+D.", file=sys.stderr)
    return utf8(sys.stdin.buffer.read(), "standard input")


def ready(names: Sequence[str], table: Registry, ratio: int | None = None) -> list[Address]:
    """Addresses of compressors that can run here, each once.

    Raises:
        BadInput, UnknownCompressor: there is no such compressor, or it cannot run here.
    """
    addresses = [table.resolve(name, ratio) for name in dict.fromkeys(names)]
    for address in addresses:
        if reason := address.row.why_not():
            raise BadInput(f"{address.row.name} is not ready: {reason}")
    return addresses


def comparer(args: argparse.Namespace) -> Callable[[str], Comparison]:
    """What makes a comparison of a text; unusable settings are refused here, before a text is read.

    Raises:
        BadInput, UnknownCompressor, ValueError: a setting cannot be used.
    """
    import models.registry

    table = models.registry.registry()
    caches = {str(address) for address in ready(args.compressor, table, args.ratio) if address.row.kind == "kv"}
    if args.kv is not None:
        from inspector.measures.kv import parse_head

        parse_head(args.kv)
        if not caches:
            raise BadInput("--kv names a head of a KV cache, and none of these compressors keeps one")
    if args.truncate is not None:
        from inspector.measures.spectrum import parse_truncation

        parse_truncation(args.truncate)
    bertscore = None
    if args.bertscore is not None:
        from inspector.measures.bertscore import BertScore

        bertscore = BertScore(args.bertscore)

    def made(text: str) -> Comparison:
        from inspector.compare import compare

        names = ("ratio", "truncate", "max_top", "limit", "kv")
        comparison = compare(text, args.compressor, registry=table, **{name: getattr(args, name) for name in names})
        if args.kv and (without := [i for i in comparison.inspections if i.compressor in caches and i.spectrum is None]):
            raise BadInput(without[0].notes["spectrum"])
        return bertscore.add_to(comparison) if bertscore else comparison

    return made


def text_of(line: bytes) -> str:
    """Field `text` of a JSON line.

    Raises:
        BadInput: it is no such line.
    """
    row = parsed(utf8(line, "the line"))
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise BadInput('an object with a field "text" that holds a string is needed')
    return row["text"]


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"not JSON: {error.msg} at character {error.pos + 1}" if text.strip() else "the line is empty") from None
    except RecursionError:
        raise BadInput("not usable JSON: nested too deeply") from None


def utf8(data: bytes, what: str) -> str:
    """Text of UTF-8 bytes, less a byte order mark.

    Raises:
        BadInput: they are not UTF-8; says where.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{what} is not UTF-8: byte {error.start + 1} is 0x{data[error.start]:02x}") from None


def plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def benchmark(args: argparse.Namespace) -> int:
    import models.registry

    if args.clients:
        from inspector.clients import main
    else:
        from inspector.benchmark import main
    table = models.registry.registry()
    for address in args.compressor or ():
        table.resolve(address)
    return main(args, table)


def write(text: str) -> None:
    print(text, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; `--help` and unusable arguments leave by SystemExit."""
    for out in (sys.stdout, sys.stderr):
        if hasattr(out, "reconfigure"):  # UTF-8 whatever the locale; lone surrogates in a file's name are shown escaped
            out.reconfigure(encoding="utf-8", errors="backslashreplace")
    args = parser().parse_args(argv)
    args.argv = list(sys.argv[1:] if argv is None else argv)  # a study's manifest repeats its command
    logging.getLogger("inspector").addHandler(logging.StreamHandler() if args.debug else logging.NullHandler())
    try:
        if args.command in LOADING:
            set_by(args)
        return args.run(args)
    except BrokenPipeError:  # the reader has gone; nothing more can be said there, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if args.debug:
            raise
        print(f"{args.command}: {first_line(error)}", file=sys.stderr)
        return BAD_INPUT if isinstance(error, ValueError) else FAILED
