"""Folding, languages and terms."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from scenarios.catalogue import anchor, slug
from scenarios.passages import (
    Pool,
    asks_how,
    is_of_kind,
    kinds_asked,
    reports_delay,
    telling_terms,
)
from scenarios.terms import fold, language_of, spoken_language, terms
from tests.conftest import ROOT


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


def test_a_long_message_takes_no_long_time() -> None:
    # Quadratic patterns would take seconds.
    for text in ("a1" * 4000, "a" * 8000, "提现" * 4000, "能" * 8000):
        started = time.perf_counter()
        spoken_language(text)
        kinds_asked(text)
        terms(text)
        assert time.perf_counter() - started < 1


def test_a_typo_shares_most_of_its_pieces() -> None:
    right, wrong = set(terms("withdrawal")), set(terms("withdrawl"))

    assert len(right & wrong) > len(right) / 2


def test_chinese_counts_in_characters_and_pairs() -> None:
    assert terms("提现") == ["z提", "z现", "z提现"]


def test_anchors_and_slugs_keep_any_script() -> None:
    assert anchor("How long it takes?") == "how-long-it-takes"
    assert slug("取款/提现") == "取款-提现"
    assert slug("!!") == "unnamed"


PASSAGES = [
    "Bank card withdrawals arrive in 10 minutes to 2 hours.",
    "USDT withdrawals arrive in 10 to 60 minutes.",
    "A withdrawal needs real-name authentication.",
]


def test_the_passage_that_speaks_of_the_question_comes_first() -> None:
    pool = Pool(PASSAGES)

    scores = [
        pool.relevance(telling_terms("how long does usdt take"), passage) for passage in PASSAGES
    ]

    assert scores.index(max(scores)) == 1


def test_a_passage_with_nothing_in_common_scores_nothing() -> None:
    assert Pool(PASSAGES).relevance(telling_terms("hello there"), PASSAGES[0]) == 0.0


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("e-mail not working", "Check the email address."),
        ("travelling abroad", "When traveling, use the app."),
        ("取款要多久", "提现 2 小时到账"),
        ("最少多少", "单笔最低 100 元"),
    ],
)
def test_different_words_for_one_thing_meet(question: str, passage: str) -> None:
    assert Pool([passage, "x", "y"]).relevance(telling_terms(question), passage) > 0


def test_codes_are_told_apart() -> None:
    pool = Pool(["E1001 means the session expired.", "E1003 means the clock is wrong."])

    assert pool.relevance(telling_terms("E1003"), "E1003 means the clock is wrong.") > 0
    assert pool.relevance(telling_terms("E1003"), "E1001 means the session expired.") == 0


def test_a_single_common_character_names_no_case() -> None:
    pool = Pool(["如果状态是处理中", "如果手机丢了"])

    assert pool.names(telling_terms("我的手表坏了"), "如果手机丢了") == 0.0
    assert pool.names(telling_terms("手机丢了怎么办"), "如果手机丢了") > 0


def test_the_kind_of_answer_asked_for_is_recognised() -> None:
    assert kinds_asked("提现要多久") == ["time"]
    assert "amount" in kinds_asked("what is the minimum")
    assert "permission" in kinds_asked("can i use a vpn")
    assert kinds_asked("我的钱呢") == []
    assert is_of_kind("10 minutes", ["time"])
    assert not is_of_kind("soon", ["time"])


def test_a_delay_and_a_way_are_recognised() -> None:
    assert reports_delay("提了三小时还没到")
    assert reports_delay("still waiting for my money")
    assert not reports_delay("how do I withdraw")
    assert asks_how("怎么绑卡")
    assert not asks_how("怎么回事")


def test_relevance_is_the_same_to_the_last_bit_in_every_process() -> None:
    # Sets of strings are ordered by a hash that every process seeds anew; sums must not care.
    code = (
        "import json, pathlib\n"
        "from scenarios.loading import load_catalogue\n"
        "from scenarios.passages import Pool, telling_terms\n"
        "catalogue, _ = load_catalogue(pathlib.Path('data/catalogue.json'))\n"
        "for scenario in catalogue.open_scenarios():\n"
        "    quotes = [reference.quote for reference in scenario.facts('en')]\n"
        "    pool = Pool(quotes)\n"
        "    asked = telling_terms(scenario.description.to('en'))\n"
        "    print([(pool.relevance(asked, q), pool.names(asked, q)) for q in quotes])\n"
    )
    scores = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip

    assert len(scores) == 1
