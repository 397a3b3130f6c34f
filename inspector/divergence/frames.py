"""Who does what to whom: predicates with their arguments, whatever voice or construction says it.

A passive's subject is A1 and its by-phrase A0; a relative clause lends its noun to its verb; joined verbs share a subject;
"gave Bob
a book" and "gave a book to Bob" both have Bob as A2. Labels as in PropBank's numbering, read off a UD tree by rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.divergence.lexicon import lexicon
from inspector.divergence.reading import DAYS_MONTHS, Reading

RELATIVE = frozenset("who whom which that whose".split())


@dataclass
class Frame:
    """A predicate and its arguments: role → head tokens (several where joined by "and")."""

    predicate: int
    roles: dict[str, list[int]] = field(default_factory=dict)

    def add(self, role: str, i: int) -> None:
        if i not in self.roles.setdefault(role, []):
            self.roles[role].append(i)


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
    gaps(r, found)
    verbless(r, found)
    return {v: f for v, f in found.items() if f.roles}


def passive(r: Reading, v: int) -> bool:
    kids = {r.dep[c] for c in r.children[v]}
    if kids & {"nsubj:pass", "aux:pass"}:
        return True
    if r.tag[v] != "VBN":
        return False
    if r.dep[v] == "conj" and r.head[v] < v and not any(r.dep[c].startswith(("aux", "nsubj")) for c in r.children[v]):
        return passive(r, r.head[v])  # "was seen and helped"
    getting = any(r.lemma[c] in ("be", "get") and r.dep[c].startswith("aux") for c in r.children[v])
    reduced = r.dep[v] in ("acl", "advcl", "amod", "xcomp") and "nsubj" not in kids and "obj" not in kids
    return (
        getting and not any(r.lower[c] in ("has", "have", "had", "'ve") for c in r.children[v]) and "obj" not in kids
    ) or reduced


def frame(r: Reading, v: int, copular: bool) -> Frame:
    f = Frame(v)
    by_passive = passive(r, v)
    below = r.children[v] + [g for c in r.children[v] if r.dep[c] == "aux:pass" for g in r.children[c]]  # "got" keeps its subject
    case = {c: case_of(r, c) for c in below}
    for c in below:
        dep = r.dep[c]
        if dep in ("nsubj", "csubj", "nsubj:outer"):
            role = "A1" if by_passive and not copular else "A0"
        elif dep in ("nsubj:pass", "csubj:pass"):
            role = "A1"
        elif (dep == "obl:agent" and not_a_time(r, c)) or (
            by_passive and dep in ("obl", "nmod") and case[c] == "by" and not_a_time(r, c)
        ):
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
    objects = [c for c in below if r.dep[c] == "obj"]
    if r.lemma[v] in GIVING and len(objects) == 2 and not by_passive and "A2" not in f.roles:
        f.roles |= {"A2": joined(r, objects[0]), "A1": joined(r, objects[1])}
    if r.lemma[v] in GIVING and "A2" not in f.roles:
        # "gave the key to Irene" is often read as "the key to Irene".
        for thing in [c for c in below if r.dep[c] == "obj"]:
            for c in r.children[thing]:
                if r.dep[c] == "nmod" and case_of(r, c) == "to":
                    f.add("A2", c)
    if by_passive and "A0" not in f.roles:
        # "was given a book by Mary": the same for the giver.
        for thing in [c for c in below if r.dep[c] in ("obj", "nsubj:pass")]:
            for c in r.children[thing]:
                if r.dep[c] in ("nmod", "nmod:agent") and case_of(r, c) == "by" and c > v:
                    f.add("A0", c)
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
    return (
        r.pos[i] != "NUM"
        and r.lower[i] not in DAYS_MONTHS
        and r.lemma[i]
        not in (
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


def gaps(r: Reading, found: dict[int, Frame]) -> None:
    """Relative clauses and clefts by the order of their words, which survives a tree gone wrong.

    "Bob, whom Alice hit": a subject stands between the pronoun and the verb, so the noun before it is the object; "Alice, who hit
    Bob": the verb follows at once, so it is the subject. "It was Alice who hit Bob" is read alike, and its "it" says nothing.
    """
    for k, low in enumerate(r.lower):
        if low not in RELATIVE or low == "whose" or k < 1 or k + 1 >= len(r):
            continue
        agent = r.lower[k - 1] == "by"
        noun = before(r, k - 1 if agent else k)
        cleft = noun is not None and is_cleft(r, noun)
        if noun is None or (low == "that" and not cleft and r.tag[k] not in ("WDT", "WP")):
            continue
        subject, v = clause_after(r, k)
        if v is None:
            continue
        f = found.setdefault(v, Frame(v))
        for tokens in f.roles.values():
            tokens[:] = [i for i in tokens if i not in (noun, k)]
        if agent and subject is not None:
            f.roles |= {"A0": joined(r, noun), "A1": joined(r, subject)}
        elif subject is None:
            f.roles["A1" if passive(r, v) else "A0"] = joined(r, noun)
            f.roles["A1"] = [i for i in f.roles.get("A1", []) if not verbal(r, i)]
            if not f.roles["A1"] and (thing := after(r, v)) is not None:
                f.roles["A1"] = joined(r, thing)
        else:
            f.roles["A1"] = joined(r, noun)
            f.roles["A1" if passive(r, v) else "A0"] = joined(r, subject)
        if cleft:
            found.pop(noun, None)


def verbless(r: Reading, found: dict[int, Frame]) -> None:
    """ "The referee shot Jack." where the tree knows no verb: a word that can be a past form, between two noun phrases."""
    for first, last in r.sentences:
        if any(r.pos[i] in ("VERB", "AUX") for i in range(first, last + 1)):
            continue
        for i in range(first + 1, last):
            subject = i - 1 if r.pos[i - 1] in ("NOUN", "PROPN", "PRON") else None
            if subject is not None and verbal(r, i) and (thing := after(r, i)) is not None:
                found[i] = Frame(i, {"A0": [subject], "A1": [thing]})
                break


def before(r: Reading, k: int) -> int | None:
    """The noun that a relative pronoun follows, a comma between them or not."""
    i = k - 1 if k and r.lower[k - 1] != "," else k - 2
    return i if i >= 0 and r.pos[i] in ("NOUN", "PROPN", "PRON") and r.sentence[i] == r.sentence[k] else None


def is_cleft(r: Reading, noun: int) -> bool:
    """It was NOUN …"""
    first = r.sentences[r.sentence[noun]][0]
    return any(
        r.lower[i] == "it" and r.lemma[i + 1] == "be" and not any(r.pos[t] == "VERB" for t in range(i + 2, noun))
        for i in range(max(first, noun - 10), noun - 1)
    )


def verbal(r: Reading, i: int) -> bool:
    """A verb by its tag, or a word taken for a noun that is a verb's past form: "bit", "hit", "beat"."""
    if r.pos[i] == "VERB":
        return True
    if r.pos[i] not in ("NOUN", "ADJ") or r.tag[i] == "NNS":
        return False
    base = lexicon().base(r.lower[i], "v")
    return base is not None and (base != r.lower[i] or r.lower[i] in UNCHANGED)


