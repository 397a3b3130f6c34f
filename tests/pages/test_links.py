"""Links: what the server keeps of a long text, and in Chromium how a link brings a comparison back."""

import stat
import threading

import pytest

from inspector.pages.labels import words
from inspector.pages.links import Links
from tests.pages.conftest import TEXT, served

EN = words()["en"]


class Clock:
    def __init__(self):
        self.time = 1_000_000.0

    def __call__(self):
        return self.time


@pytest.fixture
def links(tmp_path):
    return Links(tmp_path / "links", Clock())


def test_what_is_kept_is_there_until_it_expires(links):
    one, two = links.keep("abc-_", 1), links.keep("xyz", 7)
    assert one != two and links.open(one) == "abc-_" and links.open(two) == "xyz"
    links.now.time += 86_400 - 1
    assert links.open(one) == "abc-_"
    links.now.time += 1
    assert links.open(one) is None and links.open(two) == "xyz"
    links.keep("more", 1)
    assert sorted(p.suffix for p in links.folder.iterdir()) == [".json", ".json"]  # the expired one is gone from the disk


def test_only_this_user_can_read_what_is_kept(links):
    links.keep("abc", 1)
    assert stat.S_IMODE(links.folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in links.folder.iterdir())


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "a" * 15, "a" * 16, "a" * 17, "../links/aaaaaaaa", "a" * 100_000, "\x00" * 16]
)
def test_wrong_names_open_nothing(links, name):
    kept = links.keep("abc", 1)
    assert name != kept and links.open(name) is None


def test_a_damaged_file_opens_nothing_and_is_cleared_away(links):
    kept = links.keep("abc", 1)
    for damage in (b"", b"{", b'{"until": "soon", "letters": 1}', b"\xff\xfe", b"[]"):
        (links.folder / f"{kept}.json").write_bytes(damage)
        assert links.open(kept) is None
    links.keep("xyz", 1)
    assert not (links.folder / f"{kept}.json").exists()


@pytest.mark.parametrize(
    ("letters", "days"), [("", 1), ("a b", 1), ("ü", 1), ("a" * 400_001, 1), ("abc", 2), ("abc", None), ("abc", 10**9)]
)
def test_what_is_no_packed_state_is_not_kept(links, letters, days):
    with pytest.raises(ValueError, match="no packed state"):
        links.keep(letters, days)


def test_the_number_kept_is_bounded(links, monkeypatch):
    monkeypatch.setattr("inspector.pages.links.MOST", 3)
    assert all(links.keep("abc", 1) for _ in range(3)) and links.keep("abc", 1) is None
    links.now.time += 86_400
    assert links.keep("abc", 1)


def test_many_at_once_lose_nothing(links):
    kept: dict[str, str] = {}

    def work(n):
        for i in range(20):
            kept[links.keep(f"{n}-{i}", 1)] = f"{n}-{i}"

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(kept) == 120 and all(links.open(name) == letters for name, letters in kept.items())


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(links=Links(tmp_path_factory.mktemp("links"))) as at:
        yield at


def shared(one) -> str:
    """The link that the dialog offers."""
    one.page.click("#share")
    one.page.wait_for_selector("dialog.share[open]")
    return one.page.input_value("dialog.share input")


def fresh(visit, link: str, address: str):
    assert link.startswith(address)
    return visit(link[len(address) :], address)


HOSTILE = "Text never submitted: ${boom} <b>x</b> `안녕` 👩‍👩‍👧 \\u12 שלום\nAnna met Ben."


@pytest.mark.ui
def test_a_link_brings_back_text_compressors_truncation_and_view(visit, address):
    one = visit("", address)
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()
    one.page.click("button[data-view='words']")
    one.page.click("button[data-choice='surprisal']")
    one.page.click("button[data-choice='word']")
    one.page.select_option("#truncate-mode", "energy")
    one.page.wait_for_function("window.inspector.order().truncate === '90%' && window.inspector.shown.status === 'done'")
    link = shared(one)
    assert "#s=" in link and "?" not in link.partition("#")[0]  # nothing of the text goes to a server
    other = fresh(visit, link, address)
    other.wait_for_end()
    assert other.box.input_value() == TEXT
    assert other.page.evaluate("window.inspector.shown.columns.map((c) => c.name)") == ["fake-a@4", "fake-words@2"]
    assert other.page.input_value("#truncate-mode") == "energy" and other.page.evaluate("window.inspector.truncation") == "90%"
    assert other.page.evaluate("window.inspector.viewState.get()") == {"view": "words", "mode": "surprisal", "unit": "word"}


