"""WordNet 3.0's database files and the Moby Thesaurus → one small table, `models/english/lexicon.tsv.xz`.

Kept: senses in order of frequency, hypernyms, similar adjectives, antonyms, derivations, irregular forms. Left out: glosses,
examples, and words that the vectors' training text holds fewer than five times.
"""

from __future__ import annotations

import lzma
from collections import Counter
from pathlib import Path

FILES = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
HYPERNYM, SIMILAR, ANTONYM, DERIVED, PERTAINYM = ("@", "@i"), "&", "!", "+", "\\"
SENSES = 8  # of a word; rarer ones make everything a synonym of everything


def counts(words: Path) -> Counter[str]:
    """How often each lower-cased word stands in a file of spaced tokens."""
    found: Counter[str] = Counter()
    with words.open(encoding="utf-8") as lines:
        for line in lines:
            found.update(line.lower().split())
    return found


def compile_table(wordnet: Path, moby: Path, words: Path, out: Path, least: int = 5) -> int:
    """Write the table; returns how many words it holds.

    Args:
        wordnet: folder with data.noun, index.noun, noun.exc … (Debian: wordnet-base).
        moby: Moby Thesaurus II, a headword and its words a line, between commas (Grady Ward, public domain).
        words: the text of `vectors.write_words`.
        out: where the `.tsv.xz` goes.
    """
    seen = counts(words)
    known = {w for w, n in seen.items() if n >= least}
    synsets: dict[str, tuple[list[str], list[tuple[str, str, str, str]]]] = {}
    for name, pos in FILES.items():
        for line in (wordnet / f"data.{name}").read_text().splitlines():
            if not line.startswith("  "):
                key, members, pointers = synset(line, pos)
                synsets[key] = members, pointers
    senses: dict[tuple[str, str], list[str]] = {}
    for name, pos in FILES.items():
        for line in (wordnet / f"index.{name}").read_text().splitlines():
            if not line.startswith("  "):
                cells = line.split()
                word = cells[0].replace("_", " ")
                if all(part in known for part in word.split()) and word.count(" ") < 2:
                    senses[word, pos] = [pos + offset for offset in cells[-int(cells[2]) :]][:SENSES]
    used = {key for keys in senses.values() for key in keys}
    used |= ancestors(used, synsets)
    number = {key: str(i) for i, key in enumerate(sorted(used))}
    lines = [f"w\t{pos}\t{word}\t{' '.join(number[k] for k in keys)}" for (word, pos), keys in sorted(senses.items())]
    for key in sorted(used):
        members, pointers = synsets[key]
        up = [number[t] for kind, t, _, _ in pointers if kind in HYPERNYM and t in used]
        near = [number[t] for kind, t, _, _ in pointers if kind == SIMILAR and t in used]
        if up or near:
            lines.append(f"s\t{number[key]}\t{' '.join(up)}\t{' '.join(near)}")
        for kind, target, mine, theirs in pointers:
            if kind in (ANTONYM, DERIVED, PERTAINYM) and int(mine) and int(theirs):
                a, b = members[int(mine) - 1], synsets[target][0][int(theirs) - 1]
                if (a, key[0]) in senses and (b, target[0]) in senses and (kind != ANTONYM or a < b):
                    lines.append(f"{'!' if kind == ANTONYM else '+'}\t{key[0]}\t{a}\t{target[0]}\t{b}")
    for name, pos in FILES.items():
        for line in (wordnet / f"{name}.exc").read_text().splitlines():
            form, base = line.split()[:2]
            if form in known and base in known:
                lines.append(f"x\t{pos}\t{form}\t{base}")
    lines += thesaurus(moby, {w for w, n in seen.items() if n >= 3 * least})
    out.write_bytes(lzma.compress("\n".join(dict.fromkeys(lines)).encode(), preset=9))
    return len(senses)


def thesaurus(moby: Path, known: set[str]) -> list[str]:
    """`t`, a word, and the later ones in the alphabet that stand in its list or have it in theirs; lower-case words only."""
    near: dict[str, set[str]] = {}
    for line in moby.read_text(encoding="latin-1").splitlines():
        head, *rest = line.split(",")
        if head in known and head.islower() and head.isalpha():
            for word in rest:
                if word in known and word != head and word.isalpha() and word.islower():
                    near.setdefault(min(head, word), set()).add(max(head, word))
    return [f"t\t{word}\t{' '.join(sorted(words))}" for word, words in sorted(near.items())]


def synset(line: str, pos: str) -> tuple[str, list[str], list[tuple[str, str, str, str]]]:
    """(key, words, [(pointer, target key, number of my word, number of theirs)]) of one line of a data file; see wndb(5WN)."""
    cells = line.split(" | ")[0].split()
    size = int(cells[3], 16)
    members = [cells[4 + 2 * i].split("(")[0].replace("_", " ").lower() for i in range(size)]
    first = 5 + 2 * size
    pointers = []
    for i in range(int(cells[4 + 2 * size])):
        kind, offset, target, numbers = cells[first + 4 * i : first + 4 * i + 4]
        target = "a" if target == "s" else target
        pointers.append((kind, target + offset, str(int(numbers[:2], 16)), str(int(numbers[2:], 16))))
    return pos + cells[0], members, pointers


def ancestors(keys: set[str], synsets: dict) -> set[str]:
    """All hypernyms of the synsets."""
    found, todo = set(), list(keys)
    while todo:
        for kind, target, _, _ in synsets[todo.pop()][1]:
            if kind in HYPERNYM and target not in found:
                found.add(target)
                todo.append(target)
    return found
