"""Numbers, dates, times and measures of a text, found by rules and compared by value.

`quantities(text)` finds them, `same(a, b)` says how two compare. English words and patterns; digits of any script.
What it cannot do: `one`, `a hundred`, `first` and the like are marked `weak`, since no grammar is looked at; `3/4/2020`
is read month first; a plain number from 1000 to 2100 is taken for a year (which equals a number of that value);
`ten past five` without a.m. fits both halves of a day. Numbers inside identifiers (A320, COVID-19, URLs) are left out.
Time and memory are linear in the text's length.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isclose
from typing import Literal

from inspector.divergence.quantity_dates import Dates
from inspector.divergence.quantity_numbers import Date, Found
from inspector.divergence.quantity_tables import AFTER, BOUNDS, DASHES, DIMENSION, OFFSET, OPENERS, ROMAN_VALUES, STARTERS, Bound
from inspector.divergence.quantity_tokens import MASK, NUM, WORD

Likeness = Literal["same", "less exact", "more exact", "bound", "different"]


@dataclass(frozen=True)
class Quantity:
    """`text` is the source's [start, end), words such as "more than" or "between" included."""

    start: int
    end: int
    text: str
    kind: str  # number percent money date time ordinal measure range age fraction score numeral ("World War II")
    values: tuple[float, ...]  # one; two for ranges and scores; minutes of the day; a year alone, else none for dates
    unit: str | None = None  # km, USD, %, year, times; am or pm for times
    date: Date | None = None
    bound: Bound | None = None
    weak: bool = False  # "one", "a hundred", "first", "half": often no statement about a number


def quantities(text: str) -> list[Quantity]:
    """All quantities of a text, in order, disjoint; the longest reading at each place."""
    parser, found, i = Parser(text), [], 0
    while i < len(parser.tokens):
        got = parser.read(i)
        if got is None:
            i += 1
            continue
        got, first = parser.bounded(got, i, found[-1].end if found else 0)
        start, end = parser.at(first).start, parser.at(got.last - 1).end
        found.append(Quantity(start, end, text[start:end], got.kind, got.values, got.unit, got.date, got.bound, got.weak))
        i = got.last
    return found


