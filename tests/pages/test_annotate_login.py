"""Annotators who sign in with Gradio's own form: names, roles and what each may see come from the login, not from the browser."""

import json

import pytest

from app import accounts
from inspector.annotations import queues, store
from inspector.annotations.database import open_database
from inspector.annotations.items import Item
from inspector.views.annotate import Annotations
from tests.pages.conftest import served
from tests.pages.test_annotate import EN, PAIR, labels, named, press, said, word

pytestmark = pytest.mark.ui
PASSWORDS = {"anna": "a:1", "ben": "b 2", "judy": "c", "root": "d"}


@pytest.fixture
def place(tmp_path):
    file, known = tmp_path / "labels.db", Annotations(tmp_path / "labels.db", login=True)
    (tmp_path / "accounts").write_text("# who may come\n" + "".join(f"{name}:{word}\n" for name, word in PASSWORDS.items()))
    with open_database(file) as db:
        store.set_person(db, "root", "admin")
        store.set_person(db, "judy", "adjudicator")
    with served(store=known, auth=accounts(tmp_path / "accounts")) as address:
        yield file, address
    known.close()


@pytest.fixture
def come(visit, place):
    def go(name):
        one = visit("?tab=annotate", place[1], login=(name, PASSWORDS[name]))
        one.page.wait_for_selector(".annotate .who")
        return one

    return go


def work(one) -> None:
    one.page.click(".queue [data-do=work]")
    one.page.wait_for_selector(".words .word")


def mark(one, number: str, verdict: str) -> None:
    word(one, "source", "3").click()
    word(one, "reconstruction", number).click()
    press(one, "3", verdict)


def test_names_and_roles_are_the_logins_and_labels_are_hidden_until_ones_own(come, place):
    root = come("root")
    root.page.fill("input[name=queue]", "q")
    root.page.fill("input[name=annotators]", "2")
    root.page.select_option("select[name=shown]", "never")
    root.page.click("form.make button")
    root.page.set_input_files("input[name=files]", named("pairs.jsonl", json.dumps(PAIR)))
    said(root, "annotate.import.done")
    anna, ben = come("anna"), come("ben")
    for one, name in ((anna, "anna"), (ben, "ben")):
        who = one.page.locator(".annotate .who").inner_text()
        assert EN["annotate.who.login"].replace("{name}", name) in who and EN["annotate.role.annotator"] in who
        assert not one.page.locator("form.who, form.make, [data-do=more], [data-do=review]").count()
        work(one)
    mark(anna, "4", "t")
    press(anna, "Enter")
    said(anna, "annotate.stored")
    ben.page.reload()
    ben.page.wait_for_selector(".queue")
    work(ben)
    assert not ben.page.locator(".others section").count()
    mark(ben, "4", "f")
    press(ben, "Enter")
    said(ben, "annotate.stored")
    ben.page.locator(".items button").first.click()
    ben.page.wait_for_selector(".others section[data-annotator=anna]")
    assert {who: label.verdict for who, label in next(iter(labels(place).values())).items()} == {
        "anna": "drift",
        "ben": "faithful",
    }
    judy = come("judy")
    judy.page.click("[data-do=review]")
    judy.page.wait_for_selector(".disagreements li")
    assert "anna 1, ben 1" in judy.page.locator(".agreement").inner_text()
    assert "n 1" in judy.page.locator(".agreement table").first.inner_text()
    judy.page.click("[data-do=judge]")
    judy.page.click(".others section[data-annotator=anna] button")
    press(judy, "Enter")
    said(judy, "annotate.gold.stored")


def test_who_signs_in_next_on_the_same_browser_is_somebody_else(come, place):
    with open_database(place[0]) as db:
        queues.create(db, queues.Queue("q", annotators=2, seed=1, shown="never"))
        queues.add_items(db, "q", [(Item(**PAIR), None)])
    one = come("anna")
    one.page.evaluate("localStorage.setItem('inspector-annotator', 'root')")
    one.page.evaluate("localStorage.setItem('inspector-annotator-role', 'admin')")
    work(one)
    mark(one, "4", "t")
    for name, drafts in (("ben", 0), ("anna", 1)):
        one.page.goto(place[1] + "?tab=annotate")
        one.page.click(".annotate .who a")
        one.page.wait_for_selector("input[type=password]")
        one.sign_in(name, PASSWORDS[name])
        one.page.wait_for_selector(".page-head h1")
        one.page.goto(place[1] + "?tab=annotate")
        one.page.wait_for_selector(".annotate .who")
        assert EN["annotate.who.login"].replace("{name}", name) in one.page.locator(".annotate .who").inner_text()
        assert not one.page.locator("form.make").count()
        work(one)
        assert one.page.locator(".draft:visible").count() == one.page.locator(".item .rows .row").count() == drafts


def test_a_wrong_password_lets_nobody_in(browser, place):
    context = browser.new_context()
    page = context.new_page()
    page.goto(place[1])
    page.locator("input[type=password]").fill("a:2")
    page.locator("input[type=text], textarea").first.fill("anna")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Incorrect Credentials")
    assert not page.locator(".annotate, .page-head h1").count()
    context.close()
