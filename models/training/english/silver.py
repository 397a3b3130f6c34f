"""Wikipedia paragraphs with entities that their own articles define: "Perth is the capital of …" makes *Perth* a LOC everywhere.

Distant supervision: the noun that the first sentence defines a title by decides. Capitalised words that are no
known title are left unknown, so nothing is learnt from them.
"""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from models.training.english.corpora import Sentence

NOUNS = {
    "ORG": "company organization organisation band team club school university college agency party group institute society "
    "newspaper station network corporation firm label league association channel airline bank brand church charity "
    "franchise ministry",
    "LOC": "town city village suburb river lake mountain island county district region province state country area municipality "
    "commune neighbourhood neighborhood street road highway park bay peninsula valley building castle bridge "
    "airport stadium museum "
    "cathedral hospital capital parish township borough community constituency railway settlement hill glacier cape "
    "hamlet locality crater republic nation kingdom continent prefecture shire canton archipelago desert ocean sea "
    "creek canal tower palace temple square",
    "MISC": "film album song book novel series show game magazine play single episode opera poem software language war battle "
    "event festival award championship competition tournament ship aircraft car comic treaty movement religion ep "
    "musical trilogy sitcom anthology soundtrack sculpture painting manga anime newspaper holiday rocket satellite "
    "spacecraft aircraft tank rifle locomotive",
    "PER": "footballer actor actress singer politician player author writer musician composer painter scientist king queen "
    "bishop "
    "general officer cricketer coach artist director philosopher journalist poet lawyer engineer rapper wrestler "
    "driver model historian novelist mathematician physicist chemist biologist economist businessman entrepreneur "
    "guitarist singer-songwriter comedian photographer architect explorer missionary saint pope emperor duke earl "
    "prince princess president senator judge soldier admiral theologian screenwriter producer inventor astronomer activist",
}
TYPE = {noun: kind for kind, text in NOUNS.items() for noun in text.split()}
DEFINED = re.compile(
    r"\b(?:is|was|are|were) (?:a|an|the|one of the|one of)\b ((?:[\w'’\-]+ ){0,8}?[\w'’\-]+?)"
    r"(?: (?:of|in|on|at|from|for|by|to|with|located|based|"
    r"that|which|who|whose|where|and|formed|situated|founded|published|released|written|created|known|near|between)\b|[,.;(])"
)
CAPITAL = re.compile(r"[A-Z]")


def articles(path: Path) -> Iterator[dict]:
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def types(path: Path) -> dict[str, str]:
    """Title without brackets → type; titles of two types are left out."""
    found: dict[str, str | None] = {}
    for row in articles(path):
        title = re.sub(r" \(.*\)$", "", row["title"])
        opening = row["text"][:300]
        if title in found or title.split()[-1] not in opening or not CAPITAL.match(title) or len(title) < 3:
            continue
        kind = define(opening)
        if kind:
            found[title] = kind if found.get(title, kind) == kind else None
    return {t: k for t, k in found.items() if k and not (" " not in t and t.lower() in COMMON)}


COMMON = frozenset("the this that there these those english music science history art".split())


def define(opening: str) -> str | None:
    """Type by the first sentence, or None."""
    if re.search(r"\((?:[^()]*[;,] )?(?:born|b\.) |\([^()]*\d{3,4}\)? ?[–-] ?[^()]*\d{3,4}\) (?:was|is)\b", opening[:200]):
        return "PER"
    match = DEFINED.search(opening)
    if not match:
        return None
    noun = match[1].split()[-1].lower()
    return TYPE.get(noun) or TYPE.get(noun.removesuffix("s"))


def sentences(path: Path, tokenizer, most: int = 9000, every: int = 7) -> Iterator[Sentence]:
    """Paragraphs as one `Sentence` each, labelled where a title stands; every `every`th paragraph is looked at."""
    known = types(path)
    first_words: dict[str, list[list[str]]] = {}
    for title in known:
        parts = [t.text for t in tokenizer(title)]
        first_words.setdefault(parts[0], []).append(parts)
    for options in first_words.values():
        options.sort(key=len, reverse=True)
    given = 0
    for number, row in enumerate(articles(path)):
        if number % every or given >= most:
            continue
        words = [(t.text, bool(t.whitespace_)) for t in tokenizer(row["text"]) if not t.is_space]
        texts = [w for w, _ in words]
        tags = label(texts, first_words, known, re.sub(r" \(.*\)$", "", row["title"]))
        if sum(t[0] == "B" for t in tags) >= 2 + sum(t == "-" for t in tags) // 6:
            given += 1
            yield Sentence(words=texts, spaces=[s for _, s in words], ents=tags, document=f"wikipedia-{number}")


