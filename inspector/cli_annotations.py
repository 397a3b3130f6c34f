"""`python -m inspector annotations …`: queues of texts to label, and what became of them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.hub.settings import add_options, set_by

if TYPE_CHECKING:
    from inspector.annotations.database import Database

FORMATS = ("jsonl", "csv", "doccano", "label-studio", "label-studio-config", "argilla", "datasets")


def add(commands, natural: Callable[[str], int]) -> None:  # type: ignore[no-untyped-def]  argparse's own class is private
    top = commands.add_parser(
        "annotations",
        help="texts for people to label, and their labels",
        description="Queues of texts for annotators, their labels, how far they agree, and what the detectors are worth.",
        epilog="example: python -m inspector annotations import texts.jsonl --queue first --annotators 2",
        allow_abbrev=False,
    )
    parts = top.add_subparsers(dest="part", required=True, metavar="COMMAND", parser_class=type(top))

    def part(name: str, run: Callable[..., int], help: str, queue: bool | None = True) -> argparse.ArgumentParser:
        p = parts.add_parser(name, help=help, description=help[:1].upper() + help[1:] + ".", allow_abbrev=False)
        p.add_argument(
            "--database",
            metavar="URL",
            help="sqlite:///FILE.db, a file's name, or postgresql://USER@HOST/NAME (default: annotations.db in $INSPECTOR_DATA, "
            "or in compression-inspector under ~/.local/share, ~/Library/Application Support or %%LOCALAPPDATA%%)",
        )
        if queue is not None:
            p.add_argument("--queue", required=queue, metavar="NAME")
        p.set_defaults(run=opened, part_of=run)
        return p

    p = part("import", take_in, "put texts, pairs or an exported file into a queue", queue=False)
    p.add_argument(
        "files", nargs="+", metavar="FILE", help=".txt, .csv, .jsonl with `text` or `source` and `reconstruction`; or ours"
    )
    p.add_argument("--annotators", type=natural, metavar="K", help="a new queue's: how many label each item (default 1)")
    p.add_argument("--blind", action="store_true", help="a new queue's: hide compressors' names")
    p.add_argument(
        "--suggestions", choices=("first", "after", "never"), help="a new queue's: when they are shown (default after)"
    )
    p.add_argument("--guideline", metavar="FILE", help="Markdown; a new version, in force for this queue from now on")
    p.add_argument("--split", choices=("whole", "paragraphs", "lines"), default="whole", help="of .txt (default whole)")
    p.add_argument("--calibration", action="store_true", help="pairs with gold labels, for the round that comes first")

    p = part("inspect", inspect, "run compressors over a queue's texts; without any, find divergences in its pairs")
    p.add_argument("--compressor", nargs="+", action="extend", metavar="NAME[@RATIO]")
    p.add_argument("--ratio", type=natural, metavar="R", help="for names without @RATIO")
    p.add_argument("--truncate", metavar="N|P%", help="keep the strongest directions of each memory")
    add_options(p)

    p = part("export", export, "write a queue's labels for other programs")
    p.add_argument("--format", choices=FORMATS, default="jsonl", help="default jsonl, ours, without loss")
    p.add_argument("--out", type=Path, metavar="PATH", help="a file, or a folder for datasets (default: standard output)")
    p.add_argument("--pseudonyms", action="store_true", help="stand-ins for annotators' names; comments stay as they are")

    p = part("agreement", agreement, "how far annotators agree")
    p.add_argument("--disagreements", action="store_true", help="list the items to adjudicate, most disputed first")
    p.add_argument("--json", action="store_true", help="as JSON")

    p = part("gold", gold, "adjudicated labels, and the detectors against them")
    p.add_argument("--adopt-unanimous", metavar="NAME", help="adjudicator who makes gold what all annotators said alike")
    p.add_argument("--again", action="store_true", help="detect anew, in place of the suggestions stored")
    p.add_argument("--json", action="store_true", help="as JSON")

    p = part("guideline", guideline, "list the guideline's versions, show one, or put one in force", queue=False)
    p.add_argument("--set", metavar="FILE", help="Markdown, in force for --queue from now on")
    p.add_argument("--show", metavar="ID", help="print this version; the start of its id is enough")

    p = part("people", people, "names and roles", queue=None)
    p.add_argument("--set", nargs="+", metavar="NAME=ROLE", help="roles: annotator, adjudicator, admin")

    part("queues", listed, "list queues and their progress", queue=None)


def opened(args: argparse.Namespace) -> int:
    from inspector.annotations.database import open_database

    with open_database(args.database) as db:
        return args.part_of(args, db)


def write(text: str) -> None:
    from inspector.cli import write

    write(text)


def content(name: str) -> bytes:
    from inspector.cli import BadInput

    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {name}: {error.strerror}") from None


def take_in(args: argparse.Namespace, db: Database) -> int:
    from inspector.annotations import exchange, texts
    from inspector.cli import BadInput, plural, utf8

    files = [(name, content(name)) for name in args.files]
    ours = {name: data for name, data in files if exchange.is_ours(data.partition(b"\n")[0].decode("utf-8", "replace"))}
    for name, data in ours.items():
        counts = exchange.load(db, utf8(data, name).split("\n"))
        write(f"{name}: {plural(counts['items'], 'new item')}, {plural(counts['events'], 'new event')}")
    rest = [(name, data) for name, data in files if name not in ours]
    if not rest and args.queue is None:
        return 0
    if args.queue is None:
        raise BadInput("--queue is needed: the name of the queue that the texts go to")
    found = [each for name, data in rest for each in texts.read(name, data, args.split)]
    guide = utf8(content(args.guideline), args.guideline) if args.guideline else None
    settings = {"annotators": args.annotators, "blind": args.blind or None, "shown": args.suggestions}
    given = {key: value for key, value in settings.items() if value is not None}
    new, pairs = texts.take_in(db, args.queue, found, settings=given, guideline=guide, calibration=args.calibration)
    write(f"{args.queue}: {plural(new, 'new text')}, {plural(pairs, 'pair')}")
    return 0


def inspect(args: argparse.Namespace, db: Database) -> int:
    from inspector.annotations import runs
    from inspector.cli import FAILED, plural

    if args.compressor:
        import models.registry
        from inspector.cli import ready

        set_by(args)
        ready(args.compressor, models.registry.registry(), args.ratio)
        steps = runs.inspect(db, args.queue, args.compressor, ratio=args.ratio, truncate=args.truncate)
    else:
        steps = runs.suggest(db, args.queue)
    step = None
    for step in steps:
        print(f"\r{step.done} of {plural(step.total, 'text')}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for failure in step.failed if step else ():
        print(failure, file=sys.stderr)
    return FAILED if step and step.failed else 0


def export(args: argparse.Namespace, db: Database) -> int:
    from inspector.annotations import exchange, flat, formats
    from inspector.cli import BadInput

    person = exchange.pseudonyms() if args.pseudonyms else exchange.as_they_are
    if args.format == "datasets":
        if args.out is None:
            raise BadInput("--out is needed: the folder to write")
        try:
            files = flat.as_folder(db, args.queue, args.out, person)
        except OSError as error:
            raise BadInput(error.strerror or str(error)) from None
        print("\n".join(map(str, files)), file=sys.stderr)
        return 0
    if args.format == "jsonl":
        text = "\n".join(exchange.dump(db, [args.queue], person))
    elif args.format == "csv":
        text = flat.as_csv(db, args.queue, person).removesuffix("\n")
    elif args.format == "label-studio-config":
        text = formats.LABEL_STUDIO
    else:
        rows, found = list(flat.rows(db, args.queue, person)), flat.suggestions(db, args.queue)
        if args.format == "doccano":
            text = "\n".join(formats.doccano_lines(rows))
        else:
            made = formats.label_studio(rows, found) if args.format == "label-studio" else formats.argilla(rows, found)
            text = json.dumps(made, ensure_ascii=False, indent=1)
    if args.out is None:
        write(text)
        return 0
    try:
        args.out.write_text(text + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadInput(f"cannot write {args.out}: {error.strerror}") from None
    return 0


def agreement(args: argparse.Namespace, db: Database) -> int:
    from inspector.annotations import agreement as measures
    from inspector.annotations import queues, report

    labels = measures.held(queues.labels_of(db, args.queue))
    made: Any = measures.disagreements(labels) if args.disagreements else measures.agreement(labels)
    said = report.disagreements if args.disagreements else report.agreement
    write(json.dumps(made, ensure_ascii=False) if args.json else said(made))
    return 0


def gold(args: argparse.Namespace, db: Database) -> int:
    from inspector.annotations import agreement as measures
    from inspector.annotations import detectors, flat, queues, report, store
    from inspector.annotations import gold as decided

    labels = measures.held(queues.labels_of(db, args.queue))
    if args.adopt_unanimous:
        for item, by in labels.items():
            right, after = decided.of(db, item)
            alike = measures.unanimous(by)
            if right is None and alike is not None:
                decided.adjudicate(db, item, args.adopt_unanimous, alike, after=after)
    right = {item: label for item, label in decided.all_of(db).items() if item in labels}
    if args.again:
        from inspector.divergence import diverge

        found: dict[str, Any] = dict(detectors.fresh({item: store.item(db, item) for item in right}, diverge))
    else:
        found = flat.suggestions(db, args.queue)
    made = {"gold": len(right), "of": len(labels), **detectors.against_gold(right, found)}
    write(json.dumps(made, ensure_ascii=False) if args.json else report.detectors(made))
    return 0


def guideline(args: argparse.Namespace, db: Database) -> int:
    from inspector.annotations import queues, store
    from inspector.cli import BadInput, utf8

    if args.show:
        write(store.guideline(db, args.show))
        return 0
    if args.set:
        if args.queue is None:
            raise BadInput("--queue is needed: where the guideline is in force")
        queues.queue(db, args.queue)
        queues.set_guideline(db, args.queue, store.add_guideline(db, utf8(content(args.set), args.set)))
    force = {queue.guideline: queue.name for queue in queues.all_queues(db) if args.queue in (None, queue.name)}
    for identity, time in store.all_guidelines(db):
        write(f"{identity[:12]}  {time[:19]}  {'in force: ' + force[identity] if identity in force else ''}".rstrip())
    return 0


def people(args: argparse.Namespace, db: Database) -> int:
    from inspector.annotations import store
    from inspector.cli import BadInput

    for each in args.set or ():
        name, equals, role = each.rpartition("=")
        if not equals:
            raise BadInput(f"{each!r} is not NAME=ROLE")
        store.set_person(db, name, role)  # type: ignore[arg-type]  checked there
    write("\n".join(f"{name}  {role}" for name, role in store.roles(db).items()) or "nobody yet")
    return 0


def listed(args: argparse.Namespace, db: Database) -> int:
    from inspector.annotations import queues, report

    write(report.queues([(queue, queues.progress(db, queue.name)) for queue in queues.all_queues(db)]))
    return 0
