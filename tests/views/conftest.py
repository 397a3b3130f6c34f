"""The view in Chromium without Gradio: a page that draws the payloads it is given, and notes what went wrong."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

import plotly
import pytest

from tests.views.made import report

STATIC = Path(__file__).parents[2] / "static"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
HARNESS = """<!doctype html><html lang="en"><meta charset="utf-8">
<link rel="stylesheet" href="/compare.css"><link rel="stylesheet" href="/meaning.css">
<style>body{margin:8px;background:#fff}body.dark{background:#0f0f11}</style><script src="/plotly.min.js"></script>
<body><div id="host"></div>
<script type="module">
import { mount } from '/compare.js';
const props = { value: null }, watched = [];
window.show = async (value) => { props.value = value; for (const f of watched) await f(); };
await mount(document.getElementById('host'), props, () => {}, (name, f) => watched.push(f));
window.ready = true;
</script></body></html>"""


class Files(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        made = {"/": HARNESS.encode(), "/plotly.min.js": PLOTLY.read_bytes() if "plotly" in self.path else b""}.get(self.path)
        if made is None:
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "text/javascript")
        self.end_headers()
        return self.wfile.write(made)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=STATIC))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture
def page(browser, address):
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    page.errors = []
    page.on("pageerror", lambda e: page.errors.append(str(e)))
    page.on("dialog", lambda d: (page.errors.append(d.message), d.dismiss()))
    page.goto(address)
    page.wait_for_function("window.ready")
    yield page
    assert page.errors == []
    page.close()


@pytest.fixture(scope="module", autouse=True)
def no_engine():
    """What is shown must not depend on what an engine finds; divergences in these tests are made by hand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inspector.divergence.diverge", lambda *_, **__: report())
        yield
