"""When two mentions name the same thing: aliases, acronyms, surnames, plural and possessive forms."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from rapidfuzz.distance import OSA

from inspector.divergence.lexicon import lexicon

TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir lady lord president king queen prince princess st saint the a an "
    "captain general colonel judge senator minister pope".split()
)
SMALL = TITLES | frozenset("of and & de la van von der den di da del al bin ibn for in on".split())
ENDINGS = frozenset("inc inc. ltd ltd. corp corp. co co. company plc llc fc f.c. afc jr jr. sr sr.".split())


LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def plain(word: str) -> str:
    """Lower case, no accents, no possessive, no dots."""
    word = unicodedata.normalize("NFKD", word.casefold().translate(LETTERS))
    word = "".join(c for c in word if not unicodedata.combining(c))
    return re.sub(r"['’]s?$|\.", "", word)


def parts(name: str) -> list[str]:
    """Words that count: no titles, articles, or endings of companies."""
    found = [plain(w) for w in re.findall(r"[\w.&'’]+", name)]
    return [w for w in found if w and w not in TITLES and w not in ENDINGS] or found


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def acronym(short: str, long: list[str]) -> bool:
    """NATO: North Atlantic Treaty Organization."""
    letters = plain(short).replace(".", "")
    if not 2 <= len(letters) <= 6 or not short.replace(".", "").isupper() or len(long) < 2:
        return False
    return letters in ("".join(w[0] for w in long), "".join(w[0] for w in long if w not in SMALL))


PEOPLES = [set(x.split("/")) for x in (
    "uk/british/britain/united kingdom/great britain",
    "us/usa/american/america/united states/united states of america", "france/french",
    "germany/german", "netherlands/dutch/holland", "spain/spanish", "greece/greek", "switzerland/swiss",
    "denmark/danish", "ireland/irish",
    "england/english", "wales/welsh", "scotland/scottish/scots", "poland/polish", "turkey/turkish", "thailand/thai",
    "philippines/filipino", "eu/european union",
)]  # fmt: skip
DEMONYM = re.compile(r"(an|ese|ish|i|ic|er)$")
PEOPLE = ("ian", "ean", "ese", "ish", "ak")  # endings of words that are demonyms themselves
NEIGHBOURS = {("niger", "nigerian"), ("roman", "romanian")}


def demonym(x: str, y: str) -> bool:
    """Canada, Canadian: one is the other with an ending of peoples, its last letter gone at most."""
    short, long = sorted((x, y), key=len)
    if (
        not DEMONYM.search(long)
        or len(short) < 4
        or len(long) - len(short) > 4
        or short.endswith(PEOPLE)
        or (short, long) in NEIGHBOURS
    ):
        return False
    return long.startswith(short) or (len(short) > 4 and long.startswith(short[:-1]) and not long.endswith("er"))


def same_name(x: str, y: str) -> bool:
    """The two strings name the same thing, as far as strings can tell."""
    x, y = unescape(x), unescape(y)
    a, b = parts(x), parts(y)
    if not a or not b:
        return plain(x) == plain(y)
    one, two = {singular(w) for w in a}, {singular(w) for w in b}
    if one <= two or two <= one:
        return True
    every = [{plain(w) for w in re.findall(r"[\w.&'’]+", name)} - {"the", "a", "an"} for name in (x, y)]
    if all(every) and (every[0] <= every[1] or every[1] <= every[0]):
        return True
    if any(plain(x.removeprefix("the ")) in group and plain(y.removeprefix("the ")) in group for group in PEOPLES):
        return True
    if acronym(x.strip(), b) or acronym(y.strip(), a):
        return True
    if len(a) == len(b) == 1 and demonym(a[0], b[0]):
        return True
    # J. Smith, John Smith; Jon Smith and John Smith are two people, as far as one can see.
    return (
        a[-1] == b[-1]
        and len(a) == len(b)
        and all((p[0] == q[0] and min(len(p), len(q)) == 1) or p == q for p, q in zip(a, b, strict=True))
    )


def near_miss(x: str, y: str) -> bool:
    """Right shape, wrong characters: at most a fifth of the letters differ, and at most two; another name that exists is none."""
    p, q = plain(x), plain(y)
    distance = OSA.distance(p, q)
    if not 0 < distance <= max(1, min(2, max(len(p), len(q)) // 5)) or min(len(p), len(q)) < 4:
        return False
    table = lexicon()
    pairs = [(v, w) for v, w in zip(p.split(), q.split(), strict=False) if v != w]
    if len(p.split()) != len(q.split()):
        return True
    # Iran is no slip for Iraq: both exist.
    return not all(table.known(v, "n") and table.known(w, "n") and not table.synonyms(v, w, "n") for v, w in pairs)
