"""Words that may stand in for others of their kind where the text has none: ours, common, and of several lengths in tokens."""

from __future__ import annotations

TIME = frozenset(
    "time year month week day hour minute second century decade season spring summer autumn fall winter morning evening night "
    "date period era age moment today yesterday january february march april may june july august september october november "
    "december monday tuesday wednesday thursday friday saturday sunday".split()
)
VAGUE = frozenset("part number way thing kind type form use example case one lot name past future other side end fact".split())
NAMES: dict[str, tuple[str, ...]] = {
    "PER": (
        "Brown", "Clark", "Wilson", "Cooper", "Hughes", "Palmer", "Fischer", "Moreau", "Tanaka", "Robert Clark", "James Wilson",
        "Mary Cooper", "Anna Hughes", "Thomas Brown", "Peter Palmer", "Helen Fischer", "George William Clark", "Karl", "Edward",
        "Elizabeth", "Margaret", "Henry Thomas Wilson", "Louis Moreau", "Julia Tanaka",
    ),
    "LOC": (
        "London", "Paris", "Rome", "Spain", "Italy", "Berlin", "Vienna", "Boston", "Chicago", "Texas", "Norway", "Egypt", "Cairo",
        "Sweden", "Kenya", "Brazil", "New York", "New Zealand", "South Africa", "San Francisco", "Hong Kong", "Nova Scotia",
        "Lower Saxony", "Toronto", "Melbourne", "Portugal", "Hungary", "Mexico", "India", "China",
    ),
    "ORG": (
        "the Royal Society", "the Red Cross", "the Labour Party", "the University of Vienna", "the World Bank", "the Navy",
        "the Air Force", "the Senate", "Columbia Records", "Oxford University Press", "General Electric", "the Home Office",
        "Harvard University", "the Boston Globe", "Arsenal", "Siemens", "Microsoft", "Warner Brothers",
    ),
}  # fmt: skip
PEOPLES = (
    "French", "German", "Italian", "Spanish", "Russian", "Chinese", "Japanese", "Indian", "Canadian", "Swedish", "Dutch", "Greek",
    "Polish", "Turkish", "Irish", "British", "American", "Australian", "Danish", "Mexican", "Egyptian", "Hungarian",
)  # fmt: skip
# Nouns that can be counted, by WordNet's word for what they are; the first that fits a noun counts.
NOUNS: dict[str, tuple[str, ...]] = {
    "person": ("teacher", "soldier", "farmer", "doctor", "singer", "lawyer", "writer", "painter", "bishop", "merchant", "sailor"),
    "animal": ("horse", "bird", "wolf", "snake", "bee", "whale", "spider", "rabbit"),
    "plant": ("tree", "flower", "rose", "shrub", "fern", "palm"),
    "building": ("church", "hospital", "castle", "theatre", "hotel", "museum", "school", "prison"),
    "structure": ("bridge", "tower", "church", "castle", "wall", "station", "tunnel", "harbour"),
    "vehicle": ("ship", "train", "car", "truck", "bicycle", "rocket"),
    "organization": ("company", "army", "club", "church", "party", "bank", "union", "orchestra", "committee"),
    "group": ("team", "army", "family", "crew", "band", "choir", "committee", "crowd"),
    "region": ("village", "island", "valley", "province", "desert", "city", "forest", "kingdom"),
    "location": ("village", "island", "valley", "province", "desert", "city", "forest"),
    "music": ("song", "symphony", "opera", "hymn", "march"),
    "publication": ("book", "novel", "magazine", "newspaper", "journal"),
    "writing": ("novel", "poem", "letter", "song", "play", "diary"),
    "communication": ("song", "letter", "film", "speech", "poem", "lecture", "sermon", "novel"),
    "instrument": ("engine", "clock", "camera", "hammer", "lamp", "pump"),
    "artifact": ("engine", "clock", "painting", "bridge", "coat", "book", "machine", "statue", "lamp"),
    "competition": ("race", "war", "election", "match", "fight"),
    "event": ("festival", "war", "race", "wedding", "storm", "trial", "strike", "battle"),
    "activity": ("hunt", "trade", "war", "dance", "search", "trial"),
    "act": ("attack", "journey", "strike", "trial", "visit", "theft"),
    "disease": ("fever", "cough", "cancer", "plague"),
    "substance": ("oil", "water", "salt", "sand", "iron", "glass"),
    "body part": ("hand", "heart", "bone", "eye", "skin"),
    "natural object": ("mountain", "river", "star", "stone", "lake"),
    "attribute": ("colour", "speed", "beauty", "price", "strength", "shape"),
    "measure": ("price", "length", "speed", "weight"),
    "cognition": ("theory", "language", "plan", "method", "belief", "dream"),
    "abstraction": ("law", "language", "price", "theory", "method", "style"),
}  # fmt: skip
NUMBERS = "two three four five six seven eight nine ten twelve twenty thirty forty fifty".split()


def plural(noun: str) -> str:
    if noun == "wolf":
        return "wolves"
    if noun.endswith(("ch", "s", "x", "sh")):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeiou" else noun + "s"


