"""Tokens of a text for `quantities`, with the identifiers (model numbers, URLs, phone numbers) masked out."""

from __future__ import annotations

import re
from typing import NamedTuple

from inspector.divergence.quantity_tables import MONTHS, MONTHS_CUT, SHORT, TENS

WORD, NUM, SIGN, MASK = "word", "num", "sign", "mask"
TOKEN = re.compile(
    r"(?P<num>\d{1,3}(?:,\d\d)*(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)|(?P<word>[kcm]?m[23](?!\w)|[^\W\d_]+)|(?P<sign>\S)"
)
RUN = re.compile(r"[\w./:@+_\-–−]+")
LATIN = "A-Za-zÀ-ɏ"
GLUED = (
    "st|nd|rd|th|ST|ND|RD|TH|s|am|pm|AM|PM|a|p|"  # ordinals, the 1990s, 10am
    "k|m|b|bn|mn|mln|tn|M|B|BN|million|billion|trillion|"  # $5m
    + "|".join(sorted((re.escape(f) for f in SHORT if f.isalnum()), key=len, reverse=True))
)
GLUED_RE = re.compile(rf"\d(?!(?:{GLUED})(?![{LATIN}\d]))[{LATIN}]|(?<!\d)\d[GDK](?=$|[.\-])")
IDENTIFIER = re.compile(
    rf"://|^www\.|@|_|[{LATIN}]\d|[{LATIN}]/\d|\d\.\d+\.\d|\d-[A-Z]|^\d+[-–]\d+[-–]\d|^\+\d{{7}}|^\d{{3}}-\d{{4}}$"
)
ALLOWED = re.compile(r"[kcm]?m[23]|[QH][1-4]|\d{4}-[01]?\d-[0-3]?\d|\d{1,3}0-\d{1,3}0")
PREFIXED = re.compile(rf"(?<![{LATIN}\d])([{LATIN}]+)[-–]\d")
PREFIXES = (
    set("mid early late pre post under over sub plus from to between about around circa".split()) | set(MONTHS) | set(MONTHS_CUT)
)
PHONE = re.compile(
    r"(?<!\w)(?:\+\d{1,3}[ .-]?)(?:\(?\d{1,4}\)?[ .-]?){2,5}\d|\(\d{3}\) ?\d{3}[ -]\d{4}|(?<!\d)\d{3}[ .-]\d{3}[ .-]\d{4}(?!\d)"
)
ROMAN = re.compile(r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")


class Token(NamedTuple):
    text: str
    lower: str
    start: int
    end: int
    kind: str
    glued: bool  # nothing between it and the token before


END = Token("", "", -1, -1, "end", False)


def masked(text: str) -> list[tuple[int, int]]:
    """Spans of identifiers: model numbers, versions, URLs, phone numbers, hashes."""
    spans = [m.span() for m in PHONE.finditer(text)] if any(c.isdigit() for c in text) else []
    for match in RUN.finditer(text):
        run = match.group().strip(".:/-–−+_")
        if match.group().startswith("+"):
            run = "+" + run
        if not any(map(str.isdigit, run)):
            if "://" not in run and "@" not in run:
                continue
        elif ALLOWED.fullmatch(run):
            continue
        words = PREFIXED.finditer(run)
        if (
            len(run) > 60
            or IDENTIFIER.search(run)
            or GLUED_RE.search(run)
            or any(m[1].lower() not in PREFIXES and m[1].lower() not in TENS for m in words)
        ):
            spans.append(match.span())
    return sorted(spans)


def tokens(text: str) -> list[Token]:
    """All tokens of a text; those of identifiers have the kind MASK and no `lower`."""
    found: list[Token] = []
    spans = iter([*masked(text), (len(text), len(text) + 1)])
    (start, end), last = next(spans), -1
    for match in TOKEN.finditer(text):
        a, b = match.span()
        while a >= end:
            start, end = next(spans)
        kind = MASK if start <= a else match.lastgroup
        word = match.group()
        found.append(Token(word, "" if kind == MASK else word.lower(), a, b, kind, a == last))
        last = b
    return found
