"""Place, time, cause, purpose and comparison: the word that relates them changed, or they hang on another event."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.divergence.entity import UNITS, anchor
from inspector.divergence.exchange import exchange
from inspector.divergence.finding import Finding, phrase, place
from inspector.divergence.lexicon import lexicon
from inspector.divergence.names import same_name
from inspector.divergence.pairing import Pair
from inspector.divergence.reading import Reading
from inspector.divergence.topic import gone, invented

# Markers that may stand for each other; two of different groups say different things.
GROUPS = [
    "before prior until till", "after following since once upon", "because since as due owing thanks",
    "although though despite notwithstanding while whereas even but yet however",
    "if provided whether", "unless", "during in throughout amid while within", "to into onto toward towards unto for",
    "from off out", "over above across beyond", "under below beneath underneath",
    "with alongside along together", "without", "against versus", "for on behalf", "by via through", "like as",
    "unlike", "than", "about regarding concerning on of around approximately",
    "at in on", "near beside by around close", "inside within in", "outside", "between among amongst",
    "per every each", "so thus therefore hence consequently", "up", "down",
]  # fmt: skip
OF = {}
for number, group in enumerate(GROUPS):
    for word in group.split():
        OF.setdefault(word, set()).add(number)
STRONG = frozenset(
    "before after until because although though despite if unless during without against over under above below "
    "than like unlike from to into out up down inside outside since".split()
)
OPPOSED = [
    set(x.split("/"))
    for x in (
        "before/after over/under above/below up/down from/to with/without into/out for/against because/although because/despite "
        "inside/outside like/unlike if/unless within/outside"
    ).split()
]


def find(p: Pair) -> Iterator[Finding]:
    yield from markers(p)
    yield from adjuncts(p)
    yield from insertions(p)
    yield from anchors(p)


def markers(p: Pair) -> Iterator[Finding]:
    a, b = p.source, p.reconstruction
    for i in range(len(a)):
        j = p.match[i]
        if (
            a.pos[i] not in ("ADP", "SCONJ", "CCONJ")
            or j < 0
            or p.how[i] != "changed"
            or b.pos[j] not in ("ADP", "SCONJ", "CCONJ", "ADV")
        ):
            continue
        x, y = a.lower[i], b.lower[j]
        if OF.get(x, set()) & OF.get(y, set()):
            continue
        opposed = {x, y} in OPPOSED
        if ((not opposed and not (x in STRONG or y in STRONG)) or {x, y} == {"and", "or"}) and {x, y} != {"and", "or"}:
            continue
        steady = p.kept(a.head[i]) and p.match[a.head[i]] == b.head[j]
        yield Finding(
            "relation",
            "serious" if opposed and steady else "minor",
            "substituted",
            place(a, i),
            place(b, j),
            "relation.marker",
            {"source": a.words[i], "reconstruction": b.words[j], "what": a.words[a.head[i]]},
            0.8 if opposed and steady else 0.5,
        )


def adjuncts(p: Pair) -> Iterator[Finding]:
    """Prepositional phrases: gone, new, or with another noun in them."""
    a, b = p.source, p.reconstruction
    for i in adjunct_heads(a):
        if p.match[i] < 0 and not any(p.kept(k) for k in a.subtree(i) if a.content[k]) and p.kept(a.head[i]):
            tokens = a.subtree(i)
            yield Finding(
                "relation",
                "minor",
                "dropped",
                a.span(tokens[0], tokens[-1]),
                None,
                "relation.dropped",
                {"source": a.said(tokens[0], tokens[-1]), "what": a.words[a.head[i]]},
                0.45,
            )
        elif p.match[i] >= 0 and p.kept(i) and (p.moved[i] or p.moved[a.head[i]]):
            yield from other_event(p, i)
    for j in adjunct_heads(b):
        tokens = b.subtree(j)
        if any(p.back[k] >= 0 for k in tokens if b.dep[k] not in ("case", "mark", "det", "punct")):
            continue
        heavy = sum(b.content[k] for k in tokens)
        anew = loose_at(p, tokens[0])
        yield Finding(
            "relation",
            "serious" if (heavy >= 2 or b.name_of[j] >= 0 or b.pos[j] == "NUM") and not anew else "minor",
            "added",
            None,
            b.span(tokens[0], tokens[-1]),
            "relation.added",
            {"reconstruction": b.said(tokens[0], tokens[-1]), "what": b.words[b.head[j]]},
            0.65,
            anchor(p, tokens[0]),
        )


PLACES = frozenset(
    "in at on near into inside outside within across throughout around over under through during since until after "
    "before from to towards because".split()
)


def loose_at(p: Pair, j: int) -> bool:
    """What is new at token j stands where a sentence was written anew."""
    while j >= 0 and p.back[j] < 0:
        j -= 1
    here = p.source.sentence[p.back[j]] if j >= 0 else 0
    return max(p.rewritten[max(here - 1, 0) : here + 2]) > BESIDE


def anchors(p: Pair) -> Iterator[Finding]:
    """Where, when or why: the noun of an adjunct exchanged.

    A name's own change is the entity's; the event it ties is told here.
    """
    a, b = p.source, p.reconstruction
    for i in range(len(a)):
        j = p.match[i]
        if (
            j < 0
            or a.pos[i] not in ("NOUN", "PROPN")
            or b.pos[j] not in ("NOUN", "PROPN")
            or a.dep[i].split(":")[0] not in ("obl", "nmod")
        ):
            continue
        if (
            p.how[i] != "changed"
            or a.lemma[i] in UNITS
            or not any(a.lower[c] in PLACES for c in a.children[i] if a.dep[c] == "case")
        ):
            continue
        named = a.name_of[i] >= 0 or b.name_of[j] >= 0
        if named and same_name(a.name_text(i), b.name_text(j)):
            continue
        verdict = exchange(p, i, j)
        case = next(c for c in a.children[i] if a.dep[c] == "case")
        now = next((c for c in b.children[j] if b.dep[c] == "case"), j)
        left, right = (min(case, phrase(a, i)[0]), phrase(a, i)[1]), (min(now, phrase(b, j)[0]), phrase(b, j)[1])
        yield Finding(
            "relation",
            "minor" if named else verdict.severity,
            "substituted",
            place(a, *left),
            place(b, *right),
            "relation.anchor",
            {"source": a.said(*left), "reconstruction": b.said(*right), "what": a.words[a.head[i]]},
            0.7 if named else verdict.confidence,
        )


LONGEST = 14  # words of a phrase that is told as one
BESIDE = 0.15  # share of a sentence put otherwise up to which something new counts as added to it


def insertions(p: Pair) -> Iterator[Finding]:
    """Something said beside what was there: new words only, two or more with content, and nothing gone for them."""
    a, b = p.source, p.reconstruction
    lost_sentences, new_sentences = gone(p), invented(p)  # are told as such
    for change in p.changes:
        new = trimmed(b, [j for j in change.reconstruction if p.back[j] < 0 and b.sentence[j] not in new_sentences])
        heavy = [j for j in new if b.content[j]]
        replaced = [i for i in change.source if a.pos[i] not in ("PUNCT", "CCONJ", "DET")]
        here = a.sentence[min(max(change.before[0], 0), len(a) - 1)]
        anew = max(p.rewritten[max(here - 1, 0) : here + 2]) > BESIDE
        company = p.reworded[a.sentence[min(change.after[0], len(a) - 1)]] if a.sentences else 0
        if len(heavy) >= 2 and not replaced:
            sure = (company < 2 or len(heavy) >= 4) and not anew
            yield Finding(
                "relation",
                "serious" if sure else "minor",
                "added",
                None,
                b.span(new[0], new[-1]),
                "relation.inserted",
                {"reconstruction": b.said(new[0], new[-1])},
                0.7 if sure else 0.45,
                anchor(p, new[0]),
            )
        lost = trimmed(a, [i for i in change.source if p.match[i] < 0 and a.sentence[i] not in lost_sentences])
        light = [i for i in lost if a.content[i]]
        came = [j for j in change.reconstruction if b.content[j] and not p.came(j)]
        if len(light) >= 4 and not came:
            yield Finding(
                "relation",
                "serious" if len(light) >= 6 else "minor",
                "dropped",
                a.span(lost[0], lost[-1]),
                None,
                "relation.left_out",
                {"source": a.said(lost[0], lost[-1])},
                0.55,
            )


def trimmed(r: Reading, tokens: list[int]) -> list[int]:
    """Without punctuation at either end."""
    while tokens and r.pos[tokens[0]] == "PUNCT":
        tokens = tokens[1:]
    while tokens and r.pos[tokens[-1]] == "PUNCT":
        tokens = tokens[:-1]
    return tokens


def adjunct_heads(r) -> list[int]:
    def marked(i: int) -> bool:
        return any(r.dep[c] in ("case", "mark") for c in r.children[i]) and len(r.subtree(i)) <= LONGEST

    return [i for i in range(len(r)) if r.dep[i].split(":")[0] in ("obl", "nmod", "advcl") and marked(i)]


def other_event(p: Pair, i: int) -> Iterator[Finding]:
    """ "He said on Monday that she left" → "He said that she left on Monday": the head is another verb of the source."""
    a, b = p.source, p.reconstruction
    j = p.match[i]
    if not a.dep[i].startswith("obl") or not b.dep[j].startswith("obl") or a.pos[a.head[i]] != "VERB":
        return
    now = b.head[j]
    back = p.back[now]
    if (
        back >= 0
        and p.kept(back)
        and back != a.head[i]
        and p.kept(a.head[i])
        and p.match[a.head[i]] != now
        and a.pos[back] == "VERB"
        and not lexicon().synonyms(a.lemma[back], a.lemma[a.head[i]], "v")
    ):
        yield Finding(
            "relation",
            "minor",
            "moved",
            place(a, *edges(a, i)),
            place(b, *edges(b, j)),
            "relation.moved",
            {"source": a.said(*edges(a, i)), "what": a.words[a.head[i]], "now": b.words[now]},
            0.5,
        )


def edges(r, i: int) -> tuple[int, int]:
    tokens = r.subtree(i)
    return tokens[0], tokens[-1]
