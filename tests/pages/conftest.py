"""The page around fakes, served on a free port, and a browser for it where there is one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from inspector.pages import build, launch_options
from models.compressor import Row
from models.registry import Registry
from tests.conftest import WINDOW, fake_rows, tiny_decoder, tiny_soft

LIMIT = 400  # tokens, so that "too long" needs no long text
DESK = {"width": 1280, "height": 900}
TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears; Carl saw 3 of them fall into the river."
LONG = " ".join([TEXT] * 4)  # more than a window: `fake-slow` takes three seconds, and a slow browser can stop it


def slow_row() -> Row:
    """A soft compressor that decodes one token in 120 ms: long enough to be stopped or overtaken."""

    def load(_):
        decoder = tiny_decoder(3)
        step = decoder.step

        def late(state, tokens):
            time.sleep(0.12)
            return step(state, tokens)

        decoder.step = late
        return tiny_soft(decoder, 3)

    return Row("fake-slow", "Fake that takes its time", "soft", (4,), 4, load=load, window=WINDOW, live=True)


def broken_row() -> Row:
    def load(_):
        raise OSError("the disk is on fire\nat line 7")

    return Row("fake-broken", "Fake that fails", "soft", (4,), 4, load=load, window=WINDOW)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on a busy machine may miss a moment: a test that drives one fails when it fails twice (`-ra` lists reruns)."""
    for item in items:
        if item.get_closest_marker("ui"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@contextmanager
def served(**settings) -> Iterator[str]:
    registry = Registry([*fake_rows(), slow_row(), broken_row()])
    runs = {name: settings.pop(name) for name in ("runs", "links", "store", "reader") if name in settings}
    app = build(
        registry,
        settings.pop("compressors", ["fake-a@4", "fake-words@2"]),
        limit=LIMIT,
        present=settings.get("present", False),
        **runs,
    )
    more = {name: settings.pop(name) for name in ("mcp_server", "auth") if name in settings}
    launch = launch_options(**settings) | {"prevent_thread_lock": True, "quiet": True, "server_name": "127.0.0.1"} | more
    _, address, _ = app.launch(**launch)
    try:
        yield address
    finally:
        app.close(verbose=False)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with served() as address:
        yield address


class Pages:
    """Pages of the browser, each in a context of its own; used again: with the scripts compiled, the app is up sooner."""

    def __init__(self, browser) -> None:
        self._browser, self._free = browser, []

    def take(self, viewport: dict, **settings):
        """A page that nobody else holds and that remembers nothing; with other settings of a context, a new one."""
        if settings or not self._free:
            return self._browser.new_context(viewport=viewport, **({"locale": "en-US"} | settings)).new_page()
        page = self._free.pop()
        page.set_viewport_size(viewport)
        return page

    def give(self, page, address: str, again: bool) -> None:
        """Take a page back; one to be used again forgets all that the app kept in it."""
        if not again or page.is_closed():
            page.context.close()
            return
        page.goto("about:blank")
        page.context.clear_cookies()
        page.route("**", lambda route: route.fulfill(content_type="text/html", body=""))  # the server may be gone
        page.goto(address)
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
        page.unroute("**")
        page.goto("about:blank")
        self._free.append(page)


@pytest.fixture(scope="session")
def pages(browser) -> Pages:
    return Pages(browser)


class Visit:
    """One visitor: a page of her own, and what went wrong or out while she was there."""

    def __init__(self, pages: Pages, address: str, login: tuple[str, str] | None = None, viewport=DESK, **context) -> None:
        self.page, self.outside, self.errors = pages.take(viewport, **context), [], []
        self.context, self._pages, self._address, self._again = self.page.context, pages, address, not context
        self.page.set_default_timeout(60_000)
        self._hear(True)
        self.page.goto(address)
        if login:
            self.sign_in(*login)
        self.page.wait_for_selector(".page-head h1", state="attached")  # present mode hides the page
        self.page.wait_for_selector("#source textarea", state="attached")

    def leave(self) -> None:
        self._hear(False)
        self._pages.give(self.page, self._address, self._again)

    def _hear(self, on: bool) -> None:
        """Note requests to elsewhere, and errors; or no longer, where the page goes to somebody else."""
        turn = self.page.on if on else self.page.remove_listener
        for event in ("request", "console", "pageerror", "dialog"):
            turn(event, getattr(self, f"_{event}"))

    def _request(self, request) -> None:
        if not request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            self.outside.append(request.url)

    def _console(self, message) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _pageerror(self, error) -> None:
        self.errors.append(str(error))

    def _dialog(self, dialog) -> None:
        self.errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def sign_in(self, name: str, password: str) -> None:
        """In Gradio's own form, which has no names of fields."""
        self.page.locator("input[type=password]").fill(password)
        self.page.locator("input[type=text], textarea").first.fill(name)
        self.page.keyboard.press("Enter")

    @property
    def box(self):
        return self.page.locator("#source textarea")

    def wait_for_end(self, status: str = "done", after: int = 0) -> None:
        """Until the view shows a run in this state, later than run number `after`."""
        self.page.wait_for_function(
            "([status, after]) => window.inspector.shown?.status === status && window.inspector.shown.run > after",
            arg=[status, after],
        )

    def run_number(self) -> int:
        return self.page.evaluate("window.inspector.shown?.run ?? 0")


@pytest.fixture
def visit(pages, server):
    made: list[Visit] = []

    def open_page(query: str = "", address: str = server, **context) -> Visit:
        made.append(Visit(pages, address + query, **context))
        return made[-1]

    yield open_page
    for one in made:
        one.leave()
    for one in made:
        assert not one.outside
        assert not one.errors
