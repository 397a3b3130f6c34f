"""Reading numbers, measures and money off a row of tokens: half of what `quantities` does."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inspector.divergence.quantity_tables import (
    DASHES,
    DIMENSION,
    DOLLARS,
    LETTERS,
    LONG,
    NOT_AFTER,
    NOT_BEFORE,
    ORDINALS,
    OWNERS,
    PARTS,
    ROMAN_VALUES,
    SCALES,
    SHORT,
    SIGNS,
    TENS,
    TIMES,
    TITLES,
    UNDER_20,
    VAGUE,
    VULGAR,
    Bound,
)
from inspector.divergence.quantity_tokens import END, NUM, ROMAN, SIGN, WORD, Token, tokens


@dataclass(frozen=True)
class Date:
    year: int | None = None  # negative before Christ; the first one of a decade or century
    month: int | None = None
    day: int | None = None
    weekday: int | None = None  # 0 is Monday
    part: str | None = None  # Q1 to Q4, H1, H2, spring, summer, autumn, winter
    years: int = 1  # 10 for a decade, 100 for a century


@dataclass(frozen=True)
class Found:
    """A quantity while it is being read: tokens [first, last)."""

    last: int
    kind: str
    values: tuple[float, ...]
    unit: str | None = None
    date: Date | None = None
    weak: bool = False
    bound: Bound | None = None
    scale: float = 1.0  # "million" said beside it
    first: int = -1  # where it begins, if not where reading began


class Numbers:
    """Rules for numbers. Every rule takes an index and gives what it found from there, or None."""

    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)

    def at(self, i: int) -> Token:
        return self.tokens[i] if 0 <= i < len(self.tokens) else END

    def joint(self, i: int) -> int:
        """Index after a hyphen inside a word, else i."""
        return i + 1 if self.at(i).text in DASHES and self.at(i).glued and self.at(i + 1).glued else i

    def seq(self, i: int, phrase: str) -> int:
        """Index after the words of a phrase, hyphens between them or not; 0 if they do not stand there."""
        for word in phrase.split():
            i = self.joint(i)
            if self.at(i).lower != word:
                return 0
            i += 1
        return i

    def digits(self, i: int) -> float | None:
        text = self.at(i).text.replace(",", "")
        if self.at(i).kind != NUM or len(text) > 15 or (len(text) > 1 and text[0] == "0" and text[1] != "."):
            return None
        return float(text)

    def small(self, i: int) -> tuple[int, int] | None:
        """Words below 100 (or "a" before hundred, thousand, dozen) and the index after them."""
        word, after = self.at(i).lower, self.at(i + 1).lower
        if word in UNDER_20:
            return UNDER_20[word], i + 1
        if word in TENS:
            j = self.joint(i + 1)
            unit = UNDER_20.get(self.at(j).lower, 0)
            return (TENS[word] + unit, j + 1) if 1 <= unit <= 9 else (TENS[word], i + 1)
        if word in ("a", "an") and (after in SCALES or after in ("hundred", "dozen")):
            return 1, i + 1
        return (1, i) if word == "hundred" else None

    def words(self, i: int) -> Found | None:
        """ "two hundred and five thousand", "nineteen eighty-four"."""
        total, top, j, weak = 0.0, 1e15, i, self.at(i).lower in ("a", "an", "hundred")
        while (got := self.small(j)) is not None:
            value, k = got
            if self.seq(k, "hundred"):
                value, k = value * 100, self.seq(k, "hundred")
                rest = self.small(k + (self.at(k).lower == "and"))
                if rest and self.at(k).lower not in ("a", "an", "hundred") and rest[0] > 0:
                    value, k = value + rest[0], rest[1]
            elif j == i and 13 <= value <= 20 and (rest := self.small(k)) and rest[0] >= 10 and not self.seq(rest[1], "hundred"):
                return Found(rest[1], "date", (value * 100.0 + rest[0],), date=Date(year=value * 100 + rest[0]))
            scale = SCALES.get(self.at(self.joint(k)).lower, 1e15)
            if scale >= top:
                if top == 1e15 or value < top:
                    total, j = total + value, k
                break
            total, top, j = total + value * scale, scale, self.joint(k) + 1
            if self.at(j).lower == "and" and self.small(j + 1) and self.at(j + 1).lower not in ("a", "an"):
                j += 1
                if SCALES.get(self.at(self.small(j)[1]).lower):
                    return Found(j - 1, "number", (total,), weak=weak)
        return Found(j, "number", (total,), weak=weak) if j > i else None

    def slashed(self, i: int) -> bool:
        """A number, a slash and a number without spaces."""
        return self.at(i).kind == self.at(i + 2).kind == NUM and self.at(i + 1).text in ("/", "⁄") and self.at(i + 2).glued

    def ratio(self, i: int) -> Found | None:
        """ "3/4": a usual part of a whole."""
        above, below = self.digits(i), self.digits(i + 2)
        usual = above is not None and below in (2, 3, 4, 5, 6, 8, 10, 16, 100) and above < below
        return Found(i + 3, "fraction", (above / below,)) if usual and self.at(i + 3).text != "/" else None

    def number(self, i: int, money: bool = False) -> Found | None:
        token, word = self.at(i), self.at(i).lower
        if token.text == "." and not token.glued and self.at(i + 1).glued and self.at(i + 1).text.isdigit():
            found = Found(i + 2, "number", (float("0." + self.at(i + 1).text[:15]),))
        elif token.kind == NUM:
            if (value := self.digits(i)) is None:
                return None
            found = Found(i + 1, "number", (value,))
            if self.slashed(i):
                return self.ratio(i)
            if self.slashed(k := self.joint(i + 1)) and (part := self.ratio(k)):
                found = Found(part.last, "number", (value + part.values[0],))
            elif self.at(i + 1).text in VULGAR:
                found = Found(i + 2, "number", (value + VULGAR[self.at(i + 1).text],))
        elif token.text in VULGAR:
            found = Found(i + 1, "fraction", (VULGAR[token.text],))
        elif word in VAGUE:
            value, j = VAGUE[word], i + 1
            while self.at(j).lower == "of" and self.at(j + 1).lower in VAGUE and j < i + 5:
                value, j = value * VAGUE[self.at(j + 1).lower], j + 2
            return Found(j, "number", (value,), weak=True, bound="about")
        elif j := self.seq(i, "a couple of"):
            return Found(j, "number", (2.0,), weak=True, bound="about")
        elif word in SCALES and token.text[0] != word[0].upper() and len(word) > 3:
            return Found(i + 1, "number", (SCALES[word],), weak=True)
        elif word == "dozen":
            return Found(i + 1, "number", (12.0,), weak=True)
        elif word in ("a", "an", "half"):
            found = self.part(i) or self.words(i)
        else:
            found = self.words(i)
        return found and self.scaled(found, i, money)

    def part(self, i: int) -> Found | None:
        """ "half a million", "half an hour", "a third of", "half of"."""
        j = i + 1 if self.at(i).lower in ("a", "an") else i
        word, after = self.at(j).lower, self.at(j + 1).lower
        if word == "half" and after in ("a", "an"):
            beyond = self.at(j + 2).lower
            if beyond in SCALES or beyond in ("dozen", "hundred"):
                scale = SCALES.get(beyond, 12.0 if beyond == "dozen" else 100.0)
                return Found(j + 3, "number", (0.5 * scale,), scale=scale)
            return Found(j + 2, "number", (0.5,)) if beyond in LONG else None
        if word == "half" and (
            j > i or self.at(i - 1).lower not in NOT_AFTER | set(ORDINALS) | set("- later latter better".split())
        ):
            return Found(j + 1, "fraction", (0.5,), weak=after != "of") if self.at(j + 1).text != "-" else None
        return Found(j + 1, "fraction", (1 / PARTS[word],)) if j > i and word in PARTS and after == "of" else None

    def scaled(self, found: Found, i: int, money: bool) -> Found:
        """With what may follow a number: "and a half", thirds, million, dozen."""
        j, value = found.last, found.values[0]
        if k := self.seq(j, "and a half"):
            found = replace(found, last=k, values=(value + 0.5,))
        elif value == int(value) and 1 <= value < 100 and found.kind == "number":
            k = self.joint(j)
            below = PARTS.get(self.at(k).lower)
            if below and value < below and self.at(k).lower.endswith("s") == (value > 1):
                return replace(found, last=k + 1, kind="fraction", values=(value / below,), weak=False)
        k = self.joint(found.last)
        token = self.at(k)
        scale = SCALES.get(token.lower) or (12.0 if token.lower == "dozen" else 100.0 if token.lower == "hundred" else None)
        if scale is None and token.glued and (money or token.text in ("M", "B", "k", "K")):
            scale = LETTERS.get(token.lower)
        if scale and found.kind != "date":
            return replace(found, last=k + 1, kind="number", values=(found.values[0] * scale,), scale=scale)
        return found

    def unit(self, i: int, value: float = 0.0) -> tuple[str, int] | None:
        i = self.joint(i)
        tokens = self.tokens[i : i + 5]
        for n in range(len(tokens), 0, -1):
            exact = " ".join(t.text for t in tokens[:n])
            unit = SHORT.get(exact) or LONG.get(exact.lower())
            if unit == "KRW" and exact == "won" and value < 3000:
                return None
            if unit:
                return unit, i + n
        return None

    def rate(self, unit: str, i: int) -> tuple[str, int]:
        """ "per hour", "/s", "a day" after a unit."""
        word = self.at(i).lower
        if word in ("per", "/") or (word in ("a", "an") and DIMENSION[unit][0] in ("length", "times", "USD", "EUR", "GBP")):
            below = ("second", i + 2) if self.at(i + 1).text == "s" else self.unit(i + 1)
            if below and (word in ("per", "/") or DIMENSION[below[0]][0] == "time"):
                return f"{unit}/{below[0]}", below[1]
        return unit, i

    def amount(self, i: int) -> Found | None:
        j, sign, unit = i, 1.0, None
        token, after = self.at(i), self.at(i + 1)
        if token.text in ("-", "−") and after.glued and (after.kind == NUM or after.text in SIGNS):
            if token.glued and (self.at(i - 1).kind != SIGN or self.at(i - 1).text in ")%°"):
                return None
            j, sign = i + 1, -1.0
        elif token.lower == "minus":
            j, sign = i + 1, -1.0
        token, after = self.at(j), self.at(j + 1)
        if token.text in DOLLARS and after.text == "$" and after.glued:
            j, unit = j + 2, DOLLARS[token.text]
        elif token.text in SIGNS:
            j, unit = j + 1, SIGNS[token.text]
        elif token.text in SHORT and DIMENSION[SHORT[token.text]][0].isupper() and token.text.isalpha():
            j, unit = j + 1, SHORT[token.text]
        if not (found := self.number(j, unit is not None)):
            return None
        value = found.values[0] * sign
        got = self.unit(found.last, value)
        if unit is None and got is None:
            return self.bare(replace(found, values=(value,)), i)
        last = found.last
        if got and (unit is None or DIMENSION.get(unit, ("",))[0] == DIMENSION[got[0]][0]):
            unit, last = got
        age = DIMENSION.get(unit, ("",))[0] == "time" and (
            self.seq(last, "old") or self.seq(last, "olds") or self.seq(last, "of age")
        )
        if age:
            return Found(age, "age", (value,), unit, scale=found.scale)
        while (more := self.number(last + (self.at(last).lower == "and"))) and (next_ := self.unit(more.last)):
            (dimension, factor), (other, smaller) = DIMENSION.get(unit, ("", 0)), DIMENSION[next_[0]]
            if dimension != other or smaller >= factor or dimension not in ("length", "mass", "time"):
                break
            value, last = value + more.values[0] * smaller / factor, next_[1]
        if unit in DIMENSION:
            unit, last = self.rate(unit, last)
        dimension = DIMENSION.get(unit.split("/")[0], ("MONEY",))[0]
        kind = "percent" if unit == "%" else "money" if dimension.isupper() else "number" if dimension == "times" else "measure"
        weak = found.weak or self.at(i).lower == "one"
        return Found(last, kind, (value,), unit, weak=weak, scale=found.scale, bound=found.bound)

    def bare(self, found: Found, i: int) -> Found | None:
        """A number without a unit: a year, a numeral after a title, a share, or "one"."""
        before, value, token = self.at(i - 1), found.values[0], self.at(i)
        j = found.last
        for phrase in ("out of", "in"):
            k = self.seq(j, phrase)
            whole = k and found.kind == "number" and self.number(k)
            size = whole.values[0] if whole and whole.kind == "number" and self.unit(whole.last) is None else 0.0
            usual = phrase == "out of" or (size < 1000 and (value == 1 or size in (3, 4, 5, 10, 20, 100)))
            if 0 < value < size and usual:
                return Found(whole.last, "percent", (100 * value / size,), "%")
        if before.lower in TITLES or before.text == "#" or (before.text == "." and self.at(i - 2).text == "No"):
            return replace(found, kind="numeral") if found.kind == "number" else found
        if token.kind == NUM and found.last == i + 1 and len(token.text) == 4 and 1000 <= value <= 2100 and token.text.isdigit():
            return replace(found, kind="date", date=Date(year=int(value)))
        if token.lower == "one" and found.last == i + 1:
            after = self.at(i + 1)
            if before.lower in NOT_AFTER or after.kind != WORD or after.lower in NOT_BEFORE:
                return None
            return replace(found, weak=True)
        return found

    def ordinal(self, i: int) -> Found | None:
        token, after = self.at(i), self.at(i + 1)
        if (
            token.kind == NUM
            and after.glued
            and after.lower in ("st", "nd", "rd", "th")
            and (value := self.digits(i)) is not None
        ):
            return Found(i + 2, "ordinal", (value,))
        if token.lower in ORDINALS:
            if token.lower == "first" and (self.at(i - 1).lower == "at" or self.seq(i, "first of all")):
                return None
            loose = self.at(i - 1).lower not in ("the", *OWNERS, "s")
            return Found(i + 1, "ordinal", (float(ORDINALS[token.lower]),), weak=loose)
        j = self.joint(i + 1)
        if token.lower in TENS and 1 <= ORDINALS.get(self.at(j).lower, 0) <= 9:
            return Found(j + 1, "ordinal", (float(TENS[token.lower] + ORDINALS[self.at(j).lower]),))
        return None

    def roman(self, i: int) -> Found | None:
        """After a title ("Chapter IV"); after another name only II, III, IV, VI … XXXIX ("Henry VIII", not "Malcolm X")."""
        token, before = self.at(i), self.at(i - 1)
        if token.kind != WORD or before.kind != WORD or not token.text.isupper() or not ROMAN.fullmatch(token.text):
            return None
        if before.lower not in TITLES and not (before.text.istitle() and len(token.text) > 1 and set(token.text) <= set("IVX")):
            return None
        digits = [ROMAN_VALUES[c] for c in token.text]
        value = sum(-d if any(d < later for later in digits[k + 1 :]) else d for k, d in enumerate(digits))
        return Found(i + 1, "numeral", (float(value),))

    def times(self, i: int) -> Found | None:
        word, after = self.at(i).lower, self.at(i + 1).lower
        if word not in TIMES or (word == "once" and (self.at(i - 1).lower == "at" or after in ("again", "upon"))):
            return None
        unit, last = self.rate("times", i + 1)
        return Found(last, "number", (TIMES[word],), unit, weak=word == "once")
