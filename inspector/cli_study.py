"""`python -m inspector study run | probe | table | statistics | strip`: many texts × many compressors."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from inspector.studies.run import Engine
    from models.registry import Address, Registry

FORMATS = ("markdown", "csv", "latex")


def add(commands) -> None:  # type: ignore[no-untyped-def]  argparse's own class is private
    from inspector.cli import natural

    p = commands.add_parser(
        "study",
        help="many texts × many compressors: run, probe, table, statistics, strip",
        description="See docs/studies.md.",
        allow_abbrev=False,
    )
    parts = p.add_subparsers(dest="part", required=True, metavar="run|probe|table|statistics|strip", parser_class=type(p))
    p = parts.add_parser(
        "run",
        help="compute a study, or go on with one that was broken off",
        description="Computes what the folder does not hold yet, writes results.parquet and manifest.json into it.",
        epilog="example: python -m inspector study run --data jsonl:models/training/held_out/wikipedia2015-test.jsonl --limit 20 "
        "--compressor pocket-xs pocket-l --ratio 4 16 --out runs/study",
        allow_abbrev=False,
    )
    p.add_argument(
        "--data", nargs="+", action="extend", required=True, metavar="FORMAT:FILE",
        help="texts: FORMAT is jsonl text faitheval conflictqa musique qasper pairs; FORMAT:hub:NAME reads the datasets hub",
    )  # fmt: skip
    p.add_argument("--truncate", nargs="+", metavar="K", help="memory as it is (none), its 8 strongest directions (8), 90%% …")
    common(p, natural)
    p.set_defaults(run=run)

    p = parts.add_parser(
        "probe",
        help="ask compressors about texts: drift, knowledge, rag, icl",
        description="Puts the questions that the folder does not hold yet, writes probes.parquet and probes.json into it.",
        epilog="example: python -m inspector study probe --ask knowledge=swapped:wikipedia2021-new "
        "drift=jsonl:models/training/held_out/wikipedia2015-test.jsonl --limit 20 --compressor pocket-xs pocket-l --ratio 4 16 "
        "--out runs/study",
        allow_abbrev=False,
    )
    p.add_argument(
        "--ask", nargs="+", action="extend", required=True, metavar="PROBE=FORMAT:FILE",
        help="a probe and its texts; FORMAT as for run, or swapped:SET (facts that ship), generated:N (demonstrations, for icl)",
    )  # fmt: skip
    p.add_argument(
        "--reader", metavar="MODEL",
        help="a causal language model, folder or hub name, that answers from reconstructions too: of knowledge and rag",
    )  # fmt: skip
    common(p, natural)
    p.set_defaults(run=probe)

    p = parts.add_parser("table", help="means with 95 %% intervals, in the paper's shape", allow_abbrev=False)
    p.add_argument("results", type=Path, metavar="STUDY", help="its folder, or one of its two tables")
    p.add_argument("--format", choices=FORMATS, default="markdown", help="markdown (default), csv or latex")
    p.add_argument("--sets", action="store_true", help="a line for each set of texts too, instead of all together")
    p.set_defaults(run=table)

    p = parts.add_parser("statistics", help="paired comparisons and correlations, Holm-corrected", allow_abbrev=False)
    p.add_argument("results", type=Path, metavar="STUDY", help="its folder, or one of its two tables")
    p.add_argument("--measures", nargs="+", metavar="M", help="that are compared (default: those of the table)")
    p.add_argument("--json", action="store_true", help="all figures as JSON, instead of tables")
    p.set_defaults(run=statistics)

    p = parts.add_parser(
        "strip",
        help="a copy of a study without texts, to be passed on",
        description="Copies a study's tables and manifests without reconstructions, questions and answers; all figures stay.",
        allow_abbrev=False,
    )
    p.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="the study's folder; several are put together")
    p.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the copy goes")
    p.set_defaults(run=strip)


def common(p: argparse.ArgumentParser, natural: Callable[[str], int]) -> None:
    """What `run` and `probe` both take."""
    from models.hub.settings import add_options

    p.add_argument("--compressor", nargs="+", action="extend", required=True, metavar="NAME[@RATIO]", help="one or more")
    p.add_argument("--ratio", type=natural, nargs="+", metavar="R", help="ratios of names without @RATIO (else their default)")
    p.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the study's folder")
    p.add_argument("--limit", type=natural, metavar="N", help="texts of each set at most: the first, or with --seed drawn")
    p.add_argument("--seed", type=int, metavar="S", help="draw the texts of --limit at random; the same seed, the same texts")
    p.add_argument("--fields", nargs="+", metavar="OURS=THEIRS", help="fields of jsonl and text: text id question answer other")
    p.add_argument("--whole", action="store_true", help="of musique and qasper all text, not only what answers the question")
    p.add_argument("--batch", type=natural, metavar="N", help="texts computed together (default 8)")
    p.add_argument("--engine", choices=("process", "ray"), default="process", help="in this process (default), or on Ray")
    p.add_argument("--workers", type=natural, default=1, metavar="N", help="with --engine ray: actors at most (default 1)")
    p.add_argument("--threads", type=natural, metavar="N", help="threads of each worker (default: torch's; 1 on Ray)")
    p.add_argument("--gpus", type=float, default=0, metavar="N", help="with --engine ray: GPUs an actor asks for (default 0)")
    p.add_argument("--cluster", metavar="ADDRESS", help="with --engine ray: a cluster that runs already, or auto")
    add_options(p)
    p.add_argument("--quiet", action="store_true", help="no progress bar")


def begun(args: argparse.Namespace) -> tuple[Registry, list[Address], dict[str, Any]]:
    """The registry, the compressors named, and how data is read; what cannot be used is refused."""
    import models.registry
    from inspector.cli import BadInput, ready
    from inspector.studies.plan import resolved
    from models.hub.settings import set_by

    set_by(args)
    registry = models.registry.registry()
    addresses = resolved(registry, args.compressor, args.ratio or ())
    ready([str(address) for address in addresses], registry)
    if args.engine != "ray" and (args.workers != 1 or args.cluster or args.gpus):
        raise BadInput("--workers, --gpus and --cluster go with --engine ray")
    if args.seed is not None and args.limit is None:
        raise BadInput("--seed goes with --limit: without it all texts are taken")
    return registry, addresses, {"limit": args.limit, "seed": args.seed, "fields": renamed(args.fields), "whole": args.whole}


def run(args: argparse.Namespace) -> int:
    from inspector.cli import plural, write
    from inspector.measures.spectrum import parse_truncation
    from inspector.studies.loaders import Data, load
    from inspector.studies.plan import BATCH
    from inspector.studies.run import study

    registry, addresses, settings = begun(args)
    truncations = [None if t == "none" else t for t in args.truncate or ["none"]]
    for truncation in truncations:
        if truncation is not None:
            parse_truncation(truncation)
    data = [Data.parse(each) for each in dict.fromkeys(args.data)]
    items, reads = load(data, **settings, told=skipped)
    engine = engine_of(args, registry)
    words = {"command": shlex.join(["python", "-m", "inspector", *args.argv]), **settings}
    try:
        made = study(
            items, addresses, args.out, engine, truncations=list(dict.fromkeys(truncations)), batch=args.batch or BATCH,
            reads=reads, told=words, progress=not args.quiet,
        )  # fmt: skip
    finally:
        engine.close()
    left_out = sum(read.skipped for read in reads)
    write(
        f"{made.file}: {plural(made.planned, 'inspection')} of {plural(len(items), 'text')}, {made.before} of them from before, "
        f"{made.failed} failed; {plural(left_out, 'row')} of the data skipped"
    )
    return 0


def skipped(said: str) -> None:
    print(f"skipped: {said}", file=sys.stderr)


def probe(args: argparse.Namespace) -> int:
    from inspector.cli import BadInput, plural, write
    from inspector.probes.asked import probes
    from inspector.studies.loaders import Data, load
    from inspector.studies.plan import BATCH
    from inspector.studies.run import ask

    registry, addresses, settings = begun(args)
    named = []
    for each in dict.fromkeys(args.ask):
        name, equals, data = each.partition("=")
        if name not in probes() or not equals:
            raise BadInput(f"--ask takes PROBE=FORMAT:FILE, PROBE one of {', '.join(probes())}, not {each!r}")
        named.append((probes()[name], Data.parse(data)))
    if args.reader and not any(registered.reads for registered, _ in named):
        able = [name for name, registered in probes().items() if registered.reads]
        raise BadInput(f"--reader has nothing to read in these probes; it goes with {' and '.join(able)}")
    asked, reads = [], []
    for registered, data in named:
        items, [read] = load([data], **settings, told=skipped)
        asked.append((registered, items))
        reads.append(read)
    engine = engine_of(args, registry)
    words = {"command": shlex.join(["python", "-m", "inspector", *args.argv]), **settings}
    try:
        made = ask(
            asked, addresses, args.out, engine, batch=args.batch or BATCH, reader=args.reader, reads=reads, told=words,
            progress=not args.quiet,
        )  # fmt: skip
    finally:
        engine.close()
    write(
        f"{made.file}: {plural(sum(len(items) for _, items in asked), 'text')}, asked about {made.planned} times, "
        f"{made.before} of them from before; {plural(made.failed, 'question')} failed"
    )
    return 0


def renamed(fields: list[str] | None) -> dict[str, str]:
    """`--fields`.

    Raises:
        BadInput: one is not of the form OURS=THEIRS, or there is no such field of ours.
    """
    from inspector.cli import BadInput
    from inspector.studies.items import FIELDS

    found = dict(field.partition("=")[::2] for field in fields or ())
    if wrong := [ours for ours, theirs in found.items() if ours not in FIELDS or not theirs]:
        raise BadInput(f"--fields takes OURS=THEIRS, such as text=body, OURS one of {', '.join(FIELDS)}, not {wrong[0]!r}")
    return found


def engine_of(args: argparse.Namespace, registry: Registry) -> Engine:
    import models.registry
    from inspector.studies.run import InProcess

    if args.engine == "ray":
        from inspector.studies.cluster import RayEngine

        where = {"address": args.cluster, "threads": args.threads or 1, "gpus": args.gpus}
        return RayEngine(registry, models.registry.registry, args.workers, **where)
    if args.threads:
        import torch

        torch.set_num_threads(args.threads)
    return InProcess(registry)


def table(args: argparse.Namespace) -> int:
    from inspector.cli import write
    from inspector.studies.store import both
    from inspector.studies.table import rendered

    results, probes = both(args.results)
    write(rendered(results, args.format, by_set=args.sets, probes=probes))
    return 0


def statistics(args: argparse.Namespace) -> int:
    from inspector.cli import write
    from inspector.studies.statistics import of_study
    from inspector.studies.store import both
    from inspector.studies.table import statistics_markdown

    results, probes = both(args.results)
    made = of_study(results, args.measures, probes)
    write(json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False) if args.json else statistics_markdown(made))
    return 0


def strip(args: argparse.Namespace) -> int:
    from inspector.cli import BadInput, write
    from inspector.studies.store import stripped

    if args.out.resolve() in [folder.resolve() for folder in args.folders]:
        raise BadInput("--out is the study's own folder; name another, so that its texts stay")
    for file in stripped(args.folders, args.out):
        write(str(file))
    return 0
