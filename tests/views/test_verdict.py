"""The verdict in words: a table of what is told of what, in both languages."""

import pytest

from inspector.views.verdict import harm, verdict
from tests.views.made import divergence as d
from tests.views.made import retention

NAMED = d("entity")
CASES = {
    "issue": (
        [d("entity", overwriting=True), NAMED, d("role", change="swapped")],
        retention((7, 9)),
        "kept 7 of 9 entities, swapped one role, overwrote one fact.",
        "개체 9개 중 7개 유지, 역할 1건 뒤바뀜, 사실 1건을 사전 지식으로 덮어씀.",
    ),
    "nothing": ([], None, "no difference in meaning found.", "의미 차이 없음."),
    "all kept": ([], retention((9, 9)), "nothing serious found, kept all 9 entities.", "심각한 차이 없음, 개체 9개 모두 유지."),
    "only minor": (
        [d("topic", "minor"), d("modifier", "minor"), d("predicate", "acceptable")],
        retention((1, 1)),
        "nothing serious found, kept the only entity; two minor differences.",
        "심각한 차이 없음, 하나뿐인 개체 유지; 사소한 차이 2건.",
    ),
    "only acceptable": ([d("predicate", "acceptable")], None, "nothing serious found.", "심각한 차이 없음."),
    "none kept": (
        [NAMED, NAMED],
        retention((0, 2), (1, 4)),
        "kept none of 2 entities, kept 1 of 4 numbers.",
        "개체 2개 모두 지키지 못함, 숫자 4개 중 1개 유지.",
    ),
    "the only one lost": (
        [NAMED],
        retention((0, 1), (0, 1)),
        "did not keep the only entity, did not keep the only number.",
        "하나뿐인 개체를 지키지 못함, 하나뿐인 숫자를 지키지 못함.",
    ),
    "without counts": (
        [NAMED, NAMED, d("number", change="dropped")],
        None,
        "changed two names or things, lost one number.",
        "개체 2건 바뀜, 숫자 1건 빠짐.",
    ),
    "a serious one is never left out": (
        [NAMED],
        retention((9, 9)),
        "kept all 9 entities, changed one name or thing.",
        "개체 9개 모두 유지, 개체 1건 바뀜.",
    ),
    "invented": (
        [d("entity", change="added"), d("identifier", change="added"), d("number", change="added")],
        retention((8, 9), (2, 3)),
        "kept 8 of 9 entities, kept 2 of 3 numbers, invented one name, invented one identifier, invented one number.",
        "개체 9개 중 8개 유지, 숫자 3개 중 2개 유지, 개체 1건 지어냄, 식별자 1건 지어냄, 숫자 1건 지어냄.",
    ),
    "every kind": (
        [
            d("topic", change="dropped"),
            d("relation"),
            d("predicate"),
            d("coreference"),
            d("modifier", change="moved"),
            d("negation", change="dropped"),
            d("role", change="added"),
        ],
        None,
        "added one role, lost one negation, moved one modifier, changed one reference, changed one verb, "
        "changed one time, place or cause, lost one sentence.",
        "역할 1건 덧붙음, 부정 1건 빠짐, 수식어 1건이 다른 말에 걸림, 지시 대상 1건 바뀜, "
        "서술어 1건 바뀜, 때·곳·까닭 1건 바뀜, 문장 1건 빠짐.",
    ),
    "many": ([d("role")] * 12, None, "changed 12 roles.", "역할 12건 바뀜."),
    "a kind of one's own": ([d("irony")] * 2, None, "made two other serious changes.", "그 밖의 심각한 변화 2건."),
    "overwritten roles are not told twice": (
        [d("role", overwriting=True)],
        None,
        "overwrote one fact.",
        "사실 1건을 사전 지식으로 덮어씀.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_verdict(case):
    divergences, kept, english, korean = CASES[case]
    assert verdict(divergences, kept) == english
    assert verdict(divergences, kept, language="ko") == korean


def test_a_name_stands_in_front():
    assert verdict([], name="S@16") == "S@16: no difference in meaning found."


def test_an_unknown_language_is_no_clean_bill():
    assert verdict([], read=False) == "nothing serious found. Only alignment, numbers and identifiers were checked."
    assert verdict([], retention((2, 3), (0, 0)), read=False).startswith("nothing serious found, kept 2 of 3 identifiers. Only")
    assert verdict([], read=False, language="ko") == "심각한 차이 없음. 정렬, 숫자, 식별자만 확인했습니다."


def test_worst_first_means_serious_first():
    assert (
        harm([d("role")]) > harm([d("role", "minor")] * 5_000) > harm([d("role", "minor")]) > harm([d("role", "acceptable")]) == 0
    )