def label(words: list[str], first_words: dict[str, list[list[str]]], known: dict[str, str], title: str) -> list[str]:
    """IOB2 tags, "-" for capitalised words that no title explains."""
    tags: list[str] = []
    own = known.get(title)
    surname = title.split()[-1] if own == "PER" and " " in title else None
    k = 0
    while k < len(words):
        word = words[k]
        kind, size = None, 1
        if CAPITAL.match(word):
            for parts in first_words.get(word, ()):
                if words[k : k + len(parts)] == parts:
                    kind, size = known.get(" ".join(parts)), len(parts)
                    break
            if word == surname and size == 1:
                kind = "PER"
            after = words[k + size] if k + size < len(words) else ""
            before = words[k - 1] if k else "."
            beside = CAPITAL.match(after) or (CAPITAL.match(before) and tags[-1:] == ["-"])
            starts = before in (".", '"', "“", ":", "(") or k == 0
            if kind is None or (beside and size == 1) or (starts and size == 1 and word.lower() != word and word in STARTERS):
                tags += ["O" if starts and word in STARTERS else "-"] * size
            else:
                tags += [f"B-{kind}"] + [f"I-{kind}"] * (size - 1)
        else:
            tags.append("O")
        k += size
    return tags


STARTERS = frozenset(
    "The A An In On At It He She They This These That Those His Her Its Their There After Before During As By For From With When "
    "While Although However Since Until Some Many Most Other Both Each One Two Three First Also According Although "
    "Because If I We "
    "Another All Despite Following Under Between To Of And But Or Not No So Then Now Today Later Early Such".split()
)


# Self-training: a first model's entities on many paragraphs, each name given the type that most of its mentions get.

TITLE_VOTES = 25  # what an article's own definition of its title counts, in mentions
LEAST_VOTES = 3


def votes(docs, known: dict[str, str]) -> dict[str, str]:
    """Name → type by majority over all its mentions and the definition of its article; names that stay in doubt are left out."""
    found: dict[str, Counter[str]] = {}
    for doc in docs:
        for e in doc.ents:
            found.setdefault(e.text, Counter())[e.label_] += 1
    for title, kind in known.items():
        if title in found:
            found[title][kind] += TITLE_VOTES
    sure = {}
    for name, counts in found.items():
        (kind, most), total = counts.most_common(1)[0], counts.total()
        if total >= LEAST_VOTES and most >= 0.6 * total:
            sure[name] = kind
    return sure


def relabelled(doc, sure: dict[str, str]) -> tuple[list[str], int, int]:
    """IOB2 tags of a document with the voted types, "-" where in doubt; and how many entities are sure and in doubt."""
    tags = ["-" if t.text[:1].isupper() and not t.is_sent_start and t.i and t.text not in STARTERS else "O" for t in doc]
    good = doubtful = 0
    for e in doc.ents:
        kind = sure.get(e.text)
        if kind is None and len(e) > 1 and e.label_ == "PER" and sure.get(e[-1:].text, "PER") == "PER":
            kind = "PER"
        good, doubtful = good + (kind is not None), doubtful + (kind is None)
        tags[e.start : e.end] = ["-"] * len(e) if kind is None else [f"B-{kind}"] + [f"I-{kind}"] * (len(e) - 1)
    return tags, good, doubtful


def confident(docs, sure: dict[str, str]) -> Iterator[Sentence]:
    """Documents with three or more entities whose type is sure, and few in doubt."""
    for number, doc in enumerate(docs):
        tags, good, doubtful = relabelled(doc, sure)
        if good >= 3 and good >= 4 * doubtful:
            kept = [(t, tag) for t, tag in zip(doc, tags, strict=True) if not t.is_space]
            yield Sentence(
                words=[t.text for t, _ in kept],
                spaces=[bool(t.whitespace_) for t, _ in kept],
                ents=[tag for _, tag in kept],
                document=f"labelled-{number}",
            )
