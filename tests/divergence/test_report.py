"""The report as a whole: spans, counts, languages, odd texts, and that it repeats."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.divergence import FRAGMENTS, UNKNOWN, diverge, diverge_many
from inspector.divergence.messages import sentence
from inspector.inspection import KINDS, Report

SEVERITIES = ("serious", "minor", "acceptable")
KOREAN = ("부품 AX-4471-Q를 3개 사라.", "부품 AX-4417-Q를 4개 사라.")
CODE = ("def area(x):\n    return width_of(x) * 12\n", "def area(x):\n    return width_in(x) * 21\n")
PAIRS: dict[str, tuple[str, str]] = {
    "name": ("Bob left Rome in May.", "Bob left Oslo in May."),
    "number": ("The bridge is 120 metres long.", "The bridge is 210 metres long."),
    "role": ("Alice hit Bob.", "Bob hit Alice."),
    "one name for two": ("Anna and Anna sang.", "Anna sang."),
    "negation": ("He did not pay the rent.", "He paid the rent."),
    "pronoun": ("Anna lost her keys.", "Anna lost his keys."),
    "verb": ("The council bought the old mill.", "The council sold the old mill."),
    "sentence lost": ("The boat left the harbour. The king wrote a long letter.", "The boat left the harbour."),
    "sentence invented": ("The boat left the harbour.", "The boat left the harbour. The king wrote a long letter."),
    "all gone": ("The king wrote a long letter to Rome in 1990.", ""),
    "blank": ("The king wrote a long letter to Rome in 1990.", " \n\t "),
    "dots": ("The king wrote a long letter to Rome in 1990.", "..."),
    "all of a long sentence gone": (
        "The old queen bought seven white horses, a red boat and two small houses near the lake.",
        "",
    ),
    "from nothing": ("", "The king wrote a long letter."),
    "both empty": ("", ""),
    "both blank": (" ", "\n"),
    "NUL": ("Bob\x00 left\x00\x07 Rome.", "Bob\x00 left\x00\x07 Oslo."),
    "NUL in a name": ("Anna \x00 Anna left. Anna\x00Smith slept.", "Anna \x00 Clara left."),
    "only NUL": ("\x00\x00", "\x00"),
    "line ends": ("Bob left Rome.\r\n\tAnn  stayed.", "Bob left Oslo.\r\n\r\n\tAnn stayed."),
    "emoji": ("😀 Bob left Rome 👩‍👩‍👧 in 1990.", "😀😀 Bob left Oslo 👩‍👩‍👧 in 1991."),
    "accents": ("Zoë left Málaga.", "Zoe\u0308 left Malmö."),  # one letter, two code points
    "RTL marks": ("Bob left \u2067Rome\u2069 today.", "Bob left \u2067Oslo\u2069 today."),
    "HTML": ("<p>Bob left <b>Rome</b> &amp; Ann.</p>", "<p>Bob left <b>Oslo</b> &amp; Ann.</p>"),
    "script": ("Bob saw <script>alert('{source}')</script>.", "Bob saw <script>alert('{0}')</script> in Rome."),
    "braces": ("Bob wrote {reconstruction} in May.", "Ann wrote {source} in June."),
    "quotes": ('“Go!” said Bob to "Ann".', "'Go!' said Ann to “Bob”."),
    "Korean": KOREAN,
    "Korean for English": ("Bob left Rome in 1990.", "밥은 1990년에 로마를 떠났다."),
    "code": CODE,
    "other text": ("The boat left the harbour at noon.", "A doctor reads books about old horses."),
}


def check(report: Report, source: str, told: str) -> None:
    """What holds for every report."""
    for d in report.divergences:
        assert d.dimension == KINDS[d.kind]
        assert d.source is not None or d.reconstruction is not None
        assert d.reconstruction is not None or d.change == "dropped"
        assert d.source is not None or d.change == "added"
        assert 0 <= d.confidence <= 1
        assert d.explanation == sentence(d.message.key, d.message.arguments)
        assert sentence(d.message.key, d.message.arguments, "ko")
        assert d.overwriting is None and d.in_place is None  # whoever has a decoder fills these
    for row in report.entities:
        assert (row.source is None) is (row.status == "invented")
        assert row.reconstruction is not None or row.status in ("dropped", "kept")
        assert row.status != "dropped" or row.reconstruction is None
    for item in [*report.divergences, *report.entities]:
        for span, text in ((item.source, source), (item.reconstruction, told)):
            if span is not None:
                assert 0 <= span.start < span.end <= len(text)
                assert span.text == text[span.start : span.end]
                assert span.text.strip()
    ranks = [SEVERITIES.index(d.severity) for d in report.divergences]
    assert ranks == sorted(ranks)
    kept = report.retention
    assert kept is not None
    assert kept.entities == sum(row.status != "invented" for row in report.entities)
    assert kept.entities_kept == sum(row.status == "kept" for row in report.entities)
    assert 0 <= kept.numbers_kept <= kept.numbers
    shares = (kept.role_precision, kept.role_recall, kept.role_f1)
    assert all(s is None or 0 <= s <= 1 for s in shares)
    assert len({s is None for s in shares}) == 1
    assert Report.model_validate_json(report.model_dump_json()) == report


@pytest.mark.parametrize("name", PAIRS)
def test_every_report(name: str) -> None:
    source, told = PAIRS[name]
    for one, other in ((source, told), (told, source)):
        report = diverge(one, other)
        check(report, one, other)
        assert diverge(one, other) == report  # it repeats
        check(diverge(one, other, fragments=True), one, other)


@pytest.mark.parametrize("name", PAIRS)
def test_a_text_and_itself(name: str) -> None:
    for text in PAIRS[name]:
        for fragments in (False, True):
            report = diverge(text, text, fragments=fragments)
            check(report, text, text)
            assert report.divergences == ()
            assert all(row.status == "kept" for row in report.entities)
            assert report.retention.entities == report.retention.entities_kept
            assert report.retention.numbers == report.retention.numbers_kept
            assert report.retention.role_f1 in (None, 1.0)


CHANGED = [
    ("name", "entity", "Rome", "Oslo"),
    ("number", "number", "120 metres", "210 metres"),
    ("role", "role", "Alice hit Bob", "Bob hit Alice"),
    ("pronoun", "coreference", "her", "his"),
    ("verb", "predicate", "bought", "sold"),
    ("sentence lost", "topic", "The king wrote a long letter.", None),
    ("sentence invented", "topic", None, "The king wrote a long letter."),
    ("NUL", "entity", "Rome", "Oslo"),
    ("line ends", "entity", "Rome", "Oslo"),
    ("emoji", "entity", "Rome", "Oslo"),
    ("Korean", "identifier", "AX-4471-Q", "AX-4417-Q"),
    ("Korean", "number", "3", "4"),
    ("code", "number", "12", "21"),
]


@pytest.mark.parametrize(("name", "kind", "source", "told"), CHANGED)
def test_what_changed(name: str, kind: str, source: str | None, told: str | None) -> None:
    found = [d for d in diverge(*PAIRS[name]).divergences if d.severity == "serious"]
    assert (kind, source, told) in [
        (d.kind, d.source and d.source.text, d.reconstruction and d.reconstruction.text) for d in found
    ]


KING = "The king wrote a long letter to Rome in 1990."
QUEEN = "The old queen bought seven white horses, a red boat and two small houses near the lake."


@pytest.mark.parametrize("blank", ["", " \n\t ", "\x00"])
@pytest.mark.parametrize("sentences", [[KING], [KING, QUEEN], [QUEEN, KING, QUEEN, KING]], ids=len)
def test_nothing_came_back(blank: str, sentences: list[str]) -> None:
    source = " ".join(sentences)
    report = diverge(source, blank)
    check(report, source, blank)
    assert [(d.kind, d.severity, d.change) for d in report.divergences] == [("topic", "serious", "dropped")] * len(sentences)
    assert [d.source.text for d in report.divergences] == sentences
    assert all(row.status == "dropped" for row in report.entities)
    assert report.retention.numbers > 0 == report.retention.numbers_kept and report.retention.entities_kept == 0


@pytest.mark.parametrize("sentences", [[KING], [KING, QUEEN]], ids=len)
def test_sentences_lost_or_invented_are_said_once_each(sentences: list[str]) -> None:
    short = "The boat left the harbour. The fair opens in May."
    long = short.replace(". ", f". {' '.join(sentences)} ", 1)
    lost, new = diverge(long, short).divergences, diverge(short, long).divergences
    assert [(d.kind, d.change, d.source and d.source.text) for d in lost] == [("topic", "dropped", s) for s in sentences]
    assert [(d.kind, d.change, d.reconstruction.text) for d in new] == [("topic", "added", s) for s in sentences]


def test_right_to_left_marks_hide_no_name() -> None:
    for source, told in (PAIRS["RTL marks"], ("\u202eBob left Rome.\u202c", "\u202eBob left Oslo.\u202c")):
        report = diverge(source, told)
        assert [(d.kind, d.severity) for d in report.divergences][:1] == [("entity", "serious")]
        assert not [row for row in report.entities if row.status == "kept" and "Rome" in row.source.text]


def test_a_swap_and_a_number_are_both_said() -> None:
    kinds = {d.kind for d in diverge("Alice paid Bob 5 euros.", "Bob paid Alice 7 euros.").divergences if d.severity == "serious"}
    assert kinds == {"role", "number"}


@pytest.mark.parametrize(("source", "told"), [("South Korea", "North Korea"), ("Iran", "Iraq"), ("Ireland", "Iceland")])
def test_another_country_is_no_misspelling(source: str, told: str) -> None:
    found = diverge(f"Bob lives in {source}.", f"Bob lives in {told}.").divergences
    assert [(d.severity, d.kind) for d in found][:1] == [("serious", "entity")]


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Korean", "ko"),
        ("code", "und"),
        ("both empty", "und"),
        ("both blank", "und"),
        ("only NUL", "und"),
        ("from nothing", "und"),
    ],
)
def test_languages_without_a_pipeline(name: str, language: str) -> None:
    report = diverge(*PAIRS[name])
    assert report.language == language and report.pipeline is None
    assert report.notes == {"divergences": UNKNOWN}
    assert {d.kind for d in report.divergences} <= {"identifier", "number"}
    assert report.retention.role_f1 is None
    assert all(row.label == "ID" for row in report.entities)


def test_the_pipeline_is_named() -> None:
    report = diverge(*PAIRS["name"])
    assert report.language == "en" and report.notes == {}
    assert report.pipeline == diverge("Bob left.", "Bob left.").pipeline and report.pipeline.startswith("en_")


def test_fragments() -> None:
    source, told = "Alice did not hit Bob in Rome in 1990 with part AX-4471-Q.", "Bob hit Alice Rome 1991 AX-4417-Q"
    report = diverge(source, told, fragments=True)
    check(report, source, told)
    kinds = {d.kind for d in report.divergences}
    assert {"identifier", "number", "negation"} <= kinds <= FRAGMENTS
    assert report.retention.role_f1 is None and report.retention.role_precision is None and report.retention.role_recall is None


@pytest.mark.parametrize("name", PAIRS)
def test_fragments_have_their_own_kinds(name: str) -> None:
    assert {d.kind for d in diverge(*PAIRS[name], fragments=True).divergences} <= FRAGMENTS


ROWS = [  # source, reconstruction, rows that must be there: status, source, reconstruction
    (
        "Bob met Ann in Rome.",
        "Bob met Ann in Oslo.",
        {("kept", "Bob", "Bob"), ("kept", "Ann", "Ann"), ("changed", "Rome", "Oslo")},
    ),
    ("Bob met Einstein.", "Bob met Einstien.", {("kept", "Bob", "Bob"), ("near-miss", "Einstein", "Einstien")}),
    ("Bob slept.", "Bob slept in Rome.", {("kept", "Bob", "Bob"), ("invented", None, "Rome")}),
    ("Bob slept. Bob ate. Bob left.", "Bob slept. Bob ate. Bob left.", {("kept", "Bob", "Bob")}),  # once
    ("Bob took AX-4471-Q.", "Bob took AX-4417-Q.", {("kept", "Bob", "Bob"), ("near-miss", "AX-4471-Q", "AX-4417-Q")}),
]


@pytest.mark.parametrize(("source", "told", "expected"), ROWS)
def test_entities(source: str, told: str, expected: set[tuple[str, str | None, str | None]]) -> None:
    report = diverge(source, told)
    check(report, source, told)
    rows = [(r.status, r.source and r.source.text, r.reconstruction and r.reconstruction.text) for r in report.entities]
    assert set(rows) == expected and len(rows) == len(expected)


@pytest.mark.parametrize(
    ("source", "told", "expected"),
    [
        ("He sold 3 boats and 12 cars.", "He sold 3 boats and 12 cars.", (2, 2)),
        ("He sold 3 boats and 12 cars.", "He sold 3 boats and 21 cars.", (2, 1)),
        ("He sold 3 boats and 12 cars.", "He sold boats and cars.", (2, 0)),
        ("He sold three boats.", "He sold 3 boats.", (1, 1)),  # compared by value
        ("He sold 3 boats and 3 cars.", "He sold 3 boats and cars.", (2, 1)),  # one number stands for one
        ("He sold boats.", "He sold 3 boats.", (0, 0)),
        ("배 3척과 차 12대", "배 3척과 차 21대", (2, 1)),
    ],
)
def test_numbers(source: str, told: str, expected: tuple[int, int]) -> None:
    kept = diverge(source, told).retention
    assert (kept.numbers, kept.numbers_kept) == expected


@pytest.mark.parametrize(
    ("source", "told", "f1"),
    [
        ("Alice hit Bob.", "Alice hit Bob.", 1.0),
        ("Alice hit Bob.", "Bob was hit by Alice.", 1.0),
        ("Alice hit Bob.", "Bob hit Alice.", 0.0),
        ("Alice hit Bob.", "Alice hit Carl.", 0.5),
        ("Alice hit Bob.", "", None),
    ],
)
def test_roles(source: str, told: str, f1: float | None) -> None:
    assert diverge(source, told).retention.role_f1 == f1


def test_many_are_as_one() -> None:
    pairs = list(PAIRS.values()) * 3  # more than one batch
    assert len(pairs) > 64
    one = {pair: diverge(*pair) for pair in PAIRS.values()}
    assert list(diverge_many(iter(pairs))) == [one[pair] for pair in pairs]
    assert list(diverge_many([])) == []


def test_many_are_made_one_batch_at_a_time() -> None:
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield PAIRS["name"]

    next(diverge_many(endless()))
    assert taken <= 64


NAMES = "Anna Boris Clara David Elena Frank Greta Henry Irene Jacob".split()
TOWNS = "Rome Oslo Paris Berlin Madrid Lisbon Vienna Prague Dublin Athens".split()
THINGS = "boat horse letter house garden".split()


def long_text(words: int, different: bool) -> tuple[str, list[tuple[str, str]]]:
    """Short plain sentences; every fiftieth has another number, or another town, than in the first version."""
    said, changed, count, n = [], [], 0, 0
    while count < words:
        town, number = TOWNS[n * 7 % 10], 100 + n
        if n % 50 == 25:
            told = (str(number), str(number + 1000)) if n % 100 == 25 else (town, TOWNS[(n * 7 + 1) % 10])
            changed.append(told)
            if different:
                town, number = (town, told[1]) if told[1].isdigit() else (told[1], number)
        said.append(f"{NAMES[n * 3 % 10]} sold the {THINGS[n % 5]} in {town} for {number} dollars.")
        count += len(said[-1].split())
        n += 1
    return " ".join(said), changed


@pytest.mark.timeout(300)
def test_a_long_text() -> None:
    (source, changed), (told, _) = long_text(4_000, False), long_text(4_000, True)
    report = diverge(source, told)
    check(report, source, told)
    serious = [d for d in report.divergences if d.severity == "serious"]
    assert len(changed) >= 8 and len(serious) == len(changed)
    for d, (was, now) in zip(serious, changed, strict=True):
        assert was in d.source.text and now in d.reconstruction.text
    assert [d.source.start for d in serious] == sorted(d.source.start for d in serious)
    assert report.retention.numbers - report.retention.numbers_kept == sum(was.isdigit() for was, _ in changed)


PIECES = "Anna Bob Rome hit saw gave not never a the to by who 3 12 1990 AX-11 her his boat red . , <b> {x}".split()
words = st.lists(st.sampled_from([*PIECES, "😀", "\x00", "\u202e", "서울"]), max_size=14).map(" ".join)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words, words)
def test_any_texts(source: str, told: str) -> None:
    check(diverge(source, told), source, told)
    check(diverge(source, told, fragments=True), source, told)
