"""Serve the page: `python app.py --help`."""

import argparse
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from models.hub.settings import add_options, set_by


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Show what LLM context compressors lose.", allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, help="default: 7860, or the next free one")
    parser.add_argument("--present", action="store_true", help="open in present mode: large, without controls")
    parser.add_argument("--device", help="where bundled models compute: cpu (default), cuda, cuda:1, mps")
    parser.add_argument("--pipeline", metavar="NAME", help="a spaCy pipeline for the ledger, in place of the bundled one")
    parser.add_argument("--compressors", nargs="+", metavar="NAME[@RATIO]", help="shown at the start, at most four")
    parser.add_argument("--reader", metavar="MODEL", help="a causal language model that reads what comes back on the Probe page")
    parser.add_argument("--auth", type=Path, metavar="FILE", help="ask for a name and password; lines user:password")
    parser.add_argument("--database", metavar="URL", help="of annotations: a SQLite file, or postgresql://USER@HOST/NAME")
    parser.add_argument("--mcp", action="store_true", help="serve tools for language models at /gradio_api/mcp/")
    options = add_options(parser).parse_args(given)
    if options.device and not re.fullmatch(r"cpu|mps|(cuda|xpu)(:\d+)?", options.device):
        raise ValueError(f"unknown device {options.device!r}; known: cpu, cuda, cuda:N, xpu, mps")
    if not 1 <= (options.port or 1) <= 65535:
        raise ValueError(f"--port {options.port} is not between 1 and 65535")
    if options.mcp and (options.auth or find_spec("mcp") is None):
        raise ValueError("--mcp needs the package mcp (pip install 'gradio[mcp]'), and asks for no password: not with --auth")
    return options


def accounts(file: Path) -> list[tuple[str, str]]:
    """Names and passwords of a file; blank lines and lines that start with # are left out."""
    lines = [line.partition(":") for line in file.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    if not lines or not all(colon and name.strip() for name, colon, _ in lines):
        raise ValueError(f"{file} must hold lines user:password, at least one")
    return [(name.strip(), password) for name, _, password in lines]


def main() -> int | None:
    try:
        options = arguments()
        os.environ.update({f"INSPECTOR_{k.upper()}": v for k in ("device", "pipeline") if (v := getattr(options, k))})
        set_by(options)
        from inspector.pages import annotations, build, launch_options

        settings = launch_options(present=options.present) | {"server_name": options.host, "server_port": options.port}
        settings |= {"mcp_server": options.mcp or None, "auth": accounts(options.auth) if options.auth else None}
        store = annotations(options.database, options.host, options.auth)
        build(compressors=options.compressors, store=store, present=options.present, reader=options.reader).launch(**settings)
    except (ValueError, OSError) as error:
        print(f"app.py: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