@pytest.mark.ui
def test_a_text_that_was_never_submitted_is_in_the_link_and_stays_text(visit, address):
    one = visit("?present=1", address)
    one.page.evaluate("document.body.classList.remove('present')")
    one.box.fill(HOSTILE)
    link = shared(one)
    other = fresh(visit, link, address)
    other.wait_for_end()
    assert other.box.input_value() == HOSTILE and "present=1" in link
    assert other.page.evaluate("document.body.classList.contains('present')")


@pytest.mark.ui
def test_a_long_text_is_kept_only_when_that_is_asked_for(visit, address, tmp_path):
    import random

    one, text = visit("", address), " ".join(f"{random.Random(i).random():.9f}" for i in range(400))
    one.box.fill(text)
    assert len(shared(one)) > 1_500 and "may cut it" in one.page.inner_text("dialog.share")
    one.page.select_option("dialog.share select", "7")
    one.page.click(f"dialog.share button:has-text('{EN['share.keep']}')")
    one.page.wait_for_function("document.querySelector('dialog.share input').value.includes('#k=')")
    link = one.page.input_value("dialog.share input")
    assert len(link) < 80
    other = fresh(visit, link, address)
    other.page.wait_for_function("document.querySelector('#source textarea').value.length > 100")
    assert other.box.input_value() == text


@pytest.mark.ui
@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("s=", "share.broken"),
        ("s=%%%", "share.broken"),
        ("s=AAAA", "share.broken"),
        ("s=" + "A" * 70_000, "share.broken"),
        ("k=nobody-knows-it", "share.gone"),
        ("k=" + "A" * 16, "share.gone"),
        ("k=../../x", "share.gone"),
    ],
)
def test_a_wrong_link_gives_one_clear_line_and_the_page_lives(visit, address, fragment, said):
    one = visit(f"#{fragment}", address)
    one.page.wait_for_function("document.querySelector('#look').textContent.length > 0")
    assert one.page.inner_text("#look") == EN[said]
    one.box.fill(TEXT)
    one.page.click("#compare")
    one.wait_for_end()


@pytest.mark.ui
def test_what_a_link_unfolds_to_is_bounded_and_checked(visit, address):
    one = visit("", address)
    unpack = """async ([state]) => {
      const { pack, unpack } = await import(new URL(window.inspector.shareModule, document.baseURI));
      return await unpack(await pack(state));
    }"""
    one.page.evaluate(
        """() => {
          const loaded = performance.getEntriesByType('resource');
          window.inspector.shareModule = loaded.find((e) => e.name.includes('share.js')).name;
        }"""
    )
    good = {
        "v": 1,
        "text": "안녕 👋",
        "compressors": ["a@4"],
        "truncate": "8",
        "view": {"view": "words", "mode": "x", "unit": "word"},
    }
    assert one.page.evaluate(unpack, [good]) == {
        "text": "안녕 👋",
        "compressors": ["a@4"],
        "truncate": "8",
        "view": {"view": "words", "unit": "word"},
    }
    for bad in (
        {**good, "v": 2},
        {**good, "text": 3},
        {**good, "compressors": "a"},
        {**good, "compressors": [3]},
        None,
        [],
        "x",
        {**good, "text": "a" * 2_000_000},
    ):
        assert one.page.evaluate(unpack, [bad]) is None
    assert one.page.evaluate(unpack, [{**good, "truncate": "<b>"}])["truncate"] is None
    asked = {"question": "Who?", "answers": 7, "more": "x"}
    assert one.page.evaluate(unpack, [{**good, "probe": asked}])["probe"] == {"question": "Who?", "answers": "", "others": ""}