# Verbs: base, third person, past, participle, -ing.
_IRREGULAR = {
    "build": "built built", "buy": "bought bought", "sell": "sold sold", "find": "found found", "lose": "lost lost",
    "lead": "led led", "win": "won won", "leave": "left left", "write": "wrote written", "steal": "stole stolen",
    "hide": "hid hidden", "see": "saw seen", "forget": "forgot forgotten", "sing": "sang sung", "draw": "drew drawn",
    "throw": "threw thrown", "teach": "taught taught", "begin": "began begun", "rise": "rose risen", "fall": "fell fallen",
    "come": "came come", "go": "went gone", "run": "ran run", "sleep": "slept slept", "fight": "fought fought",
    "speak": "spoke spoken", "stand": "stood stood", "sit": "sat sat", "swim": "swam swum", "bring": "brought brought",
    "take": "took taken", "give": "gave given", "hold": "held held", "break": "broke broken", "send": "sent sent",
    "deny": "denied denied", "bury": "buried buried", "marry": "married married", "carry": "carried carried",
    "copy": "copied copied", "study": "studied studied", "admit": "admitted admitted", "stop": "stopped stopped",
    "drop": "dropped dropped", "ban": "banned banned", "grow": "grew grown", "shrink": "shrank shrunk", "say": "said said",
    "know": "knew known", "think": "thought thought", "show": "showed shown", "make": "made made", "occur": "occurred occurred",
    "forbid": "forbade forbidden", "cut": "cut cut", "meet": "met met", "understand": "understood understood", "feed": "fed fed",
    "lend": "lent lent",
}  # fmt: skip


def inflected(verb: str, tag: str) -> str:
    """A verb of these pools with a Penn tag."""
    if tag in ("VB", "VBP"):
        return verb
    if tag == "VBZ":
        return (
            verb[:-1] + "ies"
            if verb.endswith("y") and verb[-2] not in "aeiou"
            else verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "o")) else "s")
        )
    if tag == "VBG":
        if verb in ("die", "lie"):
            return verb[:-2] + "ying"
        double = _IRREGULAR.get(verb, "").split()[:1] == [verb + verb[-1] + "ed"] or verb in (
            "win",
            "run",
            "begin",
            "sit",
            "swim",
            "cut",
            "forget",
            "forbid",
        )
        return (verb + verb[-1] if double else verb[:-1] if verb.endswith("e") and verb[-2:] != "ee" else verb) + "ing"
    past, participle = _IRREGULAR.get(verb, "x x").split()
    if past != "x":
        return participle if tag == "VBN" else past
    return verb + "d" if verb.endswith("e") else verb + "ed"


TRANSITIVE = (
    "build destroy buy sell praise criticise open close attack defend find lose reject win lead ban steal hide forget support "
    "oppose visit ignore copy paint burn protect release capture cancel remove repair study divide save move collect join leave "
    "invent teach warn marry dismiss arrest record print perform finish borrow lend raise lower count measure test clean carry "
    "send receive publish direct manage watch photograph translate sign design rescue betray"
).split()
# Verbs without an object, and the prepositions beside those of time and place that they go with.
ALONE: dict[str, frozenset[str]] = {
    verb: frozenset(prepositions.split())
    for verb, prepositions in {
        "sleep": "with", "sing": "with for to about", "fight": "with against for over", "arrive": "from with",
        "speak": "to with about of for",
        "stand": "with behind", "wait": "for with", "travel": "to from with through into across",
        "rest": "with", "laugh": "about with",
        "work": "with for as", "die": "of from for", "stay": "with", "return": "to from with into as", "dance": "with to",
        "vote": "for against", "march": "to from with through into across", "live": "with",
        "walk": "to from with through into across",
        "escape": "from to with into through", "argue": "with about for against", "sit": "with", "retire": "from as to",
        "suffer": "from",
    }.items()
}  # fmt: skip
CLAUSAL = "deny admit forget say think doubt know claim".split()
# What a verb of encyclopaedias is most plainly contrasted with; the first that fits is tried first.
CONTRAST = {
    "bear": ["bury"], "found": ["dissolve", "close"], "build": ["destroy", "burn"], "open": ["close"], "close": ["open"],
    "win": ["lose"], "lose": ["win"], "begin": ["stop", "end"], "start": ["stop", "end"], "end": ["begin", "start"],
    "join": ["leave"], "leave": ["join"], "increase": ["reduce"], "reduce": ["increase"], "buy": ["sell"], "sell": ["buy"],
    "establish": ["dissolve"], "publish": ["ban", "burn"], "write": ["copy", "burn"], "die": ["live", "marry"],
    "appoint": ["dismiss"], "support": ["oppose"], "oppose": ["support"], "attack": ["defend"], "defend": ["attack"],
    "accept": ["reject"], "reject": ["accept"], "release": ["cancel", "ban"], "create": ["destroy"], "destroy": ["create"],
    "rise": ["fall"], "fall": ["rise"], "arrive": ["leave"], "return": ["leave"], "allow": ["forbid"], "forbid": ["allow"],
    "show": ["hide"], "give": ["deny"], "live": ["die"], "marry": ["teach"], "grow": ["shrink"], "introduce": ["remove"],
    "include": ["exclude"], "remain": ["become"], "love": ["fear"], "praise": ["criticise"], "add": ["remove"],
    "receive": ["reject", "send"], "send": ["receive"], "remove": ["add"], "move": ["stay"], "stay": ["move"],
    "name": ["draw"], "discover": ["forget"], "produce": ["destroy", "buy"], "design": ["destroy", "buy"], "enter": ["leave"],
    "educate": ["arrest"], "elect": ["arrest"], "award": ["deny"], "complete": ["cancel"], "teach": ["study"], "study": ["teach"],
    "prevent": ["cause"], "cause": ["prevent"], "agree": ["refuse"], "refuse": ["agree"], "improve": ["damage"],
}  # fmt: skip