UNCHANGED = frozenset(
    "beat bet bid burst cast cost cut hit hurt let put quit read set shed shut split spread thrust upset".split()
)


def clause_after(r: Reading, k: int) -> tuple[int | None, int | None]:
    """(subject, verb) of the clause that pronoun k opens; no subject where the verb comes first."""
    subject = None
    for i in range(k + 1, min(k + 9, len(r))):
        if r.sentence[i] != r.sentence[k] or (r.lower[i] in (",", ";") and subject is None):
            break
        if r.pos[i] in ("AUX", "ADV", "PART", "DET", "ADJ") and not (subject is not None and verbal(r, i)):
            continue
        if (i == k + 1 or subject is not None or r.pos[i - 1] in ("AUX", "ADV", "PART")) and verbal(r, i):
            return subject, i
        if r.pos[i] in ("NOUN", "PROPN", "PRON"):
            subject = i
        elif r.pos[i] == "VERB":
            return subject, i
    return None, None


def after(r: Reading, v: int) -> int | None:
    """Head of the noun phrase right behind a verb."""
    head = None
    for i in range(v + 1, min(v + 6, len(r))):
        if head is not None and verbal(r, i):
            break
        if r.pos[i] in ("NOUN", "PROPN", "PRON"):
            head = i
        elif head is not None or r.pos[i] not in ("DET", "ADJ", "NUM"):
            break
    return head
