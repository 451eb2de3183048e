"""Folding, languages and terms."""

from __future__ import annotations

import pytest

from scenarios.catalogue import anchor, slug
from scenarios.passages import kinds_asked, relevance
from scenarios.terms import fold, language_of, spoken_language, terms


def test_equal_meanings_fold_into_one() -> None:
    assert fold("提現ＵＳＤＴ") == fold("提现usdt")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("USDT 提现多久到账", "zh"),
        ("where is my 提现?", "en"),
        ("how long", "en"),
        ("VIP?", "en"),
        ("我要withdraw", "zh"),
    ],
)
def test_the_language_is_that_of_most_of_the_text(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["W123456789012", "500", "👍", "TRC20", ""])
def test_codes_and_numbers_have_no_language(text: str) -> None:
    assert spoken_language(text) is None


def test_a_typo_shares_most_of_its_pieces() -> None:
    right, wrong = set(terms("withdrawal")), set(terms("withdrawl"))

    assert len(right & wrong) > len(right) / 2


def test_chinese_counts_in_characters_and_pairs() -> None:
    assert terms("提现") == ["z提", "z现", "z提现"]


def test_anchors_and_slugs_keep_any_script() -> None:
    assert anchor("How long it takes?") == "how-long-it-takes"
    assert slug("取款/提现") == "取款-提现"
    assert slug("!!") == "unnamed"


def test_the_passage_that_answers_comes_first() -> None:
    passages = [
        "Bank card withdrawals arrive in 10 minutes to 2 hours.",
        "USDT withdrawals arrive in 10 to 60 minutes.",
        "A withdrawal needs real-name authentication.",
    ]

    scores = relevance("how long does usdt take", passages)

    assert scores.index(max(scores)) == 1
    assert scores[2] < scores[0]


def test_a_passage_with_nothing_to_say_scores_nothing() -> None:
    assert relevance("hello there", ["Bank cards only."]) == [0.0]


def test_the_kind_of_answer_asked_for_is_recognised() -> None:
    assert kinds_asked("提现要多久") == ["time"]
    assert "amount" in kinds_asked("what is the minimum")
    assert kinds_asked("钱没到") == []
