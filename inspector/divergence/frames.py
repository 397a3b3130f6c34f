"""Who does what to whom: predicates with their arguments, whatever voice or construction says it.

A passive's subject is A1 and its by-phrase A0; a relative clause lends its noun to its verb; joined verbs share a subject;
"gave Bob
a book" and "gave a book to Bob" both have Bob as A2. Labels as in PropBank's numbering, read off a UD tree by rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.divergence.reading import Reading

RELATIVE = frozenset("who whom which that whose".split())


@dataclass
class Frame:
    """A predicate and its arguments: role → head tokens (several where joined by "and")."""

    predicate: int
    roles: dict[str, list[int]] = field(default_factory=dict)

    def add(self, role: str, i: int) -> None:
        if i not in self.roles.setdefault(role, []):
            self.roles[role].append(i)

    def role_of(self, i: int) -> str | None:
        return next((role for role, found in self.roles.items() if i in found), None)


def frames(r: Reading) -> dict[int, Frame]:
    """Predicate token → frame, for verbs and for nouns or adjectives with a copula."""
    found: dict[int, Frame] = {}
    for v in range(len(r)):
        verbal = r.pos[v] == "VERB" or (r.pos[v] == "AUX" and r.dep[v] not in ("aux", "aux:pass", "cop"))
        copular = any(r.dep[c] == "cop" for c in r.children[v])
        if verbal or copular:
            found[v] = frame(r, v, copular and not verbal)
    for v, f in found.items():
        lend(r, v, f, found)
    clefts(r, found)
    return {v: f for v, f in found.items() if f.roles}


def passive(r: Reading, v: int) -> bool:
    kids = {r.dep[c] for c in r.children[v]}
    if kids & {"nsubj:pass", "aux:pass"}:
        return True
    if r.tag[v] != "VBN":
        return False
    getting = any(r.lemma[c] in ("be", "get") and r.dep[c].startswith("aux") for c in r.children[v])
    reduced = r.dep[v] in ("acl", "advcl", "amod", "xcomp") and "nsubj" not in kids and "obj" not in kids
    return (
        getting and not any(r.lower[c] in ("has", "have", "had", "'ve") for c in r.children[v]) and "obj" not in kids
    ) or reduced


def frame(r: Reading, v: int, copular: bool) -> Frame:
    f = Frame(v)
    by_passive = passive(r, v)
    case = {c: case_of(r, c) for c in r.children[v]}
    for c in r.children[v]:
        dep = r.dep[c]
        if dep in ("nsubj", "csubj", "nsubj:outer"):
            role = "A1" if by_passive and not copular else "A0"
        elif dep in ("nsubj:pass", "csubj:pass"):
            role = "A1"
        elif dep == "obl:agent" or (by_passive and dep in ("obl", "nmod") and case[c] == "by" and not_a_time(r, c)):
            role = "A0"
        elif dep in ("obj", "ccomp") and r.pos[c] not in ("VERB", "AUX"):
            role = "A1"
        elif dep == "iobj" or (dep == "obl" and case[c] in ("to",) and r.lemma[v] in GIVING):
            role = "A2"
        elif copular and dep in ("nmod", "obl") and case[c] in ("of", "to", "with", "than", "from"):
            role = "A1"
        else:
            continue
        for i in joined(r, c):
            f.add(role, i)
    if by_passive and any(r.dep[c] == "obj" for c in r.children[v]) and r.lemma[v] in GIVING:
        # "Bob was given a book": the subject receives, the object is the thing.
        subject = [c for c in r.children[v] if r.dep[c] in ("nsubj:pass", "nsubj")]
        for c in subject:
            for i in joined(r, c):
                if i in f.roles.get("A1", []):
                    f.roles["A1"].remove(i)
                f.add("A2", i)
    return f


GIVING = frozenset(
    "give send offer sell lend show tell teach pay bring hand pass grant award owe promise write read serve throw "
    "deliver lease leave feed "
    "present assign donate return mail ship introduce explain describe".split()
)


def case_of(r: Reading, i: int) -> str:
    return " ".join(r.lower[c] for c in r.children[i] if r.dep[c] == "case")


def not_a_time(r: Reading, i: int) -> bool:
    return r.pos[i] != "NUM" and r.lemma[i] not in (
        "year",
        "month",
        "week",
        "day",
        "hour",
        "monday",
        "friday",
        "noon",
        "%",
        "percent",
    )


def joined(r: Reading, i: int) -> list[int]:
    """The word and what "and" joins to it."""
    return [i, *(c for c in r.children[i] if r.dep[c] == "conj" and r.pos[c] in ("NOUN", "PROPN", "PRON", "NUM"))]


def lend(r: Reading, v: int, f: Frame, found: dict[int, Frame]) -> None:
    """Arguments that stand elsewhere: the noun of a relative clause, the subject of a joined or governed verb."""
    for tokens in f.roles.values():
        for i in tokens:
            if r.lower[i] in RELATIVE and r.dep[v].startswith("acl"):
                tokens[tokens.index(i)] = r.head[v]
    if r.dep[v].startswith("acl") and r.head[v] != v and r.pos[r.head[v]] in ("NOUN", "PROPN", "PRON"):
        noun = r.head[v]
        if not any(noun in t for t in f.roles.values()):
            if passive(r, v):
                f.add("A1", noun)
            elif r.tag[v] == "VBG" and "A0" not in f.roles:
                f.add("A0", noun)
            elif "A0" in f.roles and "A1" not in f.roles and r.dep[v] == "acl:relcl":
                f.add("A1", noun)
            elif "A0" not in f.roles and r.dep[v] == "acl:relcl" and "A1" in f.roles:
                f.add("A0", noun)
    role = "A1" if passive(r, v) else "A0"
    if r.dep[v] in ("conj", "xcomp", "advcl") and role not in f.roles:
        governor = found.get(r.head[v])
        if governor is not None and r.dep[v] != "xcomp":
            mine = "A1" if passive(r, r.head[v]) else "A0"
            for i in governor.roles.get(mine, ()):
                f.add(role, i)
        elif governor is not None:
            # "made Bob leave": the object does it; "wanted to leave": the subject does.
            for i in governor.roles.get("A1") or governor.roles.get("A0", ()):
                f.add(role, i)


def clefts(r: Reading, found: dict[int, Frame]) -> None:
    """ "It was Alice who hit Bob": the copular frame says nothing, and Alice is an argument of the clause."""
    for v in list(found):
        subject = [i for i in found[v].roles.get("A0", []) if r.lower[i] in ("it", "what", "who")]
        if not subject or not any(r.dep[c] == "cop" for c in r.children[v]) or r.pos[v] not in ("NOUN", "PROPN", "PRON"):
            continue
        inner = [c for c in [*r.children[v], *(d for c in r.children[v] for d in r.children[c])] if c in found and c != v]
        for c in inner:
            f = found[c]
            for tokens in f.roles.values():
                for k, i in enumerate(tokens):
                    if r.lower[i] in RELATIVE:
                        tokens[k] = v
            if not any(v in t for t in f.roles.values()):
                if passive(r, c):
                    f.add("A1" if "A1" not in f.roles else "A0", v)
                else:
                    f.add("A0" if "A0" not in f.roles else "A1", v)
        if inner:
            del found[v]