class Parser(Dates):
    """Which rule reads what: the longest wins; then ranges and scores, then words such as "more than"."""

    def read(self, i: int) -> Found | None:
        """A quantity that begins at token i."""
        token = self.at(i)
        if token.lower in OPENERS:
            first = self.atom(i + 1)
            return first and self.pair(first, token.lower)
        if token.kind == MASK or (token.kind == WORD and token.lower not in STARTERS and token.text[0] not in ROMAN_VALUES):
            return None
        found = self.atom(i)
        return found and (self.pair(found, None) or found)

    def atom(self, i: int) -> Found | None:
        """The longest of what the rules find, without ranges."""
        token = self.at(i)
        if token.kind in (MASK, "end") or (token.glued and token.kind == NUM and self.at(i - 1).text in ("/", "\\")):
            return None
        rules = (self.date, self.clock, self.aged, self.amount, self.ordinal, self.roman, self.times)
        return max(filter(None, (rule(i) for rule in rules)), key=lambda found: found.last, default=None)

    def aged(self, i: int) -> Found | None:
        """ "aged 19", "at the age of nineteen"."""
        j = self.seq(i, "aged") or self.seq(i, "age of") or self.seq(i, "age")
        found = j and self.number(j)
        return replace(found, kind="age", unit="year") if found and found.kind == "number" and found.values[0] < 150 else None

    def pair(self, a: Found, opener: str | None) -> Found | None:
        """A range or a score: "10–15", "from 5 to 10 %", "3–7 May", "1914–18", "3-1"."""
        link, k = self.at(a.last), a.last + 1
        hyphen = link.text in DASHES and link.glued == self.at(k).glued and (link.glued or link.text == "–")
        if not (link.lower in OPENERS[opener] if opener else hyphen or link.lower == "to") or not (b := self.atom(k)):
            return None
        if a.kind == "time" or b.kind == "time":
            return Found(b.last, "range", a.values + b.values, b.unit or a.unit) if a.kind == b.kind else None
        dates = self.dates(a, b, k)
        if dates or "ordinal" in (a.kind, b.kind):
            return dates
        if not all(f.kind in ("number", "percent", "money", "measure", "age", "date") and len(f.values) == 1 for f in (a, b)):
            return None
        (low,), (high,) = a.values, b.values
        if a.unit and a.unit != b.unit and not (b.unit is None and a.kind in ("money", "age")):
            return None
        if (a.kind == "date") != (b.kind == "date") and b.unit is None:
            return None
        if a.scale == 1 and b.scale > 1 and low < 1000:
            low *= b.scale
        if opener is None and low >= high:
            goals = not (a.unit or b.unit) and high == int(high) and low == int(low) and 0 <= high <= low < 200
            return Found(b.last, "score", (low, high)) if goals else None
        return Found(b.last, "range", (low, high), b.unit or a.unit, bound=b.bound)

    def dates(self, a: Found, b: Found, k: int) -> Found | None:
        """Ranges of years, and of days in one month."""
        x, y = a.date, b.date
        if x and x.year and x == Date(x.year):
            if y and y == Date(y.year):
                return Found(b.last, "range", (float(x.year), float(y.year)))
            token, whole = self.at(k), x.year - x.year % 100
            if y is None and b.kind == "number" and len(token.text) == 2 and token.text.isdigit() and b.last == k + 1:
                year = whole + int(token.text)
                return Found(b.last, "range", (float(x.year), float(year))) if year > x.year else None
        if x and x.day and y is None and b.kind in ("number", "ordinal") and b.unit is None and 1 <= b.values[0] <= 31:
            year, last = self.then_year(b.last)
            return Found(last, "range", (float(x.day), b.values[0]), date=replace(x, day=None, year=year or x.year))
        if y and y.day and x is None and a.kind in ("number", "ordinal") and a.unit is None and 1 <= a.values[0] <= 31:
            return Found(b.last, "range", (a.values[0], float(y.day)), date=replace(y, day=None))
        return None

    def bounded(self, found: Found, i: int, free: int) -> tuple[Found, int]:
        """With "more than", "about", "or more" beside it; and the token where it then begins (not before code point `free`)."""
        if found.kind in ("ordinal", "numeral", "score") or self.at(i).text in OPENERS:
            return found, i
        calendar = found.kind in ("date", "time")
        for n in (4, 3, 2, 1):
            words = [self.at(k).lower for k in range(i - n, i)]
            bound = BOUNDS.get(" ".join(words)) if self.at(i - n).start >= free else None
            if bound and words in (["some"], ["over"]) and found.values and found.values[0] < 5:  # "over two rounds"
                bound = None
            year_only = calendar and found.kind == "date" and found.date == Date(found.date.year)
            if bound and (not calendar or bound == "about" or (year_only and bound in ("more than", "less than") and n > 1)):
                plain = {"kind": "number", "date": None} if year_only and bound != "about" else {}
                return replace(found, bound=bound, **plain), i - n
        if not calendar:
            for n in (2, 1):
                words = " ".join(self.at(k).lower for k in range(found.last, found.last + n))
                if words in AFTER and (n > 1 or self.at(found.last).glued):
                    return replace(found, last=found.last + n, bound=AFTER[words]), i
        return found, i


def same(a: Quantity, b: Quantity) -> Likeness:
    """How b (the reconstruction's) compares with a (the source's): "less exact" says that b says less than a.

    "bound": equal values, but one is "more than", "about", "at most" … and the other is not, or another of these.
    """
    if a.date or b.date:
        found = _dates(a, b)
    elif a.kind == b.kind == "time":
        found = _times(a, b)
    else:
        found = _values(a, b)
    return "bound" if found == "same" and a.bound != b.bound else found


def compatible(a: Quantity, b: Quantity) -> bool:
    """Neither contradicts the other, though one may say more."""
    return same(a, b) != "different"


