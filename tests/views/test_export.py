"""A comparison as a Markdown table: its numbers, and texts that try to break out of it."""

import pytest
from markdown_it import MarkdownIt

from inspector.compare import compare
from inspector.inspection import Text
from inspector.views.export import escaped, markdown
from tests.views.made import divergence, retention

HOSTILE = [
    *("a|b", "\\|", "`x` | `y", "<script>alert(1)</script>", "[a](http://b)", "line\nbreak\r\n\r\n| a | b |"),
    *("**x** _y_ ~~z~~", "@someone #1 &amp;", "\x00\x1b[31m", "\u202eabc", "🐝 ${x} {{y}}"),
]


@pytest.fixture(scope="module")
def made(fakes):
    found = compare("Anna gave Ben 12 pears, and Carl saw it.", ["fake-a@4", "fake-words@2"], registry=fakes)
    items = (
        divergence("number"),
        divergence("entity"),
        divergence("entity", "minor"),
        divergence("role", "acceptable"),
        divergence("made"),
    )
    first = found.inspections[0].model_copy(update={"divergences": items, "retention": retention((1, 3), (0, 1), 0.5)})
    last = found.inspections[1].model_copy(update={"divergences": None, "notes": {"divergences": "no pipeline | here"}})
    return found.model_copy(update={"inspections": (first, last)})


def table(text: str) -> list[list[str]]:
    """Cells as a reader of Markdown sees them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert sum(t.type == "table_open" for t in tokens) == 1
    rows: list[list[str]] = []
    for at, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("td_open", "th_open"):
            assert {c.type for c in tokens[at + 1].children} <= {"text", "text_special", "strong_open", "strong_close"}
            rows[-1].append("".join(c.content for c in tokens[at + 1].children))
    return rows


def test_measures_and_counts_by_dimension(made):
    rows = {row[0]: row[1:] for row in table(markdown(made))}
    assert rows["Measure"] == ["fake-a@4", "fake-words@2"]
    assert rows["BLEU"][0] == f"{made.inspections[0].scores.bleu:.1f}"
    assert rows["Ratio"][0] == f"{made.inspections[0].ratio:.1f}×"
    assert rows["Entities"] == ["1/3", "–"] and rows["Numbers"] == ["0/1", "–"] and rows["Role F1"] == ["50.0%", "–"]
    assert rows["Names, identifiers, numbers"] == ["2 + 1", "–"] and rows["Roles"] == ["0", "–"]
    assert rows["Other"] == ["1", "–"] and rows["all"] == ["3 + 1", "–"]
    assert "no pipeline" in markdown(made) and "kept 1 of 3 entities" in markdown(made)
    assert "BERTScore" not in rows


def test_it_speaks_korean(made):
    assert "측정값" in markdown(made, "ko") and "의미 차이" in markdown(made, "ko")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_the_table_or_becomes_markup(made, text):
    hostile = made.inspections[0].model_copy(update={"compressor": f"plug:{text}"})
    comparison = made.model_copy(update={"source": Text(text=text), "inspections": (hostile, made.inspections[1])})
    said = markdown(comparison)
    rows = table(said)
    assert {len(row) for row in rows} == {3} and len(rows) == len(table(markdown(made)))
    unescaped = MarkdownIt("commonmark").parseInline(escaped(text))[0].children
    assert {t.type for t in unescaped} <= {"text", "text_special"}
    assert "|" not in escaped(text) and "\n" not in escaped(text) and "<" not in escaped(text)
    assert "\x00" not in said and "\u202e" not in said and "\x1b" not in said
    if text.isprintable():
        assert "".join(t.content for t in unescaped) == " ".join(text.split())
        assert rows[0][1] == f"plug:{' '.join(text.split())}"
