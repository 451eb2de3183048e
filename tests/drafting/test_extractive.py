"""The embedded writer, without a graph."""

from __future__ import annotations

import asyncio

import pytest

from drafting.draft import Draft, Message, Piece, Retraction, Turn
from drafting.extractive import ExtractiveWriter
from scenarios.catalogue import Audience, Catalogue
from scenarios.loading import read_catalogue
from scenarios.terms import language_of


def draft(catalogue: Catalogue, query: str, scenario_id: str, *history: Message) -> Draft:
    """The draft for one turn; checks that the pieces make up its text."""
    pieces: list[str] = []

    def emit(part: Piece | Retraction) -> None:
        assert isinstance(part, Piece)
        pieces.append(part.text)

    turn = Turn(
        query=query,
        language=language_of(query),
        category=catalogue.category_of(scenario_id),
        scenario=catalogue[scenario_id],
        history=history,
    )
    result = asyncio.run(ExtractiveWriter().draft(turn, emit))
    assert "".join(pieces) == result.text
    return result


def test_the_question_decides_what_is_answered(catalogue: Catalogue) -> None:
    fee = draft(catalogue, "提现手续费多少", "withdrawals.limits_rules")
    least = draft(catalogue, "最少要提多少", "withdrawals.limits_rules")

    assert "1%" in fee.text
    assert "100 元" in least.text
    assert "1%" not in least.text


def test_a_question_that_a_fact_answers_needs_no_procedure(catalogue: Catalogue) -> None:
    answer = draft(catalogue, "how long does a USDT withdrawal take", "withdrawals.status")

    assert answer.text.startswith("USDT withdrawals usually arrive 10 to 60 minutes")
    assert answer.step_ids == ()
    assert "To go on" not in answer.text


def test_a_problem_gets_the_procedure_and_the_question_for_what_is_missing(
    catalogue: Catalogue,
) -> None:
    answer = draft(catalogue, "my withdrawal has not arrived", "withdrawals.status")

    assert "Open Wallet → Records → Withdrawals" in answer.text
    assert answer.text.rstrip().endswith("?")
    assert "W followed by 12 digits" in answer.text


def test_what_was_given_is_not_asked_again(catalogue: Catalogue) -> None:
    earlier = Message("user", "my number is w202511200001")

    answer = draft(catalogue, "my withdrawal has not arrived", "withdrawals.status", earlier)

    assert "To go on" not in answer.text


def test_only_the_branch_the_customer_is_in_is_given(catalogue: Catalogue) -> None:
    answer = draft(catalogue, "我的提现被退回了，状态已退回", "withdrawals.status")

    assert "已退回" in answer.text
    assert "s3.4" in answer.step_ids
    assert "s3.1" not in answer.step_ids


def test_a_short_follow_up_keeps_its_subject(catalogue: Catalogue) -> None:
    earlier = Message("user", "提现一般多久到账")

    answer = draft(catalogue, "那 USDT 呢", "withdrawals.status", earlier)

    assert "USDT" in answer.text.splitlines()[0]


@pytest.mark.parametrize("query", ["怎么回事", "what is going on", "?", "的"])
def test_any_query_gets_an_answer_in_every_scenario(catalogue: Catalogue, query: str) -> None:
    language = language_of(query)
    for scenario in catalogue.active():
        answer = draft(catalogue, query, scenario.id)

        internal = {s.id for s in scenario.steps if s.audience is Audience.AGENT}
        assert answer.text.strip(), scenario.id
        assert internal.isdisjoint(answer.step_ids), scenario.id
        assert all(r.visibility == "public" for r in answer.references), scenario.id
        assert all(r.language == language for r in answer.references), scenario.id


def test_every_line_is_the_sops_or_a_fixed_phrase(catalogue: Catalogue) -> None:
    for scenario in catalogue.active():
        answer = draft(catalogue, "怎么办", scenario.id)

        texts = [r.quote for r in scenario.references]
        texts += [s.instruction.to("zh") for s in scenario.steps]
        texts += [s.question.to("zh") for s in scenario.slots]
        texts += ["您可以这样处理：", ""]
        plain = [text.replace("**", "").replace("`", "").strip() for text in texts]
        for line in answer.text.splitlines():
            bare = line.strip().lstrip("•0123456789. ").removeprefix("为了继续处理，")
            assert any(bare == text or bare in text for text in plain), (scenario.id, line)


def test_the_same_turn_always_gets_the_same_answer(catalogue: Catalogue) -> None:
    first = draft(catalogue, "bonus not credited", "bonuses_vip.reward_status")

    assert draft(catalogue, "bonus not credited", "bonuses_vip.reward_status") == first


def test_a_scenario_of_prose_alone_is_answered_with_its_prose() -> None:
    catalogue, _ = read_catalogue(
        {"A": {"subcategories": [{"name": "B", "description": "Parcels take 3 days."}, "C"]}}
    )

    assert draft(catalogue, "how long", "a.b").text == "Parcels take 3 days."
    assert 'Reply "agent"' in draft(catalogue, "how long", "a.c").text