def _dates(a: Quantity, b: Quantity) -> Likeness:
    if a.date is None or b.date is None:
        plain, date = (a, b.date) if b.date else (b, a.date)
        if plain.values == (date.year,) and date == Date(date.year) and plain.unit is None and plain.kind == "number":
            return "same"
        if plain.kind == "ordinal" and plain.values == (date.day,):
            return "more exact" if plain is a else "less exact"
        return "different"
    if (a.kind == "range") != (b.kind == "range") or (a.kind == "range" and a.values != b.values):
        return "different"
    x, y = a.date, b.date
    if x.years != y.years and x.year is not None and y.year is not None:
        wide, narrow = (x, y) if x.years > y.years else (y, x)
        inside = 0 <= narrow.year - wide.year < wide.years
        return "different" if not inside else "more exact" if wide is x else "less exact"
    pairs = [(getattr(x, name), getattr(y, name)) for name in ("year", "month", "day", "weekday", "part")]
    if any(p is not None and q is not None and p != q for p, q in pairs):
        return "different"
    less, more = any(q is None and p is not None for p, q in pairs), any(p is None and q is not None for p, q in pairs)
    shared = any(p is not None and q is not None for p, q in pairs)
    if not (less or more):
        return "same"
    return ("less exact" if less else "more exact") if shared else "different"


def _times(a: Quantity, b: Quantity) -> Likeness:
    if a.unit and b.unit:
        return "same" if a.values == b.values else "different"
    if a.values[0] % 720 != b.values[0] % 720:
        return "different"
    return "same" if a.unit == b.unit else "less exact" if a.unit else "more exact"


def _measure(unit: str | None) -> tuple[str, float]:
    """Dimension and factor of a unit or a rate such as km/hour."""
    if unit is None or unit in DIMENSION:
        return DIMENSION.get(unit, ("", 1.0))
    parts = [DIMENSION.get(part, (part, 1.0)) for part in unit.split("/")]
    dimension, factor = "/".join(part[0] for part in parts), parts[0][1]
    for part in parts[1:]:
        factor /= part[1]
    return {"length/time": "speed"}.get(dimension, dimension), factor


def _values(a: Quantity, b: Quantity) -> Likeness:
    kinds = {a.kind, b.kind}
    numerals = "numeral" in kinds and kinds <= {"numeral", "ordinal", "number"}
    if len(a.values) != len(b.values) or ("ordinal" in kinds and len(kinds) > 1 and not numerals):
        return "different"
    if "time" in kinds and len(kinds) > 1 and "range" not in kinds:
        return "different"
    x, y, unit_a, unit_b = a.values, b.values, a.unit, b.unit
    if kinds == {"fraction", "percent"}:
        x, y = (tuple(v * 100 for v in q.values) if q.kind == "fraction" else q.values for q in (a, b))
        unit_a = unit_b = "%"
    if "pound" in (unit_a, unit_b) and "GBP" in (unit_a, unit_b):
        unit_a = unit_b = "GBP"
    if unit_a == unit_b or ("age" in kinds and None in (unit_a, unit_b)):
        if all(isclose(p, q, rel_tol=1e-9, abs_tol=1e-12) for p, q in zip(x, y)):
            return "same"
        if all(_rounded(p, q, b.bound) for p, q in zip(x, y)):
            return "less exact"
        return "more exact" if all(_rounded(q, p, a.bound) for p, q in zip(x, y)) else "different"
    if None in (unit_a, unit_b):
        equal = x == y and not {"%", "pp"} & {unit_a, unit_b}
        return "different" if not equal else "less exact" if unit_a else "more exact"
    (dimension, p), (other, q) = _measure(unit_a), _measure(unit_b)
    if dimension != other:
        return "different"
    zeros = OFFSET.get(unit_a, 0.0), OFFSET.get(unit_b, 0.0)
    near = (isclose(v * p + zeros[0], w * q + zeros[1], rel_tol=0.01 if not any(zeros) else 0.002) for v, w in zip(x, y))
    return "same" if all(near) else "different"


def _rounded(exact: float, said: float, bound: Bound | None) -> bool:
    """`said` is `exact` rounded to the digits it shows, within 5 %; small whole numbers only if said to be about."""
    if exact == 0 or said == 0 or (exact < 0) != (said < 0) or abs(exact - said) > 0.05 * abs(exact):
        return False
    if not (bound or abs(exact) >= 1000 or exact != int(exact)):
        return False
    shown = f"{abs(said):.12g}"
    if "." in shown:
        step = 10.0 ** -len(shown.split(".")[1])
    else:
        whole = f"{abs(said):.0f}"
        step = 10.0 ** (len(whole) - len(whole.rstrip("0")))
    if bound in ("more than", "at least"):
        return 0 <= exact - said < step
    if bound in ("less than", "at most"):
        return 0 <= said - exact < step
    return abs(exact - said) <= step / 2 * (1 + 1e-9)
