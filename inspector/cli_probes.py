"""`python -m inspector counterfactual` and `… sample`: other words in place, and reconstructions drawn several times."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.probes.counterfactual import Counterfactual, Odds
    from inspector.probes.samples import Samples


def add(commands) -> None:  # type: ignore[no-untyped-def]  argparse's own class is private
    from inspector.cli import natural

    p = commands.add_parser(
        "counterfactual",
        help="how likely other words are in the place of the source's, with memory and without",
        description="Reads a text as UTF-8 from standard input. Every ratio of every compressor named is read.",
        epilog='example: python -m inspector counterfactual --compressor superposition-s --words "blue-banded bee" '
        '--others "honey bee" bumblebee < text.txt',
        allow_abbrev=False,
    )
    p.add_argument("--compressor", nargs="+", action="extend", required=True, metavar="NAME[@RATIO]", help="one or more")
    p.add_argument("--words", required=True, metavar="WORDS", help="words of the text, as they stand there")
    p.add_argument("--others", nargs="+", action="extend", required=True, metavar="WORDS", help="what could stand there instead")
    p.add_argument("--ratio", type=natural, metavar="R", help="a further ratio, for names without @RATIO")
    p.add_argument("--json", action="store_true", help="all numbers as JSON, instead of tables")
    p.set_defaults(run=counterfactual)

    p = commands.add_parser(
        "sample",
        help="what comes back when the reconstruction is drawn several times",
        description="Reads a text as UTF-8 from standard input.",
        epilog="example: python -m inspector sample --compressor superposition-s@64 --samples 8 --temperature 1.0 < text.txt",
        allow_abbrev=False,
    )
    p.add_argument("--compressor", required=True, metavar="NAME[@RATIO]", help="one that decodes text from memory")
    p.add_argument("--samples", type=natural, default=8, metavar="N", help="how many are drawn (default 8)")
    p.add_argument("--temperature", type=float, default=1.0, metavar="T", help="above 0; near 0 all are greedy (default 1.0)")
    p.add_argument("--seed", type=int, default=0, metavar="S", help="the same seed draws the same samples (default 0)")
    p.add_argument("--json", action="store_true", help="all texts and divergences as JSON, instead of a table")
    p.set_defaults(run=sample)


def counterfactual(args: argparse.Namespace) -> int:
    import models.registry
    from inspector.cli import ready, typed, write
    from inspector.probes.counterfactual import counterfactual

    table = models.registry.registry()
    ready(args.compressor, table, args.ratio)
    made = counterfactual(typed(), args.words, args.others, args.compressor, ratio=args.ratio, registry=table)
    write(made.to_json() if args.json else "\n".join(odds_lines(made)))
    return 0


def sample(args: argparse.Namespace) -> int:
    import models.registry
    from inspector.cli import ready, typed, write
    from inspector.probes.samples import sample

    table = models.registry.registry()
    ready([args.compressor], table)
    settings = {"samples": args.samples, "temperature": args.temperature, "seed": args.seed, "registry": table}
    made = sample(typed(), args.compressor, **settings)
    write(made.to_json() if args.json else "\n".join(sample_lines(made)))
    return 0


def odds_lines(made: Counterfactual) -> Iterator[str]:
    """For each compressor at each ratio a table of the candidates, means over the occurrences."""
    from inspector.views.terminal import safe, table

    for reading in made.readings:
        yield safe(f"{reading.compressor}: {made.words!r} stands {len(reading.occurrences)}×")
        if reading.mean:
            heads = ("candidate", "with memory", "without", "nats with", "nats without", "a token with", "a token without")
            yield table(heads, [odds_cells(odds, made.words) for odds in reading.mean])
        yield from dict.fromkeys(filter(None, (reading.note, *(o.note for o in reading.occurrences))))
        yield ""


def odds_cells(odds: Odds, own: str) -> tuple[str, ...]:
    def share(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.1f} %"

    nats = (odds.memory, odds.prior, odds.memory_per_token, odds.prior_per_token)
    name = f"{odds.words} (source)" if odds.words == own else odds.words
    return name, share(odds.memory_share), share(odds.prior_share), *("–" if v is None else f"{v:.2f}" for v in nats)


def sample_lines(made: Samples) -> Iterator[str]:
    """Divergences by how often they came back; then the texts."""
    from inspector.views.terminal import safe, table

    drawn = len(made.samples)
    said = "" if made.agreement is None else f", mean agreement {made.agreement:.2f}"
    yield f"{made.compressor}: {drawn} samples at temperature {made.temperature:g}, seed {made.seed}{said}"
    rows = [
        (
            f"{r.samples}/{drawn}",
            "greedy too" if r.greedy else "",
            r.severity,
            r.kind,
            r.source.text if r.source else "(added)",
            ", ".join(f"{v.text or '(nothing)'} ×{v.samples}" for v in r.variants),
        )
        for r in made.recurring
        if r.severity != "acceptable"
    ]
    if rows:
        yield table(("samples", "", "severity", "kind", "source", "came back"), [[" ".join(c.split()) for c in r] for r in rows])
    for name, telling in (("greedy", made.greedy), *((f"sample {k}", s) for k, s in enumerate(made.samples, 1))):
        yield f"\n{name}"
        yield safe(telling.text)
    if made.note:
        yield made.note
