"""`python -m inspector overwriting`: how often facts seen in training come back in the place of those a text states."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspector.probes.overwriting import Judged
    from inspector.probes.rates import Rate, Rates
    from inspector.probes.swaps import Swap
    from models.registry import Address, Registry

HEADS = (
    *("compressor", "parameters", "ratio", "swaps, seen / new", "replacement kept, seen / new"),
    *("original back, seen", "original back, new", "difference", "a decoy back, seen / new", "original among errors, seen / new"),
    *("prior prefers original, seen", "prior prefers original, new", "difference"),
)
SMALLER = ("compressor", "ratio", "facts", "swaps, seen / new", "original less decoy, seen", "original less decoy, new")
TEXTS = 200  # paragraphs of each set, with --data


def add(commands, natural: Callable[[str], int]) -> None:  # type: ignore[no-untyped-def]  argparse's own class is private
    p = commands.add_parser(
        "overwriting",
        help="how often facts seen in training overwrite those that a text states",
        description="Swaps names and numbers of paragraphs that were in the training text (seen) and of articles written "
        "after it (new), compresses, brings back, and counts how often the original returns. Prints two Markdown tables.",
        epilog="example: python -m inspector overwriting --compressor superposition-xs@32 superposition-s@32 superposition-s@64",
        allow_abbrev=False,
    )
    p.add_argument("--compressor", nargs="+", action="extend", required=True, metavar="NAME[@RATIO]", help="one or more")
    p.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="paragraphs: wikipedia2015-train and wikipedia2021-new, .jsonl or .jsonl.xz (default: the shipped swaps)",
    )
    p.add_argument(
        "--texts", type=natural, metavar="N", help=f"paragraphs of each set at most (default {TEXTS}, or all that are shipped)"
    )
    p.add_argument("--types", nargs="+", metavar="TYPE", help="entity, number (default: both)")
    p.add_argument("--json", type=Path, metavar="FILE", dest="out", help="write all figures and what came back of each swap")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    import models.registry
    from inspector.cli import BadInput, write

    table = models.registry.registry()
    addresses = resolved(args.compressor, table)
    if args.out and (not args.out.parent.is_dir() or args.out.is_dir()):
        raise BadInput(f"{args.out} is no file in a folder that exists; give --json such a one")
    sets = swaps(args.data, args.texts, args.types)

    from inspector.probes.overwriting import judged

    write("| " + " | ".join(HEADS) + " |\n" + "|---" * len(HEADS) + "|")
    small, results, priors = [], [], {}
    for address in addresses:
        compressor = table.load(address)
        found = {name: judged(compressor, rows, address.ratio, priors=priors) for name, rows in sets.items()}
        line, smaller, result = measured(address, found)
        write(line)
        small += smaller
        results.append(result)
    write("\n| " + " | ".join((*SMALLER, "difference")) + " |\n" + "|---" * (len(SMALLER) + 1) + "|")
    write("\n".join(small))
    if zero := [str(r["compressor"]) for r in results if not all(r["groups"]["all"][name]["overwriting"] for name in sets)]:
        least = min(map(len, sets.values()))
        write(
            f"\nWhere no original came back in a set ({', '.join(zero)}), a bootstrap interval has no width; by the rule of "
            f"three the rate may still be {min(3 / least, 1):.3f}."
        )
    if args.out:
        args.out.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def resolved(names: Sequence[str], table: Registry) -> list[Address]:
    """Addresses of compressors that can be used here.

    Raises:
        BadInput, UnknownCompressor: one of them cannot.
    """
    from inspector.cli import BadInput, ready

    addresses = ready(names, table)
    for address in addresses:
        if not address.row.reconstructs:
            able = ", ".join(row.name for row in table.rows.values() if row.reconstructs)
            raise BadInput(f"{address.row.name} cannot bring a text back; able to: {able}")
    return addresses


def swaps(data: Path | None, texts: int | None, types: Sequence[str] | None) -> dict[str, list[Swap]]:
    """Swaps of both sets, made or shipped.

    Raises:
        BadInput, DataError: an unknown type; paragraphs that cannot be used.
    """
    from inspector.cli import BadInput
    from inspector.probes.rows import SETS, evenly, made, shipped
    from inspector.probes.swaps import TYPES

    chosen = tuple(dict.fromkeys(types or TYPES))
    for kind in chosen:
        if kind not in TYPES:
            raise BadInput(f"unknown type {kind!r}; known: {', '.join(TYPES)}")
    if data is not None:
        return made(data, texts or TEXTS, chosen)
    sets = {}
    for name in SETS:
        rows = shipped(name, chosen)
        paragraphs = list(dict.fromkeys(row.id for row in rows))
        kept = set(evenly(paragraphs, texts or len(paragraphs)))
        sets[name] = [row for row in rows if row.id in kept]
    return sets


def measured(address: Address, found: dict[str, list[Judged]]) -> tuple[str, list[str], dict[str, Any]]:
    """A line of the first table, the lines of the second, and the JSON."""
    from inspector.probes.rates import GROUPS, RATES, difference, rates
    from inspector.probes.rows import NEW, SEEN

    about = {"compressor": str(address), "ratio": address.ratio, "parameters": dict(address.row.parameters)}
    size = address.row.parameters.get("compressor", 0)
    groups: dict[str, Any] = {}
    lines: list[str] = []
    for group, belongs in {"all": lambda j: True, **GROUPS}.items():
        seen, new = (rates([j for j in found[name] if belongs(j)]) for name in (SEEN, NEW))
        differences = {name: difference(seen, new, name) for name in RATES}
        groups[group] = {
            SEEN: seen.json(),
            NEW: new.json(),
            "difference": {
                name: rate and {"value": rate.value, "low": rate.low, "high": rate.high} for name, rate in differences.items()
            },
        }
        if group == "all":
            cells = [address.row.name, f"{size / 1e6:.1f} M", f"{address.ratio}×", *first(seen, new, differences)]
        else:
            cells = [address.row.name, f"{address.ratio}×", group, f"{seen.n} / {new.n}"]
            cells += [interval(r) for r in (seen.rates["excess"], new.rates["excess"], differences["excess"])]
        lines.append("| " + " | ".join(cells) + " |")
    rows = [row_json(j) for name in (SEEN, NEW) for j in found[name]]
    return lines[0], lines[1:], about | {"groups": groups, "swaps": rows}


def first(seen: Rates, new: Rates, differences: dict[str, Rate | None]) -> Iterator[str]:
    def both(name: str) -> str:
        return f"{share(seen.rates[name])} / {share(new.rates[name])}"

    yield f"{seen.n} / {new.n}"
    yield both("kept")
    yield from (interval(r["overwriting"]) for r in (seen.rates, new.rates, differences))
    yield both("decoy")
    yield both("among_errors")
    yield from (interval(r["prior_prefers_original"]) for r in (seen.rates, new.rates, differences))


def share(rate: Rate | None) -> str:
    return "–" if rate is None else f"{rate.value:.3f}"


def interval(rate: Rate | None) -> str:
    return "–" if rate is None else f"{rate.value:.3f} ({rate.low:.3f} to {rate.high:.3f})"


def row_json(j: Judged) -> dict[str, Any]:
    """One swap and what came back of it."""
    fields = ("id", "set", "type", "original", "replacement", "frequency")
    return {f: getattr(j.swap, f) for f in fields} | {
        "decoys": list(j.swap.decoys),
        "outcome": j.outcome,
        "there": list(j.there),
        "decoys_back": j.decoys,
        "memory": j.memory and dict(zip(("replacement", "original"), j.memory, strict=True)),
        "prior": j.prior and dict(zip(("replacement", "original"), j.prior, strict=True)),
    }
