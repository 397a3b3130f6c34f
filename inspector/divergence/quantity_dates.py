"""Reading dates and times of day off a row of tokens: the other half of what `quantities` does."""

from __future__ import annotations

from dataclasses import replace

from inspector.divergence.quantity_numbers import Date, Found, Numbers
from inspector.divergence.quantity_tables import (
    BEFORE_MONTH,
    DAYS,
    DAYS_CUT,
    DECADES,
    ERAS,
    MONTHS,
    MONTHS_CUT,
    NAMES,
    OWNERS,
    QUARTERS,
    SCALES,
    SEASONS,
    TENS,
    UNDER_20,
)
from inspector.divergence.quantity_tokens import NUM, WORD


class Dates(Numbers):
    """Rules for dates and times; days and years are numbers first."""

    def day(self, i: int) -> tuple[int, int] | None:
        found = self.ordinal(i)
        if found is None and (value := self.digits(i)) and self.at(i).text.isdigit() and self.at(i + 1).text != ":":
            found = Found(i + 1, "number", (value,))
        return (int(found.values[0]), found.last) if found and 1 <= found.values[0] <= 31 else None

    def month(self, i: int) -> tuple[int, int] | None:
        token = self.at(i)
        if token.lower in MONTHS and (token.text[0].isupper() or token.lower not in NAMES):
            return MONTHS[token.lower], i + 1
        if token.lower in MONTHS_CUT and token.text[0].isupper():
            return MONTHS_CUT[token.lower], i + 1 + (self.at(i + 1).text == "." and self.at(i + 1).glued)
        return None

    def year(self, i: int) -> tuple[int, int] | None:
        token, after = self.at(i), self.at(i + 1)
        if token.kind != NUM or len(token.text) != 4 or not token.text.isdigit() or not 1000 <= int(token.text) <= 2100:
            return None
        taken = after.lower in SCALES or (after.glued and after.kind == WORD) or self.unit(i + 1)
        return None if taken else (int(token.text), i + 1)

    def then_year(self, i: int, *links: str) -> tuple[int | None, int]:
        """A year after "," or "of" or nothing."""
        j = i + (self.at(i).lower in (",", *links))
        return self.year(j) or (None, i)

    def date(self, i: int) -> Found | None:
        token = self.at(i)
        short = token.lower in DAYS_CUT
        if not token.text[:1].isupper() or not (short or token.lower in DAYS):
            return self.calendar(i)
        weekday, j = (DAYS_CUT if short else DAYS)[token.lower], i + 1
        j += self.at(j).text == "." and self.at(j).glued and short
        j += self.at(j).text == ","
        found = self.calendar(j + (self.at(j).lower == "the"))
        if found and found.date.day and found.date.month:
            return replace(found, date=replace(found.date, weekday=weekday))
        return None if short else Found(i + 1, "date", (), date=Date(weekday=weekday))

    def calendar(self, i: int) -> Found | None:
        parts = [self.at(k).text for k in range(i, i + 5)]
        joined = all(self.at(k).glued for k in range(i + 1, i + 5)) and all(p.isdigit() and len(p) < 5 for p in parts[::2])
        if joined and parts[1] == parts[3] and parts[1] in "-/":
            a, b, c = map(int, parts[::2])
            year, month, day = (a, b, c) if len(parts[0]) == 4 else (c, b, a) if a > 12 else (c, a, b)
            if 1 <= month <= 12 and 1 <= day <= 31 and 1000 <= year <= 2100:
                return Found(i + 5, "date", (), date=Date(year, month, day))
        if parts[1] == "/" and parts[0].isdigit() and parts[2].isdigit() and self.at(i + 1).glued and parts[3] != "/":
            a, b = int(parts[0][:5]), int(parts[2][:5])
            if 1 <= a <= 12 and 6 < b <= 31 and b not in (8, 10, 16):
                return Found(i + 3, "date", (), date=Date(None, a, b))
            if len(parts[0]) == 4 and 1000 <= a <= 2100 and b == (a + 1) % 100:
                return Found(i + 3, "range", (float(a), a + 1.0))
        if got := self.month(i):
            month, j = got
            day = self.day(j + (self.at(j).lower == "the"))
            if day and (self.at(day[1]).lower in SCALES or self.unit(day[1])):
                day = None
            year, last = self.then_year(day[1] if day else j, "of")
            token = self.at(i)
            alone = token.lower in MONTHS and (token.lower not in NAMES or self.at(i - 1).lower in BEFORE_MONTH)
            if day or year or (alone and token.text[0].isupper()):
                last = j if not (day or year) else last
                return Found(last, "date", (), date=Date(year, month, day and day[0]))
            return None
        if got := self.day(i):
            j = self.joint(got[1])
            if month := self.month(j + (self.at(j).lower == "of")):
                year, last = self.then_year(month[1], "of")
                return Found(last, "date", (), date=Date(year, month[0], got[0]))
        return self.era(i) or self.period(i)

    def era(self, i: int) -> Found | None:
        """ "44 BC", "AD 79"."""
        if self.at(i).text in ("AD", "CE") and (value := self.digits(i + 1)):
            return Found(i + 2, "date", (value,), date=Date(int(value)))
        if (value := self.digits(i)) and value < 10_000 and self.at(i + 1).text in ERAS:
            year = int(value) * ERAS[self.at(i + 1).text]
            return Found(i + 2, "date", (float(year),), date=Date(year))
        return None

    def period(self, i: int) -> Found | None:
        """Decades, centuries, quarters, halves and seasons of a year."""
        token, after, before = self.at(i), self.at(i + 1), self.at(i - 1)
        if token.kind == NUM and after.glued and (after.text == "s" or (after.text in "'’" and self.at(i + 2).text == "s")):
            last, text = i + (2 if after.text == "s" else 3), token.text
            if len(text) == 4 and text.isdigit() and text[-1] == "0" and 1000 <= int(text) <= 2100:
                return Found(last, "date", (), date=Date(int(text), years=100 if text[2:] == "00" and text < "2000" else 10))
            if len(text) == 3 and text.isdigit() and text[-1] == "0":
                return Found(last, "date", (), date=Date(int(text), years=10))
            if text in ("20", "30", "40", "50", "60", "70", "80", "90") and before.lower not in OWNERS:
                return Found(last, "date", (), date=Date(1900 + int(text), years=10))
        if token.lower in DECADES and before.lower not in OWNERS:
            return Found(i + 1, "date", (), date=Date(1900 + DECADES[token.lower], years=10))
        j = self.joint(i + 1)
        if token.lower in DECADES or (token.kind == NUM and after.text == "s" and before.lower in OWNERS and self.digits(i)):
            low = float(DECADES.get(token.lower) or self.digits(i))
            return Found(i + 1 + (token.kind == NUM), "age", (low, low + 9), "year", weak=True)
        if UNDER_20.get(token.lower, 0) >= 13 and self.at(j).lower in DECADES:
            return Found(j + 1, "date", (), date=Date(UNDER_20[token.lower] * 100 + DECADES[self.at(j).lower], years=10))
        part = token.text if token.text in QUARTERS and after.text.isdigit() else None
        if part:  # Q 2
            part, last = f"{part}{after.text}", i + 2
        elif found := self.ordinal(i):
            j, value = self.joint(found.last), int(found.values[0])
            if self.at(j).lower in ("century", "centuries") and value <= 30:
                before_christ = self.at(j + 1).text in ("BC", "BCE")
                year = -value * 100 if before_christ else value * 100 - 100
                return Found(j + 1 + before_christ, "date", (), date=Date(year, years=100))
            k = j + 1 + (self.at(j + 1).lower in ("early", "mid", "late"))
            other = self.ordinal(k) if self.at(j).lower in ("and", "to", "or") and value <= 30 else None
            if other and self.at(self.joint(other.last)).lower in ("century", "centuries"):  # the 18th and 19th centuries
                return Found(found.last, "date", (), date=Date(value * 100 - 100, years=100))
            letter = {"quarter": "Q", "half": "H"}.get(self.at(j).lower)
            part, last = (f"{letter}{value}", j + 1) if letter and value <= 4 else (None, 0)
        elif token.lower in SEASONS:
            part, last = SEASONS[token.lower], i + 1
        if part:
            year, end = self.then_year(last, "of", "in")
            if year or (part[1:].isdigit() and token.text in QUARTERS):
                return Found(end, "date", (), date=Date(year, part=part))
        return None

    def half_day(self, i: int) -> tuple[str | None, int]:
        token = self.at(i)
        if token.lower in ("am", "pm"):
            return token.lower, i + 1
        if token.lower in ("a", "p") and self.at(i + 1).text == "." and self.at(i + 2).lower == "m" and self.at(i + 2).glued:
            return f"{token.lower}m", i + 3 + (self.at(i + 3).text == "." and self.at(i + 3).glued)
        for phrase, half in (("in the morning", "am"), ("in the afternoon", "pm"), ("in the evening", "pm"), ("at night", "pm")):
            if k := self.seq(i, phrase):
                return half, k
        return None, i

    def clock(self, i: int) -> Found | None:
        token = self.at(i)
        if token.lower in ("noon", "midday", "midnight"):
            night = token.lower == "midnight"
            return Found(i + 1, "time", (0.0 if night else 720.0,), "am" if night else "pm")
        numbers = [self.at(k).text for k in (i, i + 2, i + 4)]
        colons = [self.at(k).text == ":" and self.at(k).glued and self.at(k + 1).glued for k in (i + 1, i + 3)]
        if token.kind == NUM and colons[0] and numbers[0].isdigit() and len(numbers[0]) < 4 and "." in numbers[1]:
            return Found(i + 3, "measure", (60.0 * int(numbers[0]) + float(numbers[1][:9]),), "second")
        if token.kind == NUM and colons[0] and numbers[0].isdigit() and numbers[1].isdigit() and len(numbers[0] + numbers[1]) < 9:
            hour, minute = int(numbers[0]), int(numbers[1])
            if colons[1] and numbers[2].isdigit():
                return Found(i + 5, "measure", (3600.0 * hour + 60 * minute + int(numbers[2][:4]),), "second")
            if len(numbers[1]) != 2 or hour > 24 or minute > 59:
                return Found(i + 3, "score", (float(hour), float(minute)))
            return self.told(hour, minute, i + 3)
        if k := self.seq(i, "half past") or self.seq(i, "quarter past") or self.seq(i, "quarter to"):
            hour = self.digits(k) or UNDER_20.get(self.at(k).lower)
            shift = 30 if token.lower == "half" else 15 if self.at(k - 1).lower == "past" else -15
            return self.told(int(hour), shift, k + 1) if hour and hour <= 12 else None
        value = self.digits(i) or UNDER_20.get(token.lower) or TENS.get(token.lower)
        if not value or value > 59:
            return None
        k = self.seq(i + 1, "minutes past") or self.seq(i + 1, "past") or self.seq(i + 1, "minutes to")
        hour = k and (self.digits(k) or UNDER_20.get(self.at(k).lower))
        if hour and hour <= 12:
            return self.told(int(hour), int(value) * (-1 if self.at(k - 1).lower == "to" else 1), k + 1)
        if value > 12.6:
            return None
        if self.at(i + 1).lower == "o" and self.at(i + 3).lower == "clock":
            return self.told(int(value), 0, i + 4)
        half, _ = self.half_day(i + 1)
        if half and self.at(i + 1).lower != "in" and self.at(i + 1).lower != "at":
            return self.told(int(value), round(value % 1 * 100), i + 1)
        return None

    def told(self, hour: int, minute: int, last: int) -> Found:
        half, last = self.half_day(last)
        if half:
            hour = hour % 12 + 12 * (half == "pm")
        elif hour == 0 or hour > 12:
            half = "pm" if 12 <= hour < 24 else "am"
        return Found(last, "time", (float((60 * hour + minute) % 1440),), half)
